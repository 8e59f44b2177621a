//! All figures of a run, and where they are written.

use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use super::plot;
use super::tally::CellResult;

/// A run and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The program's version.
    pub(super) version: &'static str,
    /// The version of the rules policy.
    pub(super) policy: String,
    pub(super) seed: u64,
    pub(super) cadences_s: Vec<u32>,
    /// Radius of the zone, in metres.
    pub(super) zone_radius_m: f64,
    pub(super) cells: Vec<CellResult>,
}

/// What is written into the folder.
const JSON: &str = "quality.json";
const PLOT: &str = "quality.svg";

impl Report {
    /// Writes the figures as JSON, and a plot of them.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot use the folder {}", folder.display()))?;
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        for (name, text) in [(JSON, json), (PLOT, plot::svg(self)?)] {
            let path = folder.join(name);
            std::fs::write(&path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}
