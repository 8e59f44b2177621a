//! Running a world against an installation, or a broker alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use model::{RegistryDocument, Timestamp};
use tokio::task::JoinHandle;

use super::watcher::{Seen, Watcher};
use super::world_tally::WorldTally;
use super::{Rig, RunError};
use crate::driver::{Commands, Driver, DriverCounts};
use crate::installation::{Installation, InstallationClock, Recipients};
use crate::report::{Asked, Delays, FORMAT, Report, Sending, Traffic};
use crate::watch::Machine;
use crate::{Verdict, World, WorldConfig};

/// How long the world is advanced at once, by this machine's clock.
const STEP: Duration = Duration::from_millis(100);

/// How long the broker may take to acknowledge the rest.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

/// How long recipients may take to be told of the rest.
const TOLD_WITHIN: Duration = Duration::from_secs(30);

/// How often it is looked whether they were.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Since when the devices of a world that is registered by a run are worn, whenever it runs.
const WORN_SINCE: &str = "2020-01-01T00:00:00Z";

/// From the registration of a world to its beginning, by this machine's clock: partitions look for
/// what is new four times a second.
const REGISTERED_AHEAD: Duration = Duration::from_secs(5);

/// A world to be run.
#[derive(Debug, Clone)]
pub struct WorldPlan {
    /// In a line.
    pub about: String,
    /// It.
    pub world: World,
    /// For how long by its own clock.
    pub length: Duration,
    /// How many times as fast as life, where there is no installation whose clock says so.
    pub speed: u32,
    /// How many connections carry the tags.
    pub connections: usize,
}

/// The world of `config`, to begin in a while by the installation's clock, and registered there.
///
/// # Errors
/// When the installation does not take its registry.
pub async fn registered(
    config: &WorldConfig,
    installation: &Installation,
) -> Result<World, RunError> {
    let clock = InstallationClock::read(installation).await?;
    let ahead = TimeDelta::from_std(clock.there(REGISTERED_AHEAD)).unwrap_or(TimeDelta::MAX);
    let shift = clock.now().plus(ahead).since(config.start);
    let world = World::new(config.begun_later(shift));
    installation
        .register(&anew(world.registry_of_town()))
        .await?;
    Ok(world)
}

/// The registry such that it can follow that of an earlier run: devices worn since the same instant, and
/// orders varied.
fn anew(mut registry: RegistryDocument) -> RegistryDocument {
    let since = Timestamp::parse(WORN_SINCE).unwrap_or_default();
    let now = chrono::Utc::now().timestamp();
    for activation in &mut registry.activations {
        activation.from = since;
    }
    for order in &mut registry.orders {
        // Seconds since 1970 fit until the year 2106.
        order.version = u32::try_from(now).unwrap_or(u32::MAX);
    }
    registry
}

/// Runs a world, and reports: what was sent and told, and what its oracle says.
///
/// # Errors
/// When there can be no run. What went wrong in one is in its report.
pub async fn world(plan: WorldPlan, rig: &Rig) -> Result<(Report, Verdict), RunError> {
    let start = plan.world.config().start;
    let clock = match &rig.installation {
        Some(installation) => InstallationClock::read(installation).await?,
        None => InstallationClock::beginning(start, plan.speed),
    };
    let now = clock.now();
    if rig.installation.is_some() && now > start {
        return Err(RunError::Begun { start, now });
    }
    let mut options = rig.broker.clone();
    options.connections = plan.connections;
    let driver = Driver::start(&options);
    let length = clock.here(TimeDelta::from_std(plan.length).unwrap_or(TimeDelta::MAX));
    let watcher = Watcher::start(rig, driver.follow(), length, &[]).await;
    let tally = Arc::new(Mutex::new(WorldTally::new(&plan.world, clock)?));
    let listening = Listening::start(rig, &tally).await?;
    let asked = asked(&plan, &clock);
    let commands = Commands::listen(&options);
    let sent = send(plan, clock, (&driver, commands), &listening).await?;
    let counts = driver.drain(DRAIN_WITHIN).await;
    let verdict = listening
        .settled(sent.until, rig.installation.is_some())
        .await;
    let began = Timestamp::from_chrono(chrono::Utc::now()).unwrap_or_default();
    let telling = rig
        .installation
        .as_ref()
        .map(|_| listening.tally().telling(&verdict));
    let mut report = Report {
        format: FORMAT,
        asked,
        began: began.minus(TimeDelta::from_std(length).unwrap_or_default()),
        machine: Machine::this(),
        versions: crate::report::Versions::default(),
        sending: sending(&driver, counts, &sent),
        telling,
        taken_in: None,
        dead_letters: None,
        processes: Vec::new(),
        moments: Vec::new(),
        stretches: listening.tally().stretches(),
        faults: Vec::new(),
    };
    take_in(&mut report, watcher.stop());
    report.faults = faults(&report);
    Ok((report, verdict))
}

/// What was sent of a world.
struct Sent {
    until: Timestamp,
    readings: u64,
    held_up: Duration,
}

async fn send(
    plan: WorldPlan,
    clock: InstallationClock,
    (driver, mut commands): (&Driver, Commands),
    listening: &Listening,
) -> Result<Sent, RunError> {
    let mut world = plan.world;
    let start = world.config().start;
    let length = TimeDelta::from_std(plan.length).unwrap_or(TimeDelta::MAX);
    let until = start.plus(length);
    let mut sent = Sent {
        until,
        readings: 0,
        held_up: Duration::ZERO,
    };
    loop {
        let now = clock.now().min(until);
        while let Some(command) = commands.take() {
            if let Some(breach) = world.prompted(&command) {
                listening.tally().oracle().expect(breach);
            }
        }
        let uploads = if now < until {
            world.advance(now)
        } else {
            world.flush(until)
        };
        for upload in uploads {
            sent.readings += u64::try_from(upload.readings).unwrap_or_default();
            listening.tally().oracle().sent(&upload);
            let handing = Instant::now();
            driver.publish(upload).await?;
            sent.held_up += handing.elapsed();
        }
        if now >= until {
            return Ok(sent);
        }
        tokio::time::sleep(STEP).await;
    }
}

/// Recipients, and what they learn. Dropping it ends them.
struct Listening {
    tally: Arc<Mutex<WorldTally>>,
    task: Option<JoinHandle<()>>,
}

impl Listening {
    async fn start(rig: &Rig, tally: &Arc<Mutex<WorldTally>>) -> Result<Self, RunError> {
        let mut task = None;
        if let Some(installation) = &rig.installation {
            let mut recipients = Recipients::listen(installation).await?;
            let tally = Arc::clone(tally);
            task = Some(tokio::spawn(async move {
                while let Some(news) = recipients.next().await {
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Err(error) = tally.take(news) {
                        tracing::error!(%error, "a delay was not counted");
                    }
                }
            }));
        }
        Ok(Self {
            tally: Arc::clone(tally),
            task,
        })
    }

    fn tally(&self) -> MutexGuard<'_, WorldTally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The verdict, once every breach due is told of, or nobody waits for that any longer.
    async fn settled(&self, until: Timestamp, is_told: bool) -> Verdict {
        let patience = Instant::now() + TOLD_WITHIN;
        loop {
            let verdict = self.tally().oracle().verdict(until);
            if !is_told || verdict.missed.is_empty() || Instant::now() > patience {
                return verdict;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

fn asked(plan: &WorldPlan, clock: &InstallationClock) -> Asked {
    let config = plan.world.config();
    Asked {
        about: plan.about.clone(),
        seed: config.seed,
        wearers: config.wearers,
        partitions: config.partitions.get(),
        connections: plan.connections,
        traffic: Traffic::World {
            start: config.start,
            seconds: plan.length.as_secs(),
            speed: clock.speed(),
        },
    }
}

fn sending(driver: &Driver, counts: DriverCounts, sent: &Sent) -> Sending {
    let delays = driver.acknowledgement_delays();
    Sending {
        messages: counts.published,
        readings: sent.readings,
        unacknowledged: counts.published.saturating_sub(counts.acknowledged),
        reconnects: counts.reconnects,
        held_up_s: sent.held_up.as_secs_f64(),
        lateness: Delays::default(),
        acknowledgement: delays.as_ref().map(Delays::of).unwrap_or_default(),
    }
}

fn take_in(report: &mut Report, seen: Seen) {
    report.versions = seen.versions;
    report.processes = seen.processes;
    report.moments = seen.moments;
    report.taken_in = seen.taken_in.map(super::load::whole);
    report.dead_letters = seen.dead_letters.map(super::load::whole);
}

/// What was lost, missed or false.
fn faults(report: &Report) -> Vec<String> {
    let mut faults = Vec::new();
    if report.sending.unacknowledged > 0 {
        let open = report.sending.unacknowledged;
        faults.push(format!("the broker left {open} messages unacknowledged"));
    }
    faults.extend(super::load::alert_faults(report));
    faults
}
