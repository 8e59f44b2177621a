//! tagwatch draining a backlog, beside a consumer that does nothing with the same one.

use std::num::NonZeroU16;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use serde::{Deserialize, Serialize};
use testbed::{Mosquitto, PATIENCE, cpu_time, publish};
use tokio::runtime::Runtime;

use super::county::{Amount, County};
use super::installation::Installation;
use super::null::NullConsumer;
use super::options::Kind;
use super::sample::{lossless, median};

/// How often it is asked how far it has come: each look costs a part in a hundred.
const LOOK: Duration = Duration::from_millis(50);

/// One shape of an installation, and what it is to drain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) store: Kind,
    pub(crate) partitions: NonZeroU16,
    pub(crate) wearers: usize,
    pub(crate) amount: Amount,
}

/// What was found: medians of the rounds, each of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Drained {
    pub(crate) store: String,
    pub(crate) partitions: u16,
    pub(crate) wearers: u32,
    pub(crate) batch: usize,
    pub(crate) readings: usize,
    pub(crate) rounds: usize,
    /// Readings a second that the broker hands to a consumer that does nothing.
    pub(crate) null_per_s: f64,
    /// Readings a second that are journaled, judged and acknowledged.
    pub(crate) per_s: f64,
    /// The second over the first, within a round.
    pub(crate) share: f64,
    /// The least and the most of it in a round.
    pub(crate) share_range: (f64, f64),
    /// Processor seconds for a million readings.
    pub(crate) cpu: Cpu,
    /// Readings in a transaction, on average.
    pub(crate) per_commit: f64,
    /// How much of the time some transaction was being committed; more than all of it where partitions
    /// commit at the same time.
    pub(crate) committing: f64,
    /// Alerts that came of it in all rounds, which should be none.
    pub(crate) decisions: f64,
}

/// Processor seconds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Cpu {
    pub(crate) tagwatch: f64,
    pub(crate) broker: f64,
    /// Of PostgreSQL; SQLite is part of tagwatch.
    pub(crate) store: f64,
}

struct Round {
    null_per_s: f64,
    per_s: f64,
    cpu: Cpu,
    per_commit: f64,
    committing: f64,
}

/// Measures one shape: a round that is not counted, then so many that are.
pub(crate) fn measure(runtime: &Runtime, shape: Shape, rounds: usize) -> anyhow::Result<Drained> {
    let broker = Mosquitto::start()?;
    let mut county = County::new(shape.wearers, shape.partitions, (shape.amount, rounds + 1))?;
    let kind = (shape.store, shape.partitions.get());
    let mut tagwatch = Installation::new(kind, broker.port, &county.registry())?;
    tagwatch.start()?;
    tagwatch.stop()?;
    let (mut found, mut decisions) = (Vec::new(), 0.0);
    for number in 0..=rounds {
        let null_per_s = null(runtime, &broker, &county, shape)?;
        let (per_s, cpu) = drain(&broker, &mut tagwatch, &mut county, shape.amount)?;
        decisions += tagwatch.metric("tagwatch_decisions_total")?;
        let commits = tagwatch.metric("tagwatch_commit_seconds_count")?;
        let seconds = tagwatch.metric("tagwatch_commit_seconds_sum")?;
        tagwatch.stop()?;
        if number > 0 {
            let readings = lossless(shape.amount.readings())?;
            found.push(Round {
                null_per_s,
                per_s,
                cpu,
                per_commit: readings / commits,
                committing: seconds * per_s / readings,
            });
        }
    }
    summary(shape, &found, decisions)
}

fn null(
    runtime: &Runtime,
    broker: &Mosquitto,
    county: &County,
    shape: Shape,
) -> anyhow::Result<f64> {
    let Amount { messages, .. } = shape.amount;
    let port = broker.port;
    let consumer = runtime.block_on(NullConsumer::subscribe(port, shape.partitions))?;
    let backlog = county.clone().send(shape.amount)?;
    publish(port, NullConsumer::readdressed(backlog))?;
    let took = runtime.block_on(consumer.drain(messages))?;
    per_second(shape.amount.readings(), took)
}

/// Readings a second, and processor seconds for a million.
fn drain(
    broker: &Mosquitto,
    tagwatch: &mut Installation,
    county: &mut County,
    amount: Amount,
) -> anyhow::Result<(f64, Cpu)> {
    publish(broker.port, county.send(amount)?)?;
    tagwatch.launch()?;
    let expected = amount.readings();
    let (pid, server) = tagwatch.pids()?;
    let costs = || -> anyhow::Result<[f64; 3]> {
        let store = server.map_or(Ok(Duration::ZERO), cpu_time)?;
        let times = [cpu_time(pid)?, cpu_time(broker.process.pid())?, store];
        Ok(times.map(|time| time.as_secs_f64()))
    };
    let begun = Instant::now();
    let mut first = None;
    loop {
        let count = tagwatch.journaled()?;
        let (began, before, spent) = match first {
            Some(known) => known,
            None if count == 0 => (Instant::now(), 0, [0.0; 3]),
            None => *first.insert((Instant::now(), count, costs()?)),
        };
        if count >= expected {
            ensure!(count == expected, "{count} journaled of {expected}");
            let measured = expected - before;
            let millions = lossless(measured)? / 1e6;
            let [now, then] = [costs()?, spent];
            let of = |n: usize| match (now.get(n), then.get(n)) {
                (Some(now), Some(then)) => (now - then) / millions,
                _ => f64::NAN,
            };
            let cpu = Cpu {
                tagwatch: of(0),
                broker: of(1),
                store: of(2),
            };
            return Ok((per_second(measured, began.elapsed())?, cpu));
        }
        if begun.elapsed() > PATIENCE {
            bail!("{count} journaled of {expected}");
        }
        std::thread::sleep(LOOK);
    }
}

fn per_second(readings: usize, took: Duration) -> anyhow::Result<f64> {
    Ok(lossless(readings)? / took.as_secs_f64())
}

fn summary(shape: Shape, rounds: &[Round], decisions: f64) -> anyhow::Result<Drained> {
    let of = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure));
    let share = |round: &Round| round.per_s / round.null_per_s;
    let shares = || rounds.iter().map(share);
    Ok(Drained {
        store: shape.store.name().to_owned(),
        partitions: shape.partitions.get(),
        wearers: u32::try_from(shape.wearers)?,
        batch: shape.amount.batch,
        readings: shape.amount.readings(),
        rounds: rounds.len(),
        null_per_s: of(&|round| round.null_per_s),
        per_s: of(&|round| round.per_s),
        share: of(&share),
        share_range: (
            shares().fold(f64::INFINITY, f64::min),
            shares().fold(f64::NEG_INFINITY, f64::max),
        ),
        cpu: Cpu {
            tagwatch: of(&|round| round.cpu.tagwatch),
            broker: of(&|round| round.cpu.broker),
            store: of(&|round| round.cpu.store),
        },
        per_commit: of(&|round| round.per_commit),
        committing: of(&|round| round.committing),
        decisions,
    })
}

impl Drained {
    /// What tells it from others.
    pub(crate) fn shape(&self) -> (std::cmp::Reverse<&str>, usize, u16, u32) {
        let store = std::cmp::Reverse(self.store.as_str());
        (store, self.batch, self.partitions, self.wearers)
    }
}
