//! How long it takes from a tag's message to a notification in a recipient's hands: under a steady load,
//! and while stored-up readings rush in.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::{TimeDelta, Utc};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use simulator::driver::{Driver, DriverOptions};
use simulator::load::{Arrivals, Stage};
use simulator::report::Delays;
use testbed::{Mosquitto, PATIENCE};
use tokio::runtime::Runtime;

use super::county::{Amount, County, Wearer};
use super::installation::Installation;
use super::options::Kind;
use super::recipient::Recipient;

/// Cut straps a second: few beside the load.
const CUTS_PER_S: u32 = 25;

/// Seconds of a steady load: a thousand cut straps, so that one in a thousand can be told.
const STEADY_S: u32 = 40;

/// Seconds for which stored-up readings come in, and how many times as many as usual.
const STORM_S: u32 = 5;
const STORM_TIMES: u32 = 10;

/// Seconds for which straps are cut from the beginning of the storm.
const STORM_CUTS_S: u32 = 15;

/// Readings in a message of a tag that was out of reach, and the time between two of them.
const STORED: u32 = 60;
const STORED_APART: TimeDelta = TimeDelta::seconds(10);

/// How long such a tag was out of reach: what it stored comes in as many messages as it takes.
const OUT_OF_REACH: TimeDelta = TimeDelta::minutes(50);

/// Until everybody has been heard of, and what that led to is done.
const SETTLED: Duration = Duration::from_secs(5);

/// What was found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Latency {
    pub(crate) store: String,
    /// Single fixes a second besides the cut straps.
    pub(crate) load_per_s: u32,
    /// From the time at which the message was due to the answer of the claim that has it.
    pub(crate) steady: Delays,
    /// The same while stored-up readings come in.
    pub(crate) storm: Delays,
    /// How many stored-up readings came in.
    pub(crate) stored: u32,
    /// Seconds from the first of them until all were journaled and every cut strap told.
    pub(crate) stored_within_s: f64,
    /// One message in a hundred was handed to the broker later than this after its time.
    pub(crate) lateness_p99_ms: f64,
}

impl Latency {
    /// What tells it from others.
    pub(crate) fn conditions(&self) -> (std::cmp::Reverse<&str>, u32) {
        (std::cmp::Reverse(self.store.as_str()), self.load_per_s)
    }
}

/// A message of one kind.
#[derive(Debug, Clone, Copy)]
enum What {
    Fix,
    Cut,
    Stored,
}

/// Three parts of a county: those whose straps are cut, those who report, those who were out of reach.
struct Crowd {
    to_cut: Vec<Wearer>,
    cut: usize,
    reporting: Vec<Wearer>,
    away: Vec<Wearer>,
    /// Messages sent of the kind that takes turns.
    turns: [usize; 2],
    /// Above every number used before.
    seq: u64,
}

/// What was sent, and when it was due.
#[derive(Default)]
struct Sent {
    cuts: BTreeMap<usize, Instant>,
    readings: usize,
    lateness: Vec<Duration>,
}

/// Measures with so many single fixes a second.
pub(crate) fn measure(
    runtime: &Runtime,
    (kind, wearers): (Kind, usize),
    load_per_s: u32,
) -> anyhow::Result<Latency> {
    let broker = Mosquitto::start()?;
    let nothing = Amount {
        messages: 0,
        batch: 1,
    };
    let county = County::new(wearers, NonZeroU16::MIN, (nothing, 0))?;
    let mut tagwatch = Installation::new((kind, 1), broker.port, &county.registry())?;
    tagwatch.start()?;
    let mut crowd = Crowd::of(county.everybody()?)?;
    let driver = {
        let _within = runtime.enter();
        Driver::start(&DriverOptions::new("127.0.0.1", broker.port))
    };
    runtime.block_on(crowd.appear(&driver))?;
    std::thread::sleep(SETTLED);
    let plan = plan(&[
        (What::Fix, STEADY_S, load_per_s),
        (What::Cut, STEADY_S, CUTS_PER_S),
    ]);
    let (steady, sent) = stretch(runtime, &tagwatch, (&driver, &mut crowd), &plan)?;
    let plan = self::plan(&[
        (What::Stored, STORM_S, load_per_s * STORM_TIMES / STORED),
        (What::Cut, STORM_CUTS_S, CUTS_PER_S),
    ]);
    let before = tagwatch.journaled()?;
    let begun = Instant::now();
    let (storm, stormed) = stretch(runtime, &tagwatch, (&driver, &mut crowd), &plan)?;
    while tagwatch.journaled()? < before + stormed.readings {
        ensure!(begun.elapsed() < 2 * PATIENCE, "the storm is not over");
        std::thread::sleep(Duration::from_millis(20));
    }
    let stored_within_s = begun.elapsed().as_secs_f64();
    tagwatch.stop()?;
    let lateness = Delays::of_all(sent.lateness)?;
    Ok(Latency {
        store: kind.name().to_owned(),
        load_per_s,
        steady,
        storm,
        stored: u32::try_from(stormed.readings)?,
        stored_within_s,
        lateness_p99_ms: lateness.p99_ms,
    })
}

/// Sends what is planned, and waits for every cut strap to be told.
fn stretch(
    runtime: &Runtime,
    tagwatch: &Installation,
    (driver, crowd): (&Driver, &mut Crowd),
    plan: &[(Duration, What)],
) -> anyhow::Result<(Delays, Sent)> {
    let cuts = plan.iter().filter(|(_, what)| matches!(what, What::Cut));
    let last = plan.last().map_or(Duration::ZERO, |(due, _)| *due);
    let recipient = Recipient::start(tagwatch, cuts.count(), last + PATIENCE);
    let sent = runtime.block_on(crowd.send(driver, plan))?;
    let told = recipient.told()?;
    let mut passed = Vec::new();
    for (wearer, at) in told {
        let number = wearer.trim_start_matches("W-").parse()?;
        let due = sent.cuts.get(&number).context("a strap nobody cut")?;
        passed.push(at.saturating_duration_since(*due));
    }
    Ok((Delays::of_all(passed)?, sent))
}

/// When what is due: of each kind so many a second for so many seconds, at times independent of one
/// another.
fn plan(parts: &[(What, u32, u32)]) -> Vec<(Duration, What)> {
    let mut plan: Vec<(Duration, What)> = Vec::new();
    for ((what, seconds, messages_per_s), seed) in parts.iter().copied().zip(1..) {
        let stage = Stage {
            seconds,
            messages_per_s,
            to_messages_per_s: None,
        };
        plan.extend(Arrivals::new(seed, vec![stage]).map(|due| (due, what)));
    }
    plan.sort_by_key(|(due, _)| *due);
    plan
}

impl Crowd {
    fn of(mut everybody: Vec<Wearer>) -> anyhow::Result<Self> {
        // Poisson: half as many again are never needed.
        let cuts = usize::try_from((STEADY_S + STORM_CUTS_S) * CUTS_PER_S * 3 / 2)?;
        ensure!(everybody.len() > 2 * cuts, "more wearers are needed");
        let mut others = everybody.split_off(cuts);
        let away = others.split_off(others.len() / 2);
        Ok(Self {
            to_cut: everybody,
            cut: 0,
            reporting: others,
            away,
            turns: [0; 2],
            seq: 0,
        })
    }

    /// All are heard of once who are not out of reach.
    async fn appear(&mut self, driver: &Driver) -> anyhow::Result<()> {
        let now = Timestamp::from_chrono(Utc::now())?;
        for wearer in self.to_cut.iter().chain(&self.reporting) {
            self.seq += 1;
            let upload = wearer.fixes((self.seq, now), (1, TimeDelta::zero()));
            driver.publish(upload).await?;
        }
        Ok(())
    }

    async fn send(&mut self, driver: &Driver, plan: &[(Duration, What)]) -> anyhow::Result<Sent> {
        let begun = Instant::now();
        let mut sent = Sent::default();
        for (after, what) in plan {
            let due = begun + *after;
            tokio::time::sleep_until(due.into()).await;
            let now = Timestamp::from_chrono(Utc::now())?;
            let upload = match what {
                What::Fix => self.next_fix(now),
                What::Stored => self.next_stored(now),
                What::Cut => {
                    sent.cuts.insert(self.cut, due);
                    self.next_cut(now)
                }
            };
            let upload = upload.context("nobody is left")?;
            if matches!(what, What::Stored | What::Fix) {
                sent.readings += upload.readings;
            }
            driver.publish_due(upload, due, false).await?;
            sent.lateness.push(due.elapsed());
        }
        Ok(sent)
    }

    fn next_fix(&mut self, now: Timestamp) -> Option<simulator::Upload> {
        let [turn, _] = &mut self.turns;
        let wearer = self.reporting.get(*turn % self.reporting.len())?;
        *turn += 1;
        self.seq += 1;
        Some(wearer.fixes((self.seq, now), (1, TimeDelta::zero())))
    }

    fn next_cut(&mut self, now: Timestamp) -> Option<simulator::Upload> {
        let wearer = self.to_cut.get(self.cut)?;
        self.cut += 1;
        self.seq += 1;
        Some(wearer.strap_cut(self.seq, now))
    }

    /// What a tag stored next, oldest first.
    fn next_stored(&mut self, now: Timestamp) -> Option<simulator::Upload> {
        let [_, turn] = &mut self.turns;
        let wearer = self.away.get(*turn % self.away.len())?;
        let before = i32::try_from(*turn / self.away.len() * usize::try_from(STORED).ok()?).ok()?;
        *turn += 1;
        let from = now.minus(OUT_OF_REACH).plus(STORED_APART * before);
        let upload = wearer.fixes((self.seq + 1, from), (STORED, STORED_APART));
        self.seq += u64::from(STORED);
        Some(upload)
    }
}
