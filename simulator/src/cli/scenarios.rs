//! Which scenarios there are, and whether a file is one.

use std::io::Write as _;
use std::path::PathBuf;

use crate::scenario::Scenario;
use anyhow::{Context as _, Result};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Question {
    /// Lists the scenarios of a folder, one a line: name, wearers, what it is.
    Ls {
        /// The folder.
        #[arg(default_value = "fixtures/scenarios")]
        folder: PathBuf,
    },
    /// Reads a scenario, and says where it is wrong.
    Check {
        /// The file.
        file: PathBuf,
    },
}

pub(crate) fn answer(question: &Question) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match question {
        Question::Ls { folder } => {
            for file in files(folder)? {
                let scenario = Scenario::read(&file)?;
                let name = file.file_stem().unwrap_or_default().to_string_lossy();
                let Scenario { wearers, about, .. } = &scenario;
                writeln!(out, "{name:<24}{wearers:>8}  {about}").context("standard output")?;
            }
        }
        Question::Check { file } => {
            let scenario = Scenario::read(file)?;
            let Scenario { wearers, seed, .. } = scenario;
            let line = format!("{}: {wearers} wearers, seed {seed}", file.display());
            writeln!(out, "{line}").context("standard output")?;
        }
    }
    Ok(())
}

/// The TOML files of a folder, by name.
fn files(folder: &PathBuf) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths: std::io::Result<Vec<PathBuf>> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths.with_context(|| folder.display().to_string())?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    paths.sort();
    Ok(paths)
}
