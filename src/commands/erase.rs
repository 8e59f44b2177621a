//! `tagwatch erase`: everything about a wearer is taken out of the store; that it was stays in the audit
//! trail.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use model::{Timestamp, WearerId};

use super::output::{print, say};
use crate::config::{self, Config};
use crate::runtime::clock::Clock;
use crate::runtime::erase::{Plan, names};
use crate::store::{AuditEntry, Erasure, Store, StoreAddress};

/// Arguments of `tagwatch erase`.
#[derive(Debug, Args)]
pub struct Erase {
    /// Configuration file (TOML) of the installation, which is to be stopped
    #[arg(long)]
    config: PathBuf,
    /// Whose data
    #[arg(long)]
    wearer: WearerId,
    /// Why, for the audit trail; not by name
    #[arg(long)]
    reason: String,
    /// Who erases, for the audit trail
    #[arg(long)]
    by: String,
    /// Only say what would be erased, and what stands against it
    #[arg(long)]
    dry_run: bool,
}

/// Erases, unless something stands against it.
///
/// # Errors
/// When the store cannot be read or written.
pub fn erase(arguments: &Erase) -> anyhow::Result<ExitCode> {
    let config = config::load(&arguments.config)?;
    let address = StoreAddress::of(&config.store)?;
    if let Some(path) = address.missing() {
        bail!("there is no store at {}", path.display());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = address.open(&config.store.postgres).await?;
        let ended = run(arguments, &config, &*store).await;
        store.close().await;
        ended
    })
}

async fn run(arguments: &Erase, config: &Config, store: &dyn Store) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let plan = plan(arguments, config, store, now).await?;
    if arguments.dry_run {
        let checkpoints = plan.checkpoints_without(store, &arguments.wearer).await?;
        let erasure = Erasure {
            checkpoints,
            ..erasure(arguments, &plan, now)
        };
        let erased = store.rehearse_erasure(&erasure).await?;
        print(&format!(
            "would be erased of {}: {erased}",
            arguments.wearer
        ))?;
    }
    if !plan.against.is_empty() {
        say(&format!("{} is not erased:", arguments.wearer));
        plan.against.iter().for_each(|why| say(why));
        return Ok(ExitCode::FAILURE);
    }
    if arguments.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    // What would be refused is refused before anybody is hindered.
    drop(plan.checkpoints_without(store, &arguments.wearer).await?);
    // Whoever still runs on this store is fenced off: it would write on from a state that remembers.
    let mut epochs = Vec::new();
    for partition in &plan.partitions {
        epochs.push((*partition, store.acquire(*partition).await?));
    }
    let checkpoints = plan.checkpoints_without(store, &arguments.wearer).await?;
    let erasure = Erasure {
        epochs,
        checkpoints,
        ..erasure(arguments, &plan, now)
    };
    let erased = store.erase(&erasure).await?;
    print(&format!("erased of {}: {erased}", arguments.wearer))?;
    Ok(ExitCode::SUCCESS)
}

async fn plan(
    arguments: &Erase,
    config: &Config,
    store: &dyn Store,
    now: Timestamp,
) -> anyhow::Result<Plan> {
    let wearer = &arguments.wearer;
    let mut plan = Plan::make(store, wearer, now).await?;
    for document in &config.registry {
        if names(&registry::load(document)?, wearer) {
            let document = document.display();
            plan.against.push(format!(
                "{document} still names {wearer}: the next start would take it in again"
            ));
        }
    }
    let said = |name: &String| arguments.reason.contains(name) || arguments.by == *name;
    if plan.names.iter().any(said) {
        plan.against
            .push("the reason names them, and the audit trail is kept".to_owned());
    }
    Ok(plan)
}

fn erasure(arguments: &Erase, plan: &Plan, now: Timestamp) -> Erasure {
    Erasure {
        wearer: arguments.wearer.clone(),
        changes: plan.places.clone(),
        parts: plan.parts.clone(),
        devices: plan.devices.clone(),
        // Epochs of nobody, which a rehearsal does not look at.
        epochs: plan.partitions.iter().map(|id| (*id, 0)).collect(),
        checkpoints: Vec::new(),
        audit: AuditEntry {
            at: now,
            actor: arguments.by.clone(),
            action: "wearer.erase".to_owned(),
            subject: arguments.wearer.to_string(),
            reason: Some(arguments.reason.clone()),
        },
    }
}
