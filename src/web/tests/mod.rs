//! The API over real sockets, with a store in a temporary folder behind it.

mod alerts;
mod client;
mod console;
mod live;
mod operation;
mod oversight;
mod queues;
mod refusals;
mod registry;
mod steps;

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{WebState, router, serve};
use crate::dispatch::Queues;
use crate::metrics::Metrics;
use crate::registrar::Registrar;
use crate::runtime::clock::Clock;
use crate::runtime::readiness::Readiness;
use crate::store::contract::sample;
use crate::store::{RoutedDecision, SqliteStore, Store};
use crate::triage::Desk;

/// Few, so that a test gets there.
pub(super) const ATTEMPTS_MAX: u32 = 3;

/// An API being served, and the ends of what it listens to.
pub(super) struct Service {
    pub(super) state: WebState,
    pub(super) address: SocketAddr,
    pub(super) newest_event: Arc<watch::Sender<u64>>,
    pub(super) serving: JoinHandle<std::io::Result<()>>,
    pub(super) folder: TempDir,
}

impl Service {
    pub(super) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path).unwrap());
        let (newest_event, newest) = watch::channel(0);
        let metrics = Arc::new(Metrics::new().unwrap());
        let registrar = Registrar::new(Arc::clone(&store));
        let newest_event = Arc::new(newest_event);
        let state = WebState {
            queues: Queues::new(Arc::clone(&store), ATTEMPTS_MAX, Arc::clone(&metrics)),
            desk: Desk::new(
                Arc::clone(&store),
                registrar.clone(),
                Arc::clone(&newest_event),
            ),
            registrar,
            rules: Arc::default(),
            partitions: NonZeroU16::MIN,
            hmpps: Arc::default(),
            store,
            newest_event: newest,
            metrics,
            readiness: Readiness::starting([]),
            installation: "/tagwatch/test".to_owned(),
            clock: Clock::system(),
            tags_clock: Clock::system(),
            hosts: Arc::from([]),
            shutdown: CancellationToken::new(),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = state.shutdown.clone();
        let serving = tokio::spawn(serve(listener, router(state.clone()), shutdown));
        Self {
            state,
            address,
            newest_event,
            serving,
            folder,
        }
    }

    /// Commits decisions and wakes the live streams.
    pub(super) async fn commit(&self, decisions: Vec<RoutedDecision>) {
        let committed = sample::commit_decisions(&self.state.store, decisions).await;
        self.newest_event.send_replace(committed.newest_event);
    }

    /// Makes the audit trail unwritable, or writable again.
    pub(super) fn break_audit(&self, broken: bool) {
        let path = self.folder.path().join("store.sqlite");
        let connection = rusqlite::Connection::open(path).unwrap();
        let rename = if broken {
            "ALTER TABLE audit RENAME TO audit_away"
        } else {
            "ALTER TABLE audit_away RENAME TO audit"
        };
        connection.execute_batch(rename).unwrap();
    }

    /// Actor, action, subject and reason of what the audit trail holds, oldest first.
    pub(super) async fn audited(&self) -> Vec<(String, String, String, Option<String>)> {
        let mut entries = self.state.store.audit_trail(1000).await.unwrap();
        entries.reverse();
        entries
            .into_iter()
            .map(|entry| (entry.actor, entry.action, entry.subject, entry.reason))
            .collect()
    }
}
