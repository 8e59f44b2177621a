//! `tagwatch replay`: decide again. The same input gives the same bytes, on any machine.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use model::{Decision, Timestamp};

use super::audit;
use super::output::{log, say};
use crate::config::{Policies, PostgresConfig};
use crate::runtime::clock::Clock;
use crate::runtime::replay::{Replayed, Replayer};
use crate::runtime::replay_journal;
use crate::store::StoreAddress;

/// Arguments of `tagwatch replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// Registry document (JSON)
    #[arg(long, required_unless_present = "store")]
    registry: Option<PathBuf>,
    /// Readings, one a line, in order of arrival (JSONL)
    #[arg(long, required_unless_present = "store")]
    readings: Option<PathBuf>,
    /// Changes that become known later, one a line with its time (JSONL)
    #[arg(long, requires = "registry")]
    changes: Option<PathBuf>,
    /// Replay the journals in this store, a SQLite file or postgres://…, instead of files
    #[arg(long, conflicts_with_all = ["registry", "readings", "rules", "changes"])]
    store: Option<String>,
    /// Let time run on to this instant after the last reading, so that timers fire
    #[arg(long)]
    until: Option<Timestamp>,
    /// Rules policy (TOML) instead of the shipped one
    #[arg(long)]
    rules: Option<PathBuf>,
}

/// Prints one decision a line. Readings that cannot be used are named on standard error.
///
/// # Errors
/// When a file cannot be read or is not what it should be.
pub fn replay(arguments: &Replay) -> anyhow::Result<ExitCode> {
    log("warn");
    match (&arguments.store, &arguments.registry, &arguments.readings) {
        (Some(store), _, _) => from_store(store, arguments.until),
        (None, Some(registry), Some(readings)) => from_files(arguments, registry, readings),
        (None, _, _) => bail!("give --registry and --readings, or --store"),
    }
}

fn from_files(arguments: &Replay, registry: &Path, readings: &Path) -> anyhow::Result<ExitCode> {
    let rules = Policies::rules(arguments.rules.as_deref())?;
    let document = registry::read(registry)?;
    let problems = document.check(&[], &BTreeSet::new(), Clock::system().now());
    if problems.errors() > 0 {
        bail!("{problems}");
    }
    if !problems.is_empty() {
        say(&problems.to_string());
    }
    let later = match &arguments.changes {
        Some(path) => registry::load_later(path)?,
        None => Vec::new(),
    };
    let file =
        File::open(readings).with_context(|| format!("cannot read {}", readings.display()))?;
    let mut out = io::stdout().lock();
    let mut replayer = Replayer::new(rules.policy, document.into_changes(), later);
    let mut unreadable = 0_u64;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("cannot read {}", readings.display()))?;
        if line.trim().is_empty() {
            continue;
        }
        let place = format!("{}:{}", readings.display(), index + 1);
        match wire::readings_file::parse_line(&line) {
            Ok(reading) => {
                if let Replayed::NotUsed(why) = replayer.reading(reading) {
                    say(&format!("{place}: {why}"));
                }
            }
            Err(error) => {
                unreadable += 1;
                say(&format!("{place}: {error}"));
            }
        }
        write_decisions(&mut replayer, &mut out)?;
    }
    replayer.run_on(arguments.until);
    write_decisions(&mut replayer, &mut out)?;
    out.flush()?;
    Ok(if unreadable == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn write_decisions(replayer: &mut Replayer, out: &mut impl Write) -> anyhow::Result<()> {
    while let Some(decision) = replayer.poll_decision() {
        write_decision(&decision, out)?;
    }
    Ok(())
}

fn write_decision(decision: &Decision, out: &mut impl Write) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, decision)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn from_store(store: &str, until: Option<Timestamp>) -> anyhow::Result<ExitCode> {
    let address = StoreAddress::parse(store);
    if let Some(path) = address.missing() {
        bail!("there is no store at {}", path.display());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = address.open(&PostgresConfig::default()).await?;
        let (actor, subject) = (audit::whoever_runs_this(), "the whole journal".to_owned());
        audit::note(&*store, &actor, "journal.replay", subject, None).await?;
        let mut out = io::stdout().lock();
        let mut written = Ok(());
        replay_journal::decisions(&*store, until, |decision| {
            if written.is_ok() {
                written = write_decision(&decision, &mut out);
            }
        })
        .await?;
        written?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    })
}
