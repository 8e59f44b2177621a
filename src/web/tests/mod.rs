//! The API over real sockets, with a store in a temporary folder behind it.

mod access;
mod alerts;
mod client;
mod console;
mod live;
mod operation;
mod oversight;
mod queues;
mod refusals;
mod registry;
mod session;
mod steps;

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Feed, PatientListener, WebState, router, serve};
use crate::config::{AccessConfig, HttpConfig};
use crate::dispatch::{Bell, Queues};
use crate::metrics::Metrics;
use crate::registrar::Registrar;
use crate::runtime::clock::Clock;
use crate::runtime::readiness::Readiness;
use crate::store::contract::sample;
use crate::store::{RoutedDecision, SqliteStore, Store};
use crate::triage::Desk;

/// Few, so that a test gets there.
pub(super) const ATTEMPTS_MAX: u32 = 3;

/// Longer than any test stops reading for.
const PATIENCE: Duration = Duration::from_secs(60);

/// An API being served, and the ends of what it listens to.
pub(super) struct Service {
    pub(super) state: WebState,
    pub(super) address: SocketAddr,
    pub(super) newest_event: Arc<watch::Sender<u64>>,
    pub(super) serving: JoinHandle<std::io::Result<()>>,
    pub(super) folder: TempDir,
}

impl Service {
    /// One that asks nobody who they are.
    pub(super) async fn start() -> Self {
        let config = HttpConfig {
            access: AccessConfig::Open,
            ..HttpConfig::default()
        };
        Self::start_with(&config, PATIENCE).await
    }

    /// One that asks for tokens.
    pub(super) async fn asking_for_tokens() -> Self {
        Self::start_with(&HttpConfig::default(), PATIENCE).await
    }

    /// One configured so, which has that patience with those who do not read.
    pub(super) async fn start_with(config: &HttpConfig, patience: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.sqlite");
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path).unwrap());
        let (newest_event, newest) = watch::channel(0);
        let metrics = Arc::new(Metrics::new().unwrap());
        let registrar = Registrar::new(Arc::clone(&store));
        let newest_event = Arc::new(newest_event);
        let feed = Arc::new(Feed::new(Arc::clone(&store)));
        let state = WebState {
            queues: Queues::new(Arc::clone(&store), ATTEMPTS_MAX, Arc::clone(&metrics)),
            bell: Bell::default(),
            desk: Desk::new(
                Arc::clone(&store),
                registrar.clone(),
                Arc::clone(&newest_event),
                Clock::system(),
            ),
            registrar,
            rules: Arc::default(),
            partitions: NonZeroU16::MIN,
            hmpps: Arc::default(),
            access: super::Access::of(config, Arc::clone(&store)),
            store,
            feed: Arc::clone(&feed),
            metrics,
            readiness: Readiness::starting([]),
            installation: "/tagwatch/test".to_owned(),
            clock: Clock::system(),
            tags_clock: Clock::system(),
            hosts: Arc::from([]),
            tiles: config.tiles.clone().map(Arc::new),
            shutdown: CancellationToken::new(),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = PatientListener::new(listener).with_write_timeout(patience);
        let shutdown = state.shutdown.clone();
        tokio::spawn(feed.run(newest, shutdown.clone()));
        let serving = tokio::spawn(serve(listener, router(state.clone()), shutdown));
        Self {
            state,
            address,
            newest_event,
            serving,
            folder,
        }
    }

    /// Commits decisions and wakes the live streams and those who wait at a queue.
    pub(super) async fn commit(&self, decisions: Vec<RoutedDecision>) {
        let notifications = decisions.iter().flat_map(|routed| &routed.notifications);
        let recipients: Vec<_> = notifications.map(|told| told.recipient.clone()).collect();
        let committed = sample::commit_decisions(&self.state.store, decisions).await;
        self.newest_event.send_replace(committed.newest_event);
        self.state.bell.ring(recipients);
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
