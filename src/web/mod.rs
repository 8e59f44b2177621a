//! The HTTP API: alerts, their live stream, the recipients' queues, the registry, dead letters and the
//! audit trail, with their OpenAPI document at `/openapi.json`.
//!
//! Whoever calls shows a token; who of those that use it says so in `X-Actor`, and why in `X-Reason`.
//!
//! Architecture invariant: nothing about a wearer leaves here before the audit trail says that it
//! does, nor to anybody whose token may not see them; and nothing here decides anything about a wearer.

mod alerts;
mod audit;
mod console;
mod dead_letters;
mod disclosure;
mod extract;
mod feed;
mod guard;
mod health;
mod listener;
mod live;
mod problem;
mod queue_contents;
mod queues;
mod rate;
mod registry;
mod routes;
mod schema;
mod session;
mod sign_in;
mod steps;
#[cfg(test)]
mod tests;
mod trail;

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use engine::RulesPolicy;
use tokio_util::sync::CancellationToken;

use self::listener::Peer;
use crate::config::TilesConfig;
use crate::dispatch::{Bell, Queues};
use crate::metrics::Metrics;
use crate::registrar::Registrar;
use crate::runtime::clock::Clock;
use crate::runtime::readiness::Readiness;
use crate::store::Store;
use crate::triage::Desk;

pub use feed::Feed;
pub use listener::PatientListener;
pub use routes::{document, router};
pub use sign_in::Access;

/// How long a shutdown waits for requests under way. A consumer that has stopped reading holds it
/// up no longer than this.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// What the handlers work with.
#[derive(Clone)]
pub struct WebState {
    /// Whether tokens are asked for.
    pub access: Access,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The recipients' queues.
    pub queues: Queues,
    /// Wakes those who wait for something in one.
    pub bell: Bell,
    /// Where steps about alerts are taken.
    pub desk: Desk,
    /// Changes the registry.
    pub registrar: Registrar,
    /// The rules that a preview judges by.
    pub rules: Arc<RulesPolicy>,
    /// How many partitions there are.
    pub partitions: NonZeroU16,
    /// What orders of HMPPS leave open.
    pub hmpps: Arc<hmpps::Settings>,
    /// What the live streams are fed from.
    pub feed: Arc<Feed>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Whether the installation does its work.
    pub readiness: Readiness,
    /// The name of the installation, the `source` of what it publishes.
    pub installation: String,
    /// The machine's clock: leases and the audit trail are about real people's time.
    pub clock: Clock,
    /// The clock that tags and alerts go by: the machine's, or a demo's.
    pub tags_clock: Clock,
    /// Host names, besides `localhost` and addresses, under which `/v1` may be asked for.
    pub hosts: Arc<[String]>,
    /// Where the console's maps get their pictures from.
    pub tiles: Option<Arc<TilesConfig>>,
    /// Ends the live streams when cancelled.
    pub shutdown: CancellationToken,
}

/// Answers requests on `listener` until `shutdown` is cancelled, and then finishes those under way,
/// for five seconds at most.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: PatientListener,
    router: Router,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let cancelled = shutdown.clone().cancelled_owned();
    let service = router.into_make_service_with_connect_info::<Peer>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(cancelled);
    let out_of_patience = async {
        shutdown.cancelled().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = out_of_patience => {
            tracing::warn!("requests were still under way when the API stopped");
            Ok(())
        }
    }
}
