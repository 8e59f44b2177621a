//! Which world.

use std::num::NonZeroU16;
use std::path::PathBuf;

use crate::scenario::Scenario;
use crate::{World, WorldConfig};
use anyhow::{Context as _, Result};
use clap::Args;
use model::Timestamp;

/// Which world.
#[derive(Debug, Args)]
pub(crate) struct Scene {
    /// A scenario file
    #[arg(long, conflicts_with = "partitions")]
    scenario: Option<PathBuf>,
    /// Everything random follows from it; 1, or as the scenario says
    #[arg(long)]
    seed: Option<u64>,
    /// How many wearers have simulated tags; 60, or as the scenario says
    #[arg(long)]
    wearers: Option<usize>,
    /// When the world begins, RFC 3339; now, or as the scenario says
    #[arg(long)]
    start: Option<Timestamp>,
    /// The installation's number of partitions
    #[arg(long, default_value_t = NonZeroU16::MIN)]
    partitions: NonZeroU16,
}

/// Wearers where nothing says how many.
const WEARERS: usize = 60;

impl Scene {
    /// What the world is made from.
    pub(super) fn config(&self) -> Result<WorldConfig> {
        if let Some(scenario) = self.scenario()? {
            return Ok(scenario.world(scenario.start));
        }
        let start = match self.start {
            Some(start) => start,
            None => Timestamp::from_chrono(chrono::Utc::now()).context("the clock's time")?,
        };
        let (seed, wearers) = (self.seed.unwrap_or(1), self.wearers.unwrap_or(WEARERS));
        Ok(WorldConfig::new(seed, wearers, start, self.partitions))
    }

    /// The world.
    pub(crate) fn world(&self) -> Result<World> {
        Ok(World::new(self.config()?))
    }

    /// The scenario with what the options say instead, where there is one.
    pub(super) fn scenario(&self) -> Result<Option<Scenario>> {
        let Some(file) = &self.scenario else {
            return Ok(None);
        };
        let mut scenario = Scenario::read(file)?;
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        scenario.wearers = self.wearers.unwrap_or(scenario.wearers);
        scenario.start = self.start.unwrap_or(scenario.start);
        Ok(Some(scenario))
    }

    /// In a line.
    pub(super) fn about(&self) -> Result<String> {
        let scenario = self.scenario()?;
        Ok(scenario.map_or_else(|| "an ordinary town".to_owned(), |scenario| scenario.about))
    }
}
