//! `tagwatch import`: registers what files say, all of it or nothing. A running installation has it
//! within a second.

mod preview;
mod progress;
mod source;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use model::ZoneSetId;

use self::progress::Progress;
use self::source::Source;
use super::audit;
use super::output::{log, print, say};
use crate::config::{self, Config};
use crate::registrar::{Change, Outcome, Registrar, Who};
use crate::runtime::clock::Clock;
use crate::store::{Store, StoreAddress};

/// What is done with each part: it is checked, and written.
const STEPS: usize = 2;

/// Differences that are printed without being asked for: more are counted only.
const CHANGES_PRINTED: usize = 20;

/// Arguments of `tagwatch import`.
#[derive(Debug, Args)]
pub struct Import {
    /// Configuration file (TOML) of the installation
    #[arg(long)]
    config: PathBuf,
    /// Change nothing: print what would change
    #[arg(long)]
    dry_run: bool,
    /// Change nothing, and say what would have been raised otherwise in so many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=35))]
    preview: Option<u16>,
    /// Who imports it: kept with each change, and in the audit trail
    #[arg(long, default_value_t = audit::whoever_runs_this())]
    by: String,
    /// Why: kept with each change, and in the audit trail
    #[arg(long)]
    reason: Option<String>,
    /// The name under which a file of GeoJSON is registered as a shared set of zones
    #[arg(long, value_name = "NAME")]
    set: Option<ZoneSetId>,
    /// Registry documents (JSON), GeoJSON feature collections of zones, and orders of HMPPS's Create an
    /// Electronic Monitoring Order service (JSON)
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Import {
    /// What the audit trail calls it to look at what would change; nothing, where it is changed.
    fn looks(&self) -> Option<&'static str> {
        match (self.preview, self.dry_run) {
            (Some(_), _) => Some("registry.preview"),
            (None, true) => Some("registry.rehearse"),
            (None, false) => None,
        }
    }
}

/// Reads the files, checks what they say against what is registered, and registers it.
///
/// # Errors
/// When a file cannot be read, says what cannot be, or the store fails. Nothing is registered then.
pub fn import(arguments: &Import) -> anyhow::Result<ExitCode> {
    log("warn");
    let config = config::load(&arguments.config)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(arguments, &config))
}

async fn run(arguments: &Import, config: &Config) -> anyhow::Result<ExitCode> {
    let sources = read(arguments)?;
    let store = StoreAddress::of(&config.store)?
        .open(&config.store.postgres)
        .await
        .context("cannot use the store")?;
    let imported = register(arguments, sources, config, &store).await;
    store.close().await;
    imported
}

fn read(arguments: &Import) -> anyhow::Result<Vec<Source>> {
    let size = |path: &PathBuf| fs::metadata(path).map_or(0, |file| file.len());
    let bytes = arguments.files.iter().map(size).sum::<u64>();
    let (_progress, meter) = Progress::begin("reading", usize::try_from(bytes)?);
    let set = arguments.set.as_ref();
    let read = |path: &PathBuf| source::read(path, set, &meter);
    arguments.files.iter().map(read).collect()
}

async fn register(
    arguments: &Import,
    sources: Vec<Source>,
    config: &Config,
    store: &Arc<dyn Store>,
) -> anyhow::Result<ExitCode> {
    let (proposal, documents) = source::together(sources, config, &**store).await?;
    let who = Who {
        actor: arguments.by.clone(),
        reason: arguments.reason.clone(),
        at: Clock::system().now(),
    };
    if let Some(action) = arguments.looks() {
        let (by, reason) = (&arguments.by, arguments.reason.clone());
        audit::note(&**store, by, action, proposal.subjects(), reason).await?;
    }
    if let Some(days) = arguments.preview {
        return preview::show(&proposal, &documents, days, config, store).await;
    }
    let parts = proposal.put.len();
    let (progress, meter) = Progress::begin("checking and registering", STEPS * parts);
    let registrar = Registrar::new(Arc::clone(store)).metered(meter);
    let outcome = if arguments.dry_run {
        registrar
            .rehearse_documents(&documents, proposal, who.at)
            .await
    } else {
        registrar
            .take_in_documents(&documents, proposal, &who)
            .await
    };
    drop(progress);
    match outcome {
        Ok(outcome) => {
            if !outcome.warnings.is_empty() {
                say(&outcome.warnings.to_string());
            }
            report(&outcome, parts, arguments.dry_run)
        }
        Err(refusal) => bail!("nothing is registered:\n{refusal}"),
    }
}

fn report(outcome: &Outcome, parts: usize, dry_run: bool) -> anyhow::Result<ExitCode> {
    let printed = if dry_run {
        outcome.changes.len()
    } else {
        CHANGES_PRINTED
    };
    for change in outcome.changes.iter().take(printed) {
        print(&change.to_string())?;
    }
    let more = outcome.changes.len().saturating_sub(printed);
    if more > 0 {
        print(&format!("… and {more} more"))?;
    }
    let is_new = |change: &&Change| change.was.is_none();
    let new = outcome.changes.iter().filter(is_new).count();
    let changed = outcome.changes.len() - new;
    let word = if dry_run { "would be " } else { "" };
    print(&format!(
        "{new} {word}new, {changed} {word}changed, {} as they were; the registry is at revision {}",
        parts - outcome.changes.len(),
        outcome.revision
    ))?;
    Ok(ExitCode::SUCCESS)
}
