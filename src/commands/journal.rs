//! `tagwatch journal`: what was taken in, as text that anybody can read.

use anyhow::Context;
use clap::Args;
use model::{PartitionId, Timestamp, WearerId};
use serde::Serialize;

use super::audit;
use super::output::print;
use super::place::Place;
use crate::store::{JournalEntry, JournalInput, Store};

/// Entries read at once.
const PAGE: usize = 2_000;

/// Arguments of `tagwatch journal`.
#[derive(Debug, Args)]
pub struct Journal {
    #[command(flatten)]
    place: Place,
    /// The journal of this partition only
    #[arg(long)]
    partition: Option<u16>,
    /// What comes after this position
    #[arg(long, default_value_t = 0)]
    after: u64,
    /// Readings of this wearer only, and nothing else
    #[arg(long)]
    wearer: Option<WearerId>,
    /// Who looks, for the audit trail
    #[arg(long, default_value_t = audit::whoever_runs_this())]
    by: String,
    /// Why, for the audit trail
    #[arg(long)]
    reason: Option<String>,
}

/// A line of what is printed.
#[derive(Serialize)]
struct Line<'a> {
    partition: PartitionId,
    position: u64,
    at: Timestamp,
    input: &'a JournalInput,
}

/// Prints one entry a line, in the order of each partition's journal.
///
/// # Errors
/// When the store cannot be read.
pub fn journal(arguments: &Journal) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = arguments.place.open().await?;
        let subject = arguments
            .wearer
            .as_ref()
            .map_or("everything", WearerId::as_str);
        let (by, reason) = (&arguments.by, arguments.reason.clone());
        audit::note(&*store, by, "journal.read", subject.to_owned(), reason).await?;
        let printed = show(&*store, arguments).await;
        store.close().await;
        printed.context("cannot read the journal")
    })
}

async fn show(store: &dyn Store, arguments: &Journal) -> anyhow::Result<()> {
    for partition in store.partitions().await? {
        if arguments
            .partition
            .is_some_and(|wanted| wanted != partition.0)
        {
            continue;
        }
        let mut position = arguments.after;
        loop {
            let page = store.journal_after(partition, position, PAGE).await?;
            let Some(last) = page.last() else { break };
            position = last.position;
            for entry in page.iter().filter(|entry| is_wanted(entry, arguments)) {
                print(&serde_json::to_string(&Line {
                    partition,
                    position: entry.position,
                    at: entry.at,
                    input: &entry.input,
                })?)?;
            }
        }
    }
    Ok(())
}

fn is_wanted(entry: &JournalEntry, arguments: &Journal) -> bool {
    match (&arguments.wearer, &entry.input) {
        (None, _) => true,
        (Some(wearer), JournalInput::Reading(reading)) => reading.wearer == *wearer,
        (Some(_), JournalInput::Policy(_) | JournalInput::Erased) => false,
    }
}
