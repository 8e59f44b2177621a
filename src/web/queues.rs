//! Recipients' queues over HTTP: claim under a lease, then acknowledge or give back.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::TimeDelta;
use model::{Recipient, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::disclosure::{Reader, ReaderHeaders};
use super::extract::OptionalJson;
use super::problem::{BodyProblems, Problem, Problems};
use super::{WebState, schema};
use crate::access::Action;
use crate::dispatch::{Claim, ClaimError, CloudEvent, SettleError};
use crate::store::{Again, Delivery, GiveBack, QueueStatus, Receipt};

/// The longest wait for something to come: a request that takes longer than 10 s is answered for.
const WAIT_MAX: Duration = Duration::from_secs(8);

/// How the queues stand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueueList {
    /// Every queue that ever held something, by name.
    #[schema(value_type = Vec<schema::Queue>)]
    pub(super) queues: Vec<QueueStatus>,
}

/// A wish to take notifications.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ClaimBody {
    /// Who takes them, for the record; the `X-Actor` of the request if it is not said.
    #[schema(example = "control-room-2")]
    consumer: Option<String>,
    /// How many at most: 1 to 100, 10 if it is not said.
    #[schema(minimum = 1, maximum = 100, example = 10)]
    max: Option<usize>,
    /// For how many seconds they are leased: 1 to 3600, 60 if it is not said.
    #[schema(minimum = 1, maximum = 3600, example = 60)]
    lease_s: Option<u32>,
    /// How many seconds it waits for something to come where there is nothing: 0 to 8, 0 if it is not said.
    #[schema(minimum = 0, maximum = 8, example = 8)]
    wait_s: Option<u64>,
}

/// What was claimed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Claimed {
    /// The deliveries, oldest first.
    deliveries: Vec<ClaimedDelivery>,
}

/// One notification under a lease.
#[derive(Debug, Serialize, ToSchema)]
struct ClaimedDelivery {
    /// What to acknowledge or give it back by.
    #[schema(example = "7c9e6679-7425-40de-944b-e07fc1f90ae7:1")]
    receipt: String,
    /// Counts the times it was handed out, from 1.
    #[schema(example = 1)]
    attempt: u32,
    /// It is handed out again after this, unless acknowledged.
    #[schema(value_type = String, format = DateTime)]
    lease_until: Timestamp,
    /// The notification.
    #[schema(value_type = schema::CloudEvent)]
    event: CloudEvent,
}

/// What came of a delivery.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AckBody {
    /// What the system it was passed on to answered, for the record.
    #[schema(example = "incident 4711")]
    answer: Option<String>,
}

/// For how much longer a delivery is wanted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ExtendBody {
    /// The lease ends this many seconds from now: 1 to 3600, 60 if it is not said.
    #[schema(minimum = 1, maximum = 3600, example = 60)]
    lease_s: Option<u32>,
}

/// Why a delivery is given back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NackBody {
    /// Why, for the record.
    #[schema(example = "the recipient's system is down")]
    reason: Option<String>,
    /// It may be claimed again after this many seconds, 0 to 3600; if it is not said, after a time
    /// that doubles with every attempt, from 1 s up to 60 s.
    #[schema(minimum = 0, maximum = 3600, example = 30)]
    retry_after_s: Option<u32>,
}

/// How the queues stand that one may know of. Holds nothing about a wearer.
#[utoipa::path(get, path = "/v1/queues", operation_id = "list_queues", tag = "queues",
    responses((status = 200, description = "the queues", body = QueueList), Problems))]
pub(super) async fn list(
    State(state): State<WebState>,
    reader: Reader,
) -> Result<Json<QueueList>, Problem> {
    let mut queues = state.queues.list(state.clock.now()).await?;
    queues.retain(|queue| reader.can(Action::CountQueue(&queue.recipient)));
    Ok(Json(QueueList { queues }))
}

/// Claims from a queue with a name of one part, such as `operators`. A queue that never held
/// anything is empty. What is handed out is written to the audit trail.
#[utoipa::path(post, path = "/v1/queues/{group}/claim", operation_id = "claim_from_group", tag = "queues",
    params(("group" = String, Path, example = "operators"), ReaderHeaders),
    request_body(content = Option<ClaimBody>, description = "may be left out"),
    responses((status = 200, description = "the deliveries", body = Claimed), BodyProblems, Problems))]
pub(super) async fn claim_group(
    State(state): State<WebState>,
    reader: Reader,
    Path(group): Path<String>,
    OptionalJson(body): OptionalJson<ClaimBody>,
) -> Result<Json<Claimed>, Problem> {
    claim(&state, &reader, group, body).await
}

/// Claims from a queue with a name of two parts, such as `police/staffordshire`.
#[utoipa::path(post, path = "/v1/queues/{group}/{name}/claim", operation_id = "claim_from_queue", tag = "queues",
    params(
        ("group" = String, Path, example = "police"),
        ("name" = String, Path, example = "staffordshire"),
        ReaderHeaders,
    ),
    request_body(content = Option<ClaimBody>, description = "may be left out"),
    responses((status = 200, description = "the deliveries", body = Claimed), BodyProblems, Problems))]
pub(super) async fn claim_named(
    State(state): State<WebState>,
    reader: Reader,
    Path((group, name)): Path<(String, String)>,
    OptionalJson(body): OptionalJson<ClaimBody>,
) -> Result<Json<Claimed>, Problem> {
    claim(&state, &reader, format!("{group}/{name}"), body).await
}

async fn claim(
    state: &WebState,
    reader: &Reader,
    queue: String,
    body: ClaimBody,
) -> Result<Json<Claimed>, Problem> {
    let recipient = Recipient::new(queue).map_err(|e| Problem::bad_request(e.to_string()))?;
    reader.may(state, Action::TakeFrom(&recipient)).await?;
    let wait = patience(body.wait_s.unwrap_or_default())?;
    let claim = Claim {
        recipient: recipient.clone(),
        consumer: body.consumer.unwrap_or_else(|| reader.actor()),
        max: body.max,
        lease: body
            .lease_s
            .map(|lease_s| TimeDelta::seconds(lease_s.into())),
    };
    let claimed = claim_within(state, &claim, wait).await?;
    if !claimed.is_empty() {
        disclose(state, reader, &recipient, &claimed).await?;
    }
    let mut deliveries = Vec::new();
    for delivery in claimed {
        let notification = delivery.notification.clone();
        let event = state
            .queues
            .event(notification, &state.installation)
            .await?;
        deliveries.push(ClaimedDelivery::new(&delivery, event));
    }
    Ok(Json(Claimed { deliveries }))
}

/// How long to wait for something to come.
fn patience(wait_s: u64) -> Result<Duration, Problem> {
    let wait = Duration::from_secs(wait_s);
    if wait > WAIT_MAX {
        let most = WAIT_MAX.as_secs();
        return Err(Problem::bad_request(format!(
            "wait_s {wait_s} is not within 0 to {most}"
        )));
    }
    Ok(wait)
}

/// Claims, again and again where there is nothing, until something comes or the time is over.
async fn claim_within(
    state: &WebState,
    claim: &Claim,
    wait: Duration,
) -> Result<Vec<Delivery>, Problem> {
    let until = Instant::now() + wait;
    // From before it is looked, so that nothing comes in between unheard.
    let mut bell = state.bell.listen(claim.recipient.clone());
    loop {
        let claimed = state.queues.claim(claim.clone(), state.clock.now()).await?;
        if !claimed.is_empty() {
            return Ok(claimed);
        }
        tokio::select! {
            () = bell.heard() => {}
            () = tokio::time::sleep_until(until) => return Ok(claimed),
            () = state.shutdown.cancelled() => return Ok(claimed),
        }
    }
}

/// Writes down what was claimed; if that fails gives it back, so that it is neither shown nor
/// withheld for the length of the lease.
async fn disclose(
    state: &WebState,
    reader: &Reader,
    recipient: &Recipient,
    claimed: &[Delivery],
) -> Result<(), Problem> {
    let subject = format!("queue {recipient}, notifications: {}", claimed.len());
    let Err(problem) = reader.shown(state, "queue.claim", subject).await else {
        return Ok(());
    };
    let now = state.clock.now();
    for delivery in claimed {
        let back = GiveBack {
            receipt: delivery.receipt,
            reason: "the audit trail could not be written".to_owned(),
            again: Again::Untried { at: now },
            now,
        };
        if let Err(error) = state.store.nack(&back).await {
            tracing::warn!(%error, "a delivery not shown stays leased until its lease ends");
        }
    }
    Err(problem)
}

/// Acknowledges a delivery: it will not come again. Doing so twice is fine.
#[utoipa::path(post, path = "/v1/deliveries/{receipt}/ack", operation_id = "acknowledge", tag = "queues",
    params(("receipt" = String, Path, description = "from the claim")),
    request_body(content = Option<AckBody>, description = "may be left out"),
    responses(
        (status = 204, description = "acknowledged"),
        (status = 404, description = "the receipt is unknown", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "the lease has run out", body = Problem,
            content_type = "application/problem+json"),
        BodyProblems,
        Problems,
    ))]
pub(super) async fn ack(
    State(state): State<WebState>,
    reader: Reader,
    Path(receipt): Path<String>,
    OptionalJson(body): OptionalJson<AckBody>,
) -> Result<StatusCode, Problem> {
    own(&state, &reader, &receipt).await?;
    let (answer, now) = (body.answer.as_deref(), state.clock.now());
    state.queues.ack(&receipt, answer, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a delivery back: it may be claimed again, after a while.
#[utoipa::path(post, path = "/v1/deliveries/{receipt}/nack", operation_id = "give_back", tag = "queues",
    params(("receipt" = String, Path, description = "from the claim")),
    request_body(content = Option<NackBody>, description = "may be left out"),
    responses(
        (status = 200, description = "given back", body = GivenBack),
        (status = 404, description = "the receipt is unknown", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "the lease has run out, or it was acknowledged",
            body = Problem, content_type = "application/problem+json"),
        BodyProblems,
        Problems,
    ))]
pub(super) async fn nack(
    State(state): State<WebState>,
    reader: Reader,
    Path(receipt): Path<String>,
    OptionalJson(body): OptionalJson<NackBody>,
) -> Result<Json<GivenBack>, Problem> {
    own(&state, &reader, &receipt).await?;
    let reason = body.reason.unwrap_or_default();
    let wait = body
        .retry_after_s
        .map(|wait_s| TimeDelta::seconds(wait_s.into()));
    let now = state.clock.now();
    let again_at = state.queues.nack(&receipt, &reason, wait, now).await?;
    Ok(Json(GivenBack { again_at }))
}

/// Whether the delivery is from a queue that one may take from; if not, there is no such receipt.
async fn own(state: &WebState, reader: &Reader, receipt: &str) -> Result<(), Problem> {
    let Some(receipt) = Receipt::parse(receipt) else {
        return Err(Problem::receipt_unknown());
    };
    match state.store.queue_of(&receipt).await? {
        Some(queue) if reader.can(Action::TakeFrom(&queue)) => Ok(()),
        Some(_) | None => Err(Problem::receipt_unknown()),
    }
}

/// When a delivery given back may be claimed again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GivenBack {
    /// It may be claimed again from then on; absent where it was tried as often as it may be, and is
    /// given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    again_at: Option<Timestamp>,
}

/// Extends the lease of a delivery that takes longer.
#[utoipa::path(post, path = "/v1/deliveries/{receipt}/extend", operation_id = "extend_lease", tag = "queues",
    params(("receipt" = String, Path, description = "from the claim")),
    request_body(content = Option<ExtendBody>, description = "may be left out"),
    responses(
        (status = 200, description = "extended", body = Extended),
        (status = 404, description = "the receipt is unknown", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "the lease has run out, or it was acknowledged",
            body = Problem, content_type = "application/problem+json"),
        BodyProblems,
        Problems,
    ))]
pub(super) async fn extend(
    State(state): State<WebState>,
    reader: Reader,
    Path(receipt): Path<String>,
    OptionalJson(body): OptionalJson<ExtendBody>,
) -> Result<Json<Extended>, Problem> {
    own(&state, &reader, &receipt).await?;
    let lease = body
        .lease_s
        .map(|lease_s| TimeDelta::seconds(lease_s.into()));
    let extended = state.queues.extend(&receipt, lease, state.clock.now());
    let lease_until = extended.await?;
    Ok(Json(Extended { lease_until }))
}

/// Until when a delivery is leased now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Extended {
    /// It is handed out again after this, unless acknowledged.
    #[schema(value_type = String, format = DateTime)]
    lease_until: Timestamp,
}

impl ClaimedDelivery {
    fn new(delivery: &Delivery, event: CloudEvent) -> Self {
        Self {
            receipt: delivery.receipt.to_string(),
            attempt: delivery.attempt,
            lease_until: delivery.lease_until,
            event,
        }
    }
}

impl From<ClaimError> for Problem {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::Store(error) => error.into(),
            ClaimError::Max(_) | ClaimError::Lease(_) | ClaimError::Consumer(_) => {
                Self::bad_request(error.to_string())
            }
        }
    }
}

impl From<SettleError> for Problem {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Queue(error) => error.into(),
            SettleError::Text(..) | SettleError::Wait(_) | SettleError::Lease(_) => {
                Self::bad_request(error.to_string())
            }
        }
    }
}
