//! Publishing a world's uploads, at life's pace or faster.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use clap::Args;
use simulator::World;
use simulator::driver::{Driver, DriverOptions};
use simulator::scenario::Scenario;

/// How long the world is advanced at once, in real time.
const STEP: Duration = Duration::from_millis(100);

/// How long the broker may take to acknowledge the rest.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

/// Where to, how fast, for how long.
#[derive(Debug, Args)]
pub(crate) struct Traffic {
    /// The broker, host and port.
    #[arg(long, default_value = "127.0.0.1:1883")]
    broker: String,
    /// How many times faster than life.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    speed: u32,
    /// For how long by the world's own clock: 90s, 45m, 2h, 1d.
    #[arg(long = "for", default_value = "45m", value_parser = super::duration)]
    length: Duration,
    /// How many connections carry the tags.
    #[arg(long, default_value_t = 4)]
    connections: usize,
}

/// Publishes until the time is over and everything is acknowledged.
pub(crate) fn run(world: World, traffic: &Traffic) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the async runtime")?;
    runtime.block_on(publish(world, traffic))
}

/// Drives a load, prints its report, and fails where the run is not valid or messages were lost.
pub(crate) fn load(scenario: &Scenario, broker: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the async runtime")?;
    let report = runtime.block_on(simulator::load::run(scenario, &broker_at(broker)?))?;
    super::print_json(&report)?;
    let open = report.unacknowledged;
    anyhow::ensure!(open == 0, "the broker left {open} messages unacknowledged");
    anyhow::ensure!(
        report.valid,
        "not valid: nothing was measured, or the sender could not keep to its plan"
    );
    Ok(())
}

/// Takes HOST:PORT.
fn broker_at(text: &str) -> Result<DriverOptions> {
    let (host, port) = text
        .rsplit_once(':')
        .with_context(|| format!("{text:?} is not HOST:PORT"))?;
    let port = port
        .parse()
        .with_context(|| format!("{port:?} is no port"))?;
    Ok(DriverOptions::new(host, port))
}

async fn publish(mut world: World, traffic: &Traffic) -> Result<()> {
    let mut options = broker_at(&traffic.broker)?;
    options.connections = traffic.connections;
    let driver = Driver::start(&options);
    let (start, began) = (world.config().start, Instant::now());
    let length = TimeDelta::from_std(traffic.length).context("--for is too long")?;
    let end = start.plus(length);
    loop {
        let elapsed = began.elapsed().saturating_mul(traffic.speed);
        let now = start
            .plus(TimeDelta::from_std(elapsed).unwrap_or(length))
            .min(end);
        let uploads = if now < end {
            world.advance(now)
        } else {
            world.flush(end)
        };
        for upload in uploads {
            driver.publish(upload).await?;
        }
        if now >= end {
            break;
        }
        tokio::time::sleep(STEP).await;
    }
    let counts = driver.drain(DRAIN_WITHIN).await;
    let report = format!(
        "published {}, acknowledged {}, late {}, sent again {}, reconnects {}",
        counts.published, counts.acknowledged, counts.late, counts.resent, counts.reconnects
    );
    writeln!(std::io::stdout().lock(), "{report}").context("standard output")?;
    let open = counts.published - counts.acknowledged;
    anyhow::ensure!(open == 0, "the broker left {open} messages unacknowledged");
    Ok(())
}
