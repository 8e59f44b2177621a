//! `tagwatch queue peek`: what is in a queue, without claiming it.

use clap::Args;
use model::Recipient;
use serde::Serialize;

use super::{Installation, Looker};
use crate::commands::audit;
use crate::commands::output::print;
use crate::dispatch::{CloudEvent, report};
use crate::store::{DeliveryRecord, PeekQuery, Queued, QueuedState, Store};

/// Arguments of `tagwatch queue peek`.
#[derive(Debug, Args)]
pub(super) struct Peek {
    /// The queue: operators, police/staffordshire
    #[arg(value_parser = super::recipient)]
    queue: Recipient,
    #[command(flatten)]
    installation: Installation,
    /// The dead ones instead of those that wait
    #[arg(long)]
    dead: bool,
    /// How many at most
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Print each as a line of JSON, with its CloudEvent and its deliveries so far
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    looker: Looker,
}

/// One notification, as a line of JSON.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    state: QueuedState,
    attempt: u32,
    event: CloudEvent,
    deliveries: Vec<DeliveryRecord>,
}

/// Prints what is there, oldest first. The look is in the audit trail.
pub(super) async fn run(arguments: &Peek) -> anyhow::Result<()> {
    let store = super::open(&arguments.installation).await?;
    let source = crate::config::load(&arguments.installation.config)?.installation;
    let shown = look(arguments, &*store, &source).await;
    store.close().await;
    shown
}

async fn look(arguments: &Peek, store: &dyn Store, source: &str) -> anyhow::Result<()> {
    super::known(store, &arguments.queue).await?;
    let query = PeekQuery {
        recipient: arguments.queue.clone(),
        dead: arguments.dead,
        limit: arguments.limit,
    };
    let seen = store.peek(&query).await?;
    let looker = &arguments.looker;
    let subject = format!("queue {}, notifications: {}", arguments.queue, seen.len());
    let (actor, reason) = (looker.actor(), looker.reason.clone());
    audit::note(store, &actor, "queue.peek", subject, reason).await?;
    for queued in seen {
        if arguments.json {
            let report = report(store, &queued.notification.decision).await?;
            let shown = Shown {
                state: queued.state,
                attempt: queued.attempt,
                deliveries: store.deliveries(queued.notification.id).await?,
                event: CloudEvent::new(queued.notification, report, source),
            };
            print(&serde_json::to_string(&shown)?)?;
        } else {
            print(&line(&queued))?;
        }
    }
    Ok(())
}

fn line(queued: &Queued) -> String {
    let (notification, decision) = (&queued.notification, &queued.notification.decision);
    let stands = match &queued.state {
        QueuedState::Ready => "ready".to_owned(),
        QueuedState::Leased { until } => format!("leased until {until}"),
        QueuedState::Delayed { until } => format!("again at {until}"),
        QueuedState::Dead { since, reason } => format!("dead since {since}: {reason}"),
    };
    format!(
        "{} {} {} {} {} {} attempts {} {stands}",
        notification.id,
        decision.decided,
        notification.severity.as_str(),
        decision.kind.as_str(),
        decision.phase,
        decision.wearer,
        queued.attempt,
    )
}
