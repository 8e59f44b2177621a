//! What is printed, and what is kept.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;

use crate::report::{Report, page};

/// The names of the two files of a report.
const JSON: &str = "report.json";
const PAGE: &str = "report.html";

/// Prints a line and ends it.
pub(super) fn print(text: &str) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        // The reader had enough: `simulator plan | head` is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output"),
    }
}

/// Prints a value as JSON.
pub(crate) fn print_json<T: Serialize + ?Sized>(value: &T) -> Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

/// Keeps the report of a run where a folder is named, and fails where it was not good.
pub(super) fn conclude(report: &Report, folder: Option<&Path>) -> Result<()> {
    if let Some(folder) = folder {
        keep(folder, report, &page(report))?;
    }
    ensure!(
        report.is_good(),
        "the run was not good: {}",
        report.faults.join("; ")
    );
    Ok(())
}

/// Keeps a report in a folder, as JSON and as a page.
pub(super) fn keep<T: Serialize>(folder: &Path, report: &T, page: &str) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| file.display().to_string())
    };
    write(JSON, &serde_json::to_string_pretty(report)?)?;
    write(PAGE, page)?;
    print(&format!("\n  report: {}", folder.join(PAGE).display()))
}
