//! `tagwatch queue tail`: what comes into a queue, as it comes.

use std::time::Duration;

use clap::Args;
use model::Recipient;

use super::{Installation, Looker};
use crate::commands::audit;
use crate::commands::output::print;
use crate::store::{Store, StreamEvent};

/// How often the store is asked: what a person does not notice.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Decisions taken from the store at once.
const PAGE: usize = 500;

/// Arguments of `tagwatch queue tail`.
#[derive(Debug, Args)]
pub(super) struct Tail {
    /// The queue: operators, police/staffordshire
    #[arg(value_parser = super::recipient)]
    queue: Recipient,
    #[command(flatten)]
    installation: Installation,
    /// Begin after the decision of this number instead of now; 0 begins at the first
    #[arg(long)]
    after: Option<u64>,
    #[command(flatten)]
    looker: Looker,
}

/// Prints a line for each notification put into the queue, until interrupted. The look is in the
/// audit trail before the first.
pub(super) async fn run(arguments: &Tail) -> anyhow::Result<()> {
    let store = super::open(&arguments.installation).await?;
    let subject = format!("queue {}", arguments.queue);
    let (actor, reason) = (arguments.looker.actor(), arguments.looker.reason.clone());
    audit::note(&*store, &actor, "queue.tail", subject, reason).await?;
    let after = match arguments.after {
        Some(after) => after,
        None => store.newest_event().await?,
    };
    let followed = tokio::select! {
        followed = follow(&*store, &arguments.queue, after) => followed,
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(Into::into),
    };
    store.close().await;
    followed
}

async fn follow(store: &dyn Store, queue: &Recipient, mut after: u64) -> anyhow::Result<()> {
    loop {
        let events = store.events_after(after, PAGE).await?;
        for event in &events {
            after = event.id;
            if event.recipients.contains(queue) {
                print(&line(event))?;
            }
        }
        if events.len() < PAGE {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn line(event: &StreamEvent) -> String {
    let decision = &event.decision;
    format!(
        "{} {} {} {} {} {} alert {}",
        event.id,
        decision.decided,
        event.severity.as_str(),
        decision.kind.as_str(),
        decision.phase,
        decision.wearer,
        decision.alert,
    )
}
