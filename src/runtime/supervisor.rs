//! Keeps a partition going: rebuilds its engine from the journal when the two differ.

use model::{PartitionId, PolicyChange};
use tokio_util::sync::CancellationToken;

use super::inbox::Inbox;
use super::partition::Ended;
use super::readiness::Part;
use super::record::Record;
use super::recover::recover;
use super::shared::Shared;
use crate::config::Rules;

use crate::store::StoreError;

/// What a partition is to watch, as files and configuration say it at the start.
#[derive(Clone)]
pub(super) struct Charge {
    /// Which partition.
    pub partition: PartitionId,
    /// The rules to judge by.
    pub rules: Rules,
    /// The registry's part that concerns it; what is news is journaled.
    pub registry: Vec<PolicyChange>,
}

/// Runs a partition until told to stop.
///
/// # Errors
/// When it must not go on: another owner has taken the partition, or the store has what it cannot
/// read.
pub(super) async fn supervise(
    mut charge: Charge,
    record: Record,
    shared: Shared,
    mut inbox: Inbox,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    let mut first = Some(record);
    loop {
        let is_first = first.is_some();
        let recovered = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            recovered = recover(charge.partition, &charge.rules.policy, &shared, first.take()) => {
                recovered
            }
        };
        let (mut partition, record) = recovered?;
        if is_first {
            inbox.hand_over(news(&mut charge, &record));
            let gap = inbox.intake.resume(partition.last(), shared.clock.now());
            inbox.hand_over(gap.into_iter().collect());
        }
        shared.readiness.clear(charge.partition, Part::Engine);
        match partition.run(&mut inbox, &stop).await {
            Ended::Stopped => return Ok(()),
            Ended::Rebuild(error) => {
                tracing::error!(partition = %charge.partition, %error, "rebuilding the engine");
                shared
                    .readiness
                    .obstacle(charge.partition, Part::Engine, &error.to_string());
            }
            Ended::Fatal(error) => {
                tracing::error!(partition = %charge.partition, %error, "giving the partition up");
                shared
                    .readiness
                    .obstacle(charge.partition, Part::Engine, &error.to_string());
                return Err(error);
            }
        }
    }
}

/// What the engine has to be told first: the rules, and the registry's news.
fn news(charge: &mut Charge, record: &Record) -> Vec<PolicyChange> {
    let mut wanted = vec![PolicyChange::Rules {
        toml: charge.rules.toml.clone(),
    }];
    wanted.append(&mut charge.registry);
    registry::news(&record.changes, wanted)
}
