//! `tagwatch quality`: how many false breaches the zone rule makes, how many it misses and how long
//! it takes, beside the usual rules, under errors like those measured on real receivers.

mod aims;
mod course;
mod ours;
mod plan;
mod plot;
mod poisson;
mod report;
mod rule;
mod table;
mod tally;
mod trial;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output::print;
use crate::config::Policies;
use report::Report;

/// Arguments of `tagwatch quality`.
#[derive(Debug, Args)]
pub struct Quality {
    /// All errors follow from it: the same seed gives the same figures
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Device-days outside, for each place and distance
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    days: u64,
    /// Stays inside, for each length and depth
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    stays: u64,
    /// Seconds from one fix to the next; several with commas
    #[arg(long, default_value = "60,300", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(1..=3_600))]
    cadence: Vec<u32>,
    /// Rules policy (TOML) instead of the shipped one
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Write the figures (quality.json) and a plot (quality.svg) into this folder
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Measures and prints. Succeeds whatever the figures are.
///
/// # Errors
/// When the rules policy cannot be read, or the figures cannot be written.
pub fn quality(arguments: &Quality) -> anyhow::Result<ExitCode> {
    let rules = Policies::rules(arguments.rules.as_deref())?;
    let cells = plan::cells(&arguments.cadence, arguments.days, arguments.stays);
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        policy: rules.policy.version.clone(),
        seed: arguments.seed,
        cadences_s: arguments.cadence.clone(),
        zone_radius_m: ours::ZONE_RADIUS_M,
        cells: work::run(&cells, &rules.policy, arguments.seed)?,
    };
    print(&table::tables(&report))?;
    if let Some(folder) = &arguments.out {
        report.write(folder)?;
    }
    Ok(ExitCode::SUCCESS)
}
