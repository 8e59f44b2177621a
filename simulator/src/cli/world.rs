//! `simulator run`: a world's tags, and what recipients are told of its people.

use std::time::Duration;

use crate::report::table;
use crate::run::{WorldPlan, registered, world};
use crate::{Verdict, verdict_table};
use anyhow::{Context as _, Result};
use clap::Args;

use super::output::{conclude, print};
use super::scene::Scene;
use super::target::Target;

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    scene: Scene,
    #[command(flatten)]
    target: Target,
    /// How many times as fast as life, where no --api says how fast its clock goes
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    speed: u32,
    /// For how long by the world's own clock: 90s, 45m, 2h, 1d
    #[arg(long = "for", default_value = "45m", value_parser = super::duration)]
    length: Duration,
    /// How many connections carry the tags
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Register the world with the installation first, to begin in a few seconds
    #[arg(long, requires = "api", conflicts_with = "start")]
    register: bool,
}

/// Runs until the time is over and everything is told; fails where something was lost, missed or
/// false.
pub(crate) fn run(arguments: &Run) -> Result<()> {
    let (report, verdict) = super::runtime()?.block_on(play(arguments))?;
    print(&table(&report))?;
    if report.telling.is_some() {
        print(&verdict_table(&verdict))?;
    }
    conclude(&report, arguments.target.report.as_deref())
}

async fn play(arguments: &Run) -> Result<(crate::report::Report, Verdict)> {
    let rig = arguments.target.rig()?;
    let mut config = arguments.scene.config()?;
    if let Some(installation) = &rig.installation {
        config.partitions = installation.partitions().await?;
    }
    let town = match &rig.installation {
        Some(installation) if arguments.register => registered(&config, installation)
            .await
            .context("the world cannot be registered")?,
        Some(_) | None => crate::World::new(config),
    };
    let plan = WorldPlan {
        about: arguments.scene.about()?,
        world: town,
        length: arguments.length,
        speed: arguments.speed,
        connections: arguments.connections,
    };
    Ok(world(plan, &rig).await?)
}
