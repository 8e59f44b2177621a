//! `simulator compare`: two reports held against each other.

use std::path::{Path, PathBuf};

use crate::report::{Comparison, Report};
use anyhow::{Context as _, Result, ensure};
use clap::Args;

use super::output::print;

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The report.json to compare with
    first: PathBuf,
    /// The report.json to compare
    second: PathBuf,
    /// Fail where the second is worse by more than so many per cent, or lost more
    #[arg(long, value_name = "PER CENT")]
    worse_than: Option<f64>,
    /// Compare although different things were asked
    #[arg(long)]
    anyway: bool,
}

pub(crate) fn run(arguments: &Compare) -> Result<()> {
    let (first, second) = (read(&arguments.first)?, read(&arguments.second)?);
    let comparison = Comparison::of(&first, &second, arguments.anyway)?;
    print(&comparison.table())?;
    if let Some(per_cent) = arguments.worse_than {
        let worse = comparison.worse_than(per_cent);
        ensure!(
            worse.is_empty(),
            "worse by more than {per_cent} %: {}",
            worse.join("; ")
        );
    }
    Ok(())
}

fn read(file: &Path) -> Result<Report> {
    let text = std::fs::read(file).with_context(|| file.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| format!("{}: no report of a run", file.display()))
}
