//! Is it alive, does it do its work, and what does it count?

use std::num::NonZeroU16;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::WebState;
use super::problem::Problem;

/// How long a probe waits for the store: shorter than the probes of orchestrators wait for us.
const STORE_TIMEOUT: Duration = Duration::from_millis(800);

/// How a probe is answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `alive`, `ready` or `not_ready`.
    #[schema(value_type = String, example = "ready")]
    status: &'static str,
    /// The name of the installation.
    #[schema(example = "tagwatch")]
    installation: String,
    /// The time by which its tags are judged: the machine's, but in a demo.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// How many partitions it has: the topics of its tags name one.
    #[schema(value_type = u16, example = 4)]
    partitions: NonZeroU16,
    /// Why it is not ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What was wrong last, although readings are taken in: the broker dropped messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operation",
    responses((status = 200, description = "it is", body = Health)))]
pub(super) async fn healthz(State(state): State<WebState>) -> Json<Health> {
    Json(Health {
        status: "alive",
        time: state.tags_clock.now(),
        partitions: state.partitions,
        installation: state.installation,
        reason: None,
        warning: None,
    })
}

/// Readings are taken in, decided on and kept.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses(
        (status = 200, description = "they are", body = Health),
        (status = 503, description = "they are not, and why", body = Health),
    ))]
pub(super) async fn readyz(State(state): State<WebState>) -> Response {
    let reason = not_ready(&state).await;
    let (code, status) = match reason {
        None => (StatusCode::OK, "ready"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    let health = Health {
        status,
        time: state.tags_clock.now(),
        partitions: state.partitions,
        reason,
        warning: state.readiness.warning(),
        installation: state.installation,
    };
    (code, Json(health)).into_response()
}

async fn not_ready(state: &WebState) -> Option<String> {
    let obstacles = state.readiness.obstacles();
    if !obstacles.is_empty() {
        let in_words = |((partition, _part), why)| format!("partition {partition}: {why}");
        return Some(
            obstacles
                .into_iter()
                .map(in_words)
                .collect::<Vec<_>>()
                .join("; "),
        );
    }
    match tokio::time::timeout(STORE_TIMEOUT, state.store.ping()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_elapsed) => Some("the store does not answer".to_owned()),
    }
}

/// The counters, in Prometheus's text format. No label is about a person.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "metrics", body = String, content_type = "text/plain")))]
pub(super) async fn metrics(State(state): State<WebState>) -> Result<Response, Problem> {
    let listing = state.store.queues(state.clock.now());
    let queues = match tokio::time::timeout(STORE_TIMEOUT, listing).await {
        Ok(Ok(queues)) => Some(queues),
        Ok(Err(_)) | Err(_) => None,
    };
    let text = state.metrics.render(queues.as_deref()).map_err(|error| {
        tracing::error!(%error, "the metrics cannot be written");
        Problem::unavailable("the metrics cannot be written")
    })?;
    let format = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, format)], text).into_response())
}
