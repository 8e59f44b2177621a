//! Running a world against an installation, or a broker alone.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use model::{RegistryDocument, Timestamp};

use super::listening::Listening;
use super::outcome::{self, REACHED_WITHIN, Told};
use super::watcher::Watcher;
use super::world_tally::WorldTally;
use super::{Rig, RunError};
use crate::driver::{Commands, Driver};
use crate::installation::{Installation, InstallationClock};
use crate::report::{Asked, Delays, Report, Traffic};
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
    driver.reach(REACHED_WITHIN).await?;
    let length = clock.here(TimeDelta::from_std(plan.length).unwrap_or(TimeDelta::MAX));
    let watcher = Watcher::start(rig, driver.follow(), length, &[]).await;
    let tally = WorldTally::new(&plan.world, clock)?;
    let listening = Listening::start(rig.installation.as_ref(), tally).await?;
    let began = Timestamp::from_chrono(chrono::Utc::now()).unwrap_or_default();
    let asked = asked(&plan, &clock);
    let commands = Commands::listen(&options);
    let sent = send(plan, clock, (&driver, commands), &listening).await?;
    let counts = driver.drain(DRAIN_WITHIN).await;
    let is_told = rig.installation.is_some();
    let verdict = settled(&listening, sent.until, is_told).await;
    let told = Told {
        telling: is_told.then(|| listening.tally().telling(&verdict)),
        stretches: listening.tally().stretches(),
    };
    let sending = outcome::sending(
        &driver,
        counts,
        (sent.readings, sent.held_up),
        Delays::default(),
    );
    let mut report = outcome::report(asked, began, sending, told, watcher.stop());
    report
        .faults
        .extend(outcome::unacknowledged(&report, &driver));
    report.faults.extend(outcome::untold(&report));
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
    listening: &Listening<WorldTally>,
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

/// The verdict, once every breach due is told of, or nobody waits for that any longer.
async fn settled(listening: &Listening<WorldTally>, until: Timestamp, is_told: bool) -> Verdict {
    let patience = Instant::now() + TOLD_WITHIN;
    loop {
        let verdict = listening.tally().oracle().verdict(until);
        if !is_told || verdict.missed.is_empty() || Instant::now() > patience {
            return verdict;
        }
        tokio::time::sleep(LOOK_EVERY).await;
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
