//! Keeps a partition going: rebuilds its engine from the journal when the two differ.

use model::{PartitionId, PolicyChange};
use tokio_util::sync::CancellationToken;

use super::inbox::Inbox;
use super::partition::Ended;
use super::readiness::Part;
use super::recover::recover;
use super::retry::while_unavailable;
use super::shared::Shared;
use crate::config::Rules;

use crate::store::{OwnChange, StoreError};

/// What a partition is to watch, as files and configuration say it at the start.
#[derive(Clone)]
pub(super) struct Charge {
    /// Which partition.
    pub partition: PartitionId,
    /// The rules to judge by.
    pub rules: Rules,
}

/// Runs a partition until told to stop.
///
/// # Errors
/// When it must not go on: another owner has taken the partition, or the store has what it cannot
/// read.
pub(super) async fn supervise(
    charge: Charge,
    shared: Shared,
    mut inbox: Inbox,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    let mut is_first = true;
    loop {
        let recovered = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            recovered = recover(charge.partition, &charge.rules.policy, &shared) => recovered,
        };
        let mut partition = recovered?;
        if is_first {
            inbox.hand_over(news(&charge, &shared).await?);
            let gap = inbox.intake.resume(partition.last(), shared.clock.now());
            inbox.hand_over(gap.into_iter().collect());
            is_first = false;
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

/// What the engine has to be told first: the rules, if they are not those of the journal.
async fn news(charge: &Charge, shared: &Shared) -> Result<Vec<PolicyChange>, StoreError> {
    let journaled = while_unavailable("reading the rules", || {
        shared
            .store
            .newest_change(charge.partition, OwnChange::Rules)
    })
    .await?;
    let rules = PolicyChange::Rules {
        toml: charge.rules.toml.clone(),
    };
    Ok((journaled.as_ref() != Some(&rules))
        .then_some(rules)
        .into_iter()
        .collect())
}
