//! Acknowledging: after the commit, in the order received, never across connections.

use std::sync::Arc;

use rumqttc::{AsyncClient, Publish};
use tokio::sync::{mpsc, watch};

use crate::metrics::{AckResult, Metrics};

/// Entitles its holder to have one message acknowledged on the connection it came on.
#[derive(Debug, Clone)]
pub struct AckTicket {
    epoch: u64,
    publish: Arc<Publish>,
}

impl AckTicket {
    pub(super) fn new(epoch: u64, publish: Publish) -> Self {
        Self {
            epoch,
            publish: Arc::new(publish),
        }
    }

    pub(super) fn publish(&self) -> &Publish {
        &self.publish
    }
}

/// Whether the broker can be reached now.
#[derive(Clone)]
pub struct Link(pub(super) watch::Receiver<Option<Connection>>);

impl Link {
    /// It can send.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits until that changes.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The session has ended; nothing will change any more.
            std::future::pending::<()>().await;
        }
    }
}

/// The connection that is up now. Each has an epoch of its own and a client of its own, so that an
/// acknowledgement can never reach another connection's broker-side packet ids.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) epoch: u64,
    pub(super) client: AsyncClient,
}

/// Sends acknowledgements, in the order in which they are handed to it, from a task of its own: an
/// acknowledgement that waits must not hold up the task that reads from the broker.
pub(super) struct Acker {
    tickets: mpsc::Receiver<Vec<AckTicket>>,
    connection: watch::Receiver<Option<Connection>>,
    metrics: Arc<Metrics>,
}

impl Acker {
    pub(super) const fn new(
        tickets: mpsc::Receiver<Vec<AckTicket>>,
        connection: watch::Receiver<Option<Connection>>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            tickets,
            connection,
            metrics,
        }
    }

    /// Runs until nobody can hand it tickets any more.
    pub(super) async fn run(&mut self) {
        while let Some(tickets) = self.tickets.recv().await {
            for ticket in tickets {
                self.acknowledge(&ticket).await;
            }
        }
    }

    /// Takes leave of the broker; acknowledgements handed over before go out first.
    pub(super) async fn disconnect(&self) {
        let connection = self.connection.borrow().clone();
        if let Some(connection) = connection
            && let Err(error) = connection.client.disconnect().await
        {
            tracing::debug!(%error, "disconnected already");
        }
    }

    async fn acknowledge(&self, ticket: &AckTicket) {
        // Cloned out, because a borrow of the watch must not be held across an await.
        let connection = self.connection.borrow().clone();
        let sent = match connection {
            Some(connection) if connection.epoch == ticket.epoch => {
                connection.client.ack(ticket.publish()).await.is_ok()
            }
            // Came on an earlier connection: its packet id means another message now, which would be
            // lost. The broker delivers the message again, and it is found to be known.
            Some(_) | None => false,
        };
        self.metrics.ack(if sent {
            AckResult::Sent
        } else {
            AckResult::Discarded
        });
    }
}
