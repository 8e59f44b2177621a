//! Running a load.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use model::{EventCode, Timestamp};

use super::listening::Listening;
use super::outcome::{self, REACHED_WITHIN, Told};
use super::strap_tally::StrapTally;
use super::watcher::{Seen, Watcher};
use super::{Rig, RunError};
use crate::driver::{Driver, DriverCounts};
use crate::installation::InstallationClock;
use crate::load::{Arrivals, Stage, Straps, Tags};
use crate::report::{Asked, Delays, Report, Sending, Traffic, histogram, record};
use crate::scenario::{LoadSection, Scenario};

/// One message in a hundred handed over later than this after its time, and the run is not valid:
/// ten times what the runtime's timer of a millisecond costs.
pub const LATENESS_BOUND: Duration = Duration::from_millis(10);

/// How long the broker may take to acknowledge the rest, and how long, once nothing moves any more,
/// the installation may take to go on.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

/// How often it is looked whether everything is through.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// A load to be run.
#[derive(Debug, Clone)]
pub struct LoadPlan {
    scenario: Scenario,
    load: LoadSection,
}

impl LoadPlan {
    /// What a scenario asks.
    ///
    /// # Errors
    /// When it says nothing of a load.
    pub fn of(scenario: &Scenario) -> Result<Self, RunError> {
        let load = scenario.load.clone().ok_or(RunError::NoLoad)?;
        Ok(Self {
            scenario: scenario.clone(),
            load,
        })
    }

    /// The same at one rate: so many messages a second for so many seconds.
    #[must_use]
    pub fn at(&self, messages_per_s: u32, seconds: u32) -> Self {
        let mut plan = self.clone();
        plan.load.stages = vec![Stage {
            seconds,
            messages_per_s,
            to_messages_per_s: None,
        }];
        plan
    }

    pub(super) const fn warm_up_s(&self) -> u32 {
        self.load.warm_up_s
    }

    pub(super) fn readings_per_message(&self) -> u32 {
        self.load.readings_per_message.into()
    }

    fn seconds(&self) -> u32 {
        self.load.stages.iter().map(|stage| stage.seconds).sum()
    }

    /// When straps are cut: as independently as messages are sent.
    fn cuts(&self) -> Arrivals {
        let steady = Stage {
            seconds: self.seconds(),
            messages_per_s: self.load.alerts_per_s,
            to_messages_per_s: None,
        };
        Arrivals::new(self.scenario.seed.wrapping_add(1), vec![steady])
    }

    fn asked(&self) -> Asked {
        Asked {
            about: self.scenario.about.clone(),
            seed: self.scenario.seed,
            wearers: self.scenario.wearers,
            partitions: self.scenario.partitions.get(),
            connections: self.load.connections,
            traffic: Traffic::Load {
                readings_per_message: self.load.readings_per_message,
                warm_up_s: self.load.warm_up_s,
                stages: self.load.stages.clone(),
                alerts_per_s: self.load.alerts_per_s,
            },
        }
    }
}

/// Runs a load, and reports.
///
/// # Errors
/// When there can be no run. What went wrong in one is in its report.
pub async fn load(plan: &LoadPlan, straps: &mut Straps, rig: &Rig) -> Result<Report, RunError> {
    let clock = match &rig.installation {
        Some(installation) => InstallationClock::read(installation).await?,
        None => InstallationClock::of_this_machine(),
    };
    let mut sender = Sender::new(plan, rig, clock)?;
    sender.driver.reach(REACHED_WITHIN).await?;
    let length = Duration::from_secs(plan.seconds().into());
    let watcher = Watcher::start(rig, sender.driver.follow(), length, &plan.load.stages).await;
    let listening = match &rig.installation {
        Some(to) => {
            Some(Listening::start(Some(to), StrapTally::new(Instant::now(), clock)?).await?)
        }
        None => None,
    };
    sender.began = Instant::now();
    sender.send(plan, straps, listening.as_ref()).await?;
    let counts = sender.driver.drain(DRAIN_WITHIN).await;
    if let Some(listening) = &listening {
        settle(listening, &watcher, sender.readings).await;
        sender.restore(listening).await?;
        sender.driver.drain(DRAIN_WITHIN).await;
    }
    Ok(report(
        plan,
        &sender,
        counts,
        watcher.stop(),
        listening.as_ref(),
    ))
}

/// Sends what is due.
struct Sender {
    driver: Driver,
    tags: Tags,
    clock: InstallationClock,
    began: Instant,
    began_at: Timestamp,
    warm_up: Duration,
    lateness: Histogram<u64>,
    held_up: Duration,
    readings: u64,
    ran_out_of_straps: bool,
}

impl Sender {
    fn new(plan: &LoadPlan, rig: &Rig, clock: InstallationClock) -> Result<Self, RunError> {
        let mut options = rig.broker.clone();
        options.connections = plan.load.connections;
        Ok(Self {
            driver: Driver::start(&options),
            tags: Tags::new(&plan.scenario, plan.load.readings_per_message, clock.now()),
            clock,
            began: Instant::now(),
            began_at: Timestamp::from_chrono(chrono::Utc::now()).unwrap_or_default(),
            warm_up: Duration::from_secs(plan.load.warm_up_s.into()),
            lateness: histogram()?,
            held_up: Duration::ZERO,
            readings: 0,
            ran_out_of_straps: false,
        })
    }

    /// Sends everything at its time; straps are cut only where somebody is asked what came of it.
    async fn send(
        &mut self,
        plan: &LoadPlan,
        straps: &mut Straps,
        listening: Option<&Listening<StrapTally>>,
    ) -> Result<(), RunError> {
        let mut messages = Arrivals::new(plan.scenario.seed, plan.load.stages.clone()).peekable();
        let mut cuts = plan.cuts().peekable();
        while let Some(message) = messages.peek().copied() {
            let cut = cuts.peek().copied().filter(|cut| *cut < message);
            match (cut, listening) {
                (Some(after), Some(listening)) => {
                    cuts.next();
                    self.cut(after, straps, listening).await?;
                }
                (Some(_), None) => {
                    cuts.next();
                }
                (None, _) => {
                    messages.next();
                    self.message(message).await?;
                }
            }
        }
        Ok(())
    }

    async fn message(&mut self, after: Duration) -> Result<(), RunError> {
        let due = self.wait(after).await;
        let upload = self.tags.next_upload(self.clock.at(due))?;
        self.readings += u64::try_from(upload.readings).unwrap_or_default();
        let measured = after >= self.warm_up;
        if measured {
            record(&mut self.lateness, due.elapsed());
        }
        let handing = Instant::now();
        self.driver.publish_due(upload, due, measured).await?;
        self.held_up += handing.elapsed();
        Ok(())
    }

    async fn cut(
        &mut self,
        after: Duration,
        straps: &mut Straps,
        listening: &Listening<StrapTally>,
    ) -> Result<(), RunError> {
        let Some((number, wearer)) = straps.next_of(self.tags.len()) else {
            self.ran_out_of_straps = true;
            return Ok(());
        };
        let due = self.wait(after).await;
        let upload = self
            .tags
            .event(number, self.clock.at(due), EventCode::StrapCut)?;
        self.readings += 1;
        listening
            .tally()
            .cut((number, wearer), due, after >= self.warm_up);
        self.driver.publish_due(upload, due, false).await?;
        Ok(())
    }

    async fn wait(&self, after: Duration) -> Instant {
        let due = self.began + after;
        tokio::time::sleep_until(due.into()).await;
        due
    }

    /// Every strap is whole again, so that its alert is over by and by.
    async fn restore(&mut self, listening: &Listening<StrapTally>) -> Result<(), RunError> {
        let numbers = listening.tally().numbers();
        for number in numbers {
            let now = self.clock.now();
            let upload = self.tags.event(number, now, EventCode::StrapRestored)?;
            self.driver.publish(upload).await?;
        }
        Ok(())
    }
}

/// Waits until every strap cut is told of and every reading journaled, as long as something moves.
async fn settle(listening: &Listening<StrapTally>, watcher: &Watcher, readings: u64) {
    let (mut moved, mut before) = (Instant::now(), None);
    while moved.elapsed() < DRAIN_WITHIN {
        let taken_in = watcher.taken_in();
        let through = taken_in.is_none_or(|taken_in| taken_in >= crate::float(readings));
        if through && listening.tally().is_complete() {
            return;
        }
        if taken_in != before {
            (moved, before) = (Instant::now(), taken_in);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn report(
    plan: &LoadPlan,
    sender: &Sender,
    counts: DriverCounts,
    seen: Seen,
    listening: Option<&Listening<StrapTally>>,
) -> Report {
    let sent = (sender.readings, sender.held_up);
    let told = Told {
        telling: listening.map(|listening| listening.tally().telling()),
        stretches: listening.map_or_else(Vec::new, |listening| listening.tally().stretches()),
    };
    let sending = outcome::sending(&sender.driver, counts, sent, Delays::of(&sender.lateness));
    let mut report = outcome::report(plan.asked(), sender.began_at, sending, told, seen);
    report.faults = faults(&report);
    let open = outcome::unacknowledged(&report, &sender.driver);
    report.faults.extend(open);
    if sender.ran_out_of_straps {
        let all = "every wearer's strap was cut: take more wearers, or fewer alerts_per_s";
        report.faults.push(all.to_owned());
    }
    report
}

/// Why the figures do not hold, or what was lost.
fn faults(report: &Report) -> Vec<String> {
    let mut faults = Vec::new();
    let Sending {
        readings,
        held_up_s,
        lateness,
        ..
    } = &report.sending;
    let (late, bound) = (lateness.p99_ms, LATENESS_BOUND.as_secs_f64() * 1000.0);
    if lateness.count == 0 {
        faults.push("nothing was measured: the warm-up is as long as the run".to_owned());
    }
    if late > bound {
        faults.push(format!(
            "the simulator is the bottleneck, not the installation: one message in a hundred was handed \
             over {late:.0} ms late or later, where {bound:.0} ms are allowed; it waited {held_up_s:.1} s \
             for the broker to take more"
        ));
    }
    if let Some(open) = report
        .taken_in
        .map(|taken_in| readings.saturating_sub(taken_in))
        .filter(|open| *open > 0)
    {
        faults.push(format!("{open} readings were not journaled"));
    }
    faults.extend(outcome::untold(report));
    faults
}
