//! `tagwatch verify`: is the journal whole, and does it lead to the decisions that are kept?

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::audit;
use super::output::print;
use super::place::Place;
use crate::runtime::verify::{self, Report};

/// Arguments of `tagwatch verify`.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    place: Place,
    /// Print the whole report as JSON
    #[arg(long)]
    json: bool,
    /// Who verifies it, for the audit trail: everything is read
    #[arg(long, default_value_t = audit::whoever_runs_this())]
    by: String,
    /// Why, for the audit trail
    #[arg(long)]
    reason: Option<String>,
}

/// Prints what was found; succeeds when nothing is wrong.
///
/// # Errors
/// When the store cannot be read.
pub fn verify(arguments: &Verify) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = runtime.block_on(run(arguments)).context("cannot verify")?;
    if arguments.json {
        print(&serde_json::to_string_pretty(&report)?)?;
    } else {
        show(&report)?;
    }
    Ok(if report.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn run(arguments: &Verify) -> anyhow::Result<Report> {
    let store = arguments.place.open().await?;
    let (by, reason) = (&arguments.by, arguments.reason.clone());
    audit::note(&*store, by, "store.verify", "everything".to_owned(), reason).await?;
    // Draws on standard error, and only where that is a terminal.
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "{wide_bar} {human_pos} of {human_len} entries, {eta} left",
    )?);
    let report = verify::verify(&*store, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })
    .await;
    bar.finish_and_clear();
    store.close().await;
    Ok(report?)
}

fn show(report: &Report) -> anyhow::Result<()> {
    for journal in &report.partitions {
        print(&format!(
            "partition {}: {} entries, {} readings, {} erased",
            journal.partition, journal.entries, journal.readings, journal.erased
        ))?;
    }
    let decisions = &report.decisions;
    print(&format!(
        "decisions: {} match, {} missing, {} extra, {} different",
        decisions.matching, decisions.missing, decisions.extra, decisions.different
    ))?;
    if decisions.unchecked > 0 {
        print(&format!(
            "{} decisions are kept that no journal was read far enough for",
            decisions.unchecked
        ))?;
    }
    let rows = &report.queue_rows;
    print(&format!(
        "queue rows: {} present, {} missing",
        rows.present, rows.missing
    ))?;
    for finding in &report.findings {
        print(&finding.to_string())?;
    }
    print(&match report.findings_total {
        0 => "nothing is wrong".to_owned(),
        total => format!("{total} findings"),
    })?;
    Ok(())
}
