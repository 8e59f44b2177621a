//! The whole pipeline against the limits that it cannot pass: `scripts/perf pipeline`.
//!
//! The broker, PostgreSQL and tagwatch are processes of their own, as released and with the settings we
//! ship; all stand on one machine, and so what they cost is part of what is measured.

mod county;
mod drain;
mod growth;
mod installation;
mod latency;
mod limits;
mod null;
mod options;
mod owner;
mod peers;
mod recipient;
mod report;
mod sample;

use std::num::NonZeroU16;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use tokio::runtime::Runtime;

use county::Amount;
use drain::{Drained, Shape};
use options::{Kind, Options, Step};
use report::Figures;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let mut figures = match &options.json {
        Some(file) => Figures::read(file)?,
        None => Figures::default(),
    };
    if let Some(docs) = &options.docs {
        return figures.show(docs, options.growth.as_deref());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    for step in Step::value_variants() {
        if options.wants(*step) {
            measure(&runtime, *step, &options, &mut figures)?;
        }
        // After each, so that what takes long is not lost with what comes after it.
        if let Some(file) = &options.json {
            figures.write(file)?;
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
fn measure(
    runtime: &Runtime,
    step: Step,
    options: &Options,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let wearers = options.wearers.iter().copied().max().unwrap_or(1);
    match step {
        Step::Limits => {
            figures.limits = limits::measure(runtime, options)?;
            for limit in &figures.limits {
                println!("{:50} {:>12.0} readings/s", limit.what, limit.per_s);
            }
        }
        Step::Drain => {
            for shape in shapes(options)? {
                let found = drain::measure(runtime, shape, options.rounds)?;
                println!("{}", found.line());
                figures.drained(found);
            }
        }
        Step::Latency => {
            for kind in &options.store {
                for load_per_s in loads(options, (*kind, wearers), figures)? {
                    let found = latency::measure(runtime, (*kind, wearers), load_per_s)?;
                    println!("{found:#?}");
                    figures.late(found);
                }
            }
        }
        Step::Growth => {
            for kind in &options.store {
                let found = growth::measure(runtime, *kind, &options.days)?;
                println!("{found:#?}");
                figures.grown(*kind, found);
            }
        }
        Step::Peers => {
            figures.peers = peers::measure(runtime, wearers, options.rounds)?;
            println!("{:#?}", figures.peers);
        }
    }
    Ok(())
}

/// Under how many single fixes a second a store's latency is measured.
fn loads(
    options: &Options,
    (store, wearers): (Kind, usize),
    figures: &Figures,
) -> anyhow::Result<Vec<u32>> {
    if !options.load.is_empty() {
        return Ok(options.load.clone());
    }
    let half = figures
        .half_of_capacity(store, wearers)
        .context("nothing was drained in one partition, so half of it is not known: say --load")?;
    Ok(vec![half])
}

fn shapes(options: &Options) -> anyhow::Result<Vec<Shape>> {
    let mut shapes = Vec::new();
    for store in &options.store {
        for partitions in &options.partitions {
            for wearers in &options.wearers {
                for batch in &options.batch {
                    shapes.push(Shape {
                        store: *store,
                        partitions: NonZeroU16::try_from(*partitions)?,
                        wearers: *wearers,
                        amount: Amount {
                            messages: options.messages,
                            batch: *batch,
                        },
                    });
                }
            }
        }
    }
    Ok(shapes)
}

impl Drained {
    fn line(&self) -> String {
        let (least, most) = self.share_range;
        format!(
            "{:10} {} partitions {:>6} wearers {:>3} a message: {:>8.0} readings/s, null {:>8.0}: {:.0} % \
             ({:.0}–{:.0}); CPU s/M: tagwatch {:.1} broker {:.1} store {:.1}; \
             {:.0} a commit, committing {:.0} %; {} decisions",
            self.store,
            self.partitions,
            self.wearers,
            self.batch,
            self.per_s,
            self.null_per_s,
            100.0 * self.share,
            100.0 * least,
            100.0 * most,
            self.cpu.tagwatch,
            self.cpu.broker,
            self.cpu.store,
            self.per_commit,
            100.0 * self.committing,
            self.decisions
        )
    }
}
