//! `tagwatch queue requeue`: dead notifications are handed out again.

use clap::Args;
use model::{NotificationId, Recipient};

use super::Installation;
use crate::commands::output::print;
use crate::runtime::clock::Clock;
use crate::store::{self, DeadOnes};

/// Arguments of `tagwatch queue requeue`.
#[derive(Debug, Args)]
pub(super) struct Requeue {
    /// All dead ones of this queue
    #[arg(value_parser = super::recipient, required_unless_present = "id", conflicts_with = "id")]
    queue: Option<Recipient>,
    /// The one with this id
    #[arg(long, value_parser = NotificationId::parse)]
    id: Option<NotificationId>,
    #[command(flatten)]
    installation: Installation,
    /// Who puts them back, for the audit trail
    #[arg(long)]
    by: String,
    /// Why, for the audit trail
    #[arg(long)]
    reason: String,
}

/// Puts them back, and says how many.
pub(super) async fn run(arguments: &Requeue) -> anyhow::Result<()> {
    let store = super::open(&arguments.installation).await?;
    let which = match (&arguments.queue, arguments.id) {
        (Some(queue), _) => {
            super::known(&*store, queue).await?;
            DeadOnes::Of(queue.clone())
        }
        (None, Some(id)) => DeadOnes::One(id),
        (None, None) => anyhow::bail!("name a queue, or give --id"),
    };
    let requeue = store::Requeue {
        which,
        actor: arguments.by.clone(),
        reason: arguments.reason.clone(),
        now: Clock::system().now(),
    };
    let count = store.requeue(&requeue).await?;
    store.close().await;
    print(&format!("put back: {count}"))?;
    Ok(())
}
