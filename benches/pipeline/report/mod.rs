//! What was measured, kept in a file from one run to the next, and shown in docs/performance.md.

mod plot;
mod tables;

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::drain::Drained;
use super::growth::Grown;
use super::latency::Latency;
use super::limits::Limit;
use super::options::Kind;
use super::peers::Peer;

/// Everything that was measured, each part when it last was.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Figures {
    pub(crate) limits: Vec<Limit>,
    pub(crate) drain: Vec<Drained>,
    pub(crate) latency: Vec<Latency>,
    pub(crate) growth: Vec<Grown>,
    pub(crate) peers: Vec<Peer>,
}

/// A line of the engine's bench `growth`.
#[derive(Debug, Deserialize)]
struct EngineGrown {
    what: String,
    size: u32,
    ns: f64,
    /// Where a quarter and three quarters of the rounds lie.
    ns_quartiles: (f64, f64),
    bytes_per_wearer: Option<i64>,
}

impl Figures {
    /// What is known already; nothing where there is no file.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(file)?;
        serde_json::from_str(&text).with_context(|| file.display().to_string())
    }

    /// Keeps it.
    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        Ok(fs::write(file, serde_json::to_string_pretty(self)? + "\n")?)
    }

    /// Takes in one shape, in place of what was known of it.
    pub(crate) fn drained(&mut self, found: Drained) {
        self.drain.retain(|known| known.shape() != found.shape());
        self.drain.push(found);
        self.drain.sort_by(|a, b| a.shape().cmp(&b.shape()));
    }

    /// Takes in one store's under one load, in place of what was known of it.
    pub(crate) fn late(&mut self, found: Latency) {
        self.latency
            .retain(|known| known.conditions() != found.conditions());
        self.latency.push(found);
        self.latency
            .sort_by(|a, b| a.conditions().cmp(&b.conditions()));
    }

    /// Takes in one store's, in place of what was known of it.
    pub(crate) fn grown(&mut self, store: Kind, found: Vec<Grown>) {
        self.growth.retain(|known| known.store != store.name());
        self.growth.extend(found);
    }

    /// Half as many single fixes a second, in whole thousands, as a store drained in one partition, with
    /// about so many wearers. `None` where that was not measured.
    pub(crate) fn half_of_capacity(&self, store: Kind, wearers: usize) -> Option<u32> {
        let alike = |known: &&Drained| {
            known.store == store.name() && (known.partitions, known.batch) == (1, 1)
        };
        let apart = |known: &&Drained| {
            known
                .wearers
                .abs_diff(u32::try_from(wearers).unwrap_or(u32::MAX))
        };
        let drained = self.drain.iter().filter(alike).min_by_key(apart)?;
        let thousands =
            (1..).take_while(|thousands| f64::from(*thousands) * 2_000.0 <= drained.per_s);
        thousands.last().map(|thousands: u32| thousands * 1_000)
    }

    /// Puts the tables between their markers in `docs/performance.md`, and the plots beside it.
    pub(crate) fn show(&self, docs: &Path, growth: Option<&Path>) -> anyhow::Result<()> {
        let page = docs.join("performance.md");
        let mut text = fs::read_to_string(&page)?;
        let grown = growth.map(engine_grown).transpose()?;
        let engine = grown
            .as_ref()
            .map(|grown| ("engine", tables::engine(grown)));
        for (name, table) in tables::all(self).into_iter().chain(engine) {
            text = between(&text, name, &table).with_context(|| format!("no markers of {name}"))?;
        }
        fs::write(page, text)?;
        let pictures = docs.join("pictures");
        fs::write(
            pictures.join("performance-pipeline.svg"),
            plot::pipeline(&self.drain)?,
        )?;
        fs::write(
            pictures.join("performance-stores.svg"),
            plot::stores(&self.growth)?,
        )?;
        if let Some(grown) = grown {
            let picture = plot::engine(&grown)?;
            fs::write(pictures.join("performance-engine.svg"), picture)?;
        }
        Ok(())
    }
}

/// What the engine's bench printed.
fn engine_grown(file: &Path) -> anyhow::Result<Vec<EngineGrown>> {
    let lines = fs::read_to_string(file)?;
    let lines = lines.lines().filter(|line| line.starts_with('{'));
    Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// The page with something else between two comments. `None` where they are missing.
fn between(page: &str, name: &str, table: &str) -> Option<String> {
    let (open, close) = (
        format!("<!-- {name}: written by scripts/perf -->\n"),
        "<!-- end -->",
    );
    let (before, rest) = page.split_once(&open)?;
    let (_, after) = rest.split_once(close)?;
    Some(format!("{before}{open}{table}{close}{after}"))
}
