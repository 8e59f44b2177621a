//! What is in a queue, looked at without claiming it, and what was given up, put back.

use axum::Json;
use axum::extract::{Path, State};
use model::{NotificationId, Recipient};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::disclosure::{Reader, ReaderHeaders};
use super::extract::{Params, limit};
use super::problem::{Problem, Problems};
use super::{WebState, schema};
use crate::access::Action;
use crate::dispatch::CloudEvent;
use crate::store::{DeadOnes, DeliveryRecord, PeekQuery, Queued, QueuedState, Requeue};

/// The most notifications of one look: each comes with its report and its deliveries.
const LIMIT_MAX: usize = 100;

const LIMIT_DEFAULT: usize = 20;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PeekParams {
    /// The dead ones, instead of those that wait or are leased.
    dead: Option<bool>,
    /// How many at most: 1 to 100, 20 if it is not said.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// What is in a queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueueContents {
    /// The notifications, oldest first.
    notifications: Vec<QueuedNotification>,
}

/// A notification in its queue.
#[derive(Debug, Serialize, ToSchema)]
struct QueuedNotification {
    /// Where it stands.
    #[serde(flatten)]
    #[schema(value_type = schema::QueuedState)]
    state: QueuedState,
    /// How often it was handed out.
    attempt: u32,
    /// The notification.
    #[schema(value_type = schema::CloudEvent)]
    event: CloudEvent,
    /// Every handing-out of it, in order.
    #[schema(value_type = Vec<schema::DeliveryRecord>)]
    deliveries: Vec<DeliveryRecord>,
}

/// What was put back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PutBack {
    /// How many notifications will be handed out again.
    #[schema(example = 3)]
    notifications: u64,
}

/// Looks into a queue with a name of one part, such as `operators`. The look is written to the audit trail.
#[utoipa::path(get, path = "/v1/queues/{group}/notifications", operation_id = "look_into_group", tag = "queues",
    params(("group" = String, Path, example = "operators"), PeekParams, ReaderHeaders),
    responses((status = 200, description = "what is there", body = QueueContents), Problems))]
pub(super) async fn of_group(
    State(state): State<WebState>,
    reader: Reader,
    Path(group): Path<String>,
    Params(params): Params<PeekParams>,
) -> Result<Json<QueueContents>, Problem> {
    look(&state, &reader, group, params).await
}

/// Looks into a queue with a name of two parts, such as `police/staffordshire`.
#[utoipa::path(get, path = "/v1/queues/{group}/{name}/notifications", operation_id = "look_into_queue",
    tag = "queues",
    params(
        ("group" = String, Path, example = "police"),
        ("name" = String, Path, example = "staffordshire"),
        PeekParams, ReaderHeaders,
    ),
    responses((status = 200, description = "what is there", body = QueueContents), Problems))]
pub(super) async fn of_named(
    State(state): State<WebState>,
    reader: Reader,
    Path((group, name)): Path<(String, String)>,
    Params(params): Params<PeekParams>,
) -> Result<Json<QueueContents>, Problem> {
    look(&state, &reader, format!("{group}/{name}"), params).await
}

async fn look(
    state: &WebState,
    reader: &Reader,
    queue: String,
    params: PeekParams,
) -> Result<Json<QueueContents>, Problem> {
    let recipient = recipient(queue)?;
    reader.may(state, Action::PeekQueue(&recipient)).await?;
    let query = PeekQuery {
        recipient,
        dead: params.dead.unwrap_or(false),
        limit: limit(params.limit, LIMIT_DEFAULT, LIMIT_MAX)?,
    };
    let visible = visible(state, reader, state.store.peek(&query).await?).await?;
    let subject = format!(
        "queue {}, notifications: {}",
        query.recipient,
        visible.len()
    );
    reader.shown(state, "queue.peek", subject).await?;
    let mut notifications = Vec::new();
    for queued in visible {
        let id = queued.notification.id;
        let event = state.queues.event(queued.notification, &state.installation);
        notifications.push(QueuedNotification {
            state: queued.state,
            attempt: queued.attempt,
            event: event.await?,
            deliveries: state.store.deliveries(id).await?,
        });
    }
    Ok(Json(QueueContents { notifications }))
}

async fn visible(
    state: &WebState,
    reader: &Reader,
    queued: Vec<Queued>,
) -> Result<Vec<Queued>, Problem> {
    let scope = reader.scope();
    if scope.is_all() {
        return Ok(queued);
    }
    let alert = |queued: &Queued| queued.notification.decision.alert;
    let alerts: Vec<_> = queued.iter().map(alert).collect();
    let facts = state.store.alert_facts(&alerts).await?;
    let both = queued.into_iter().zip(facts);
    Ok(both
        .filter(|(_queued, facts)| scope.sees(facts))
        .map(|(queued, _facts)| queued)
        .collect())
}

/// Has everything that was given up of a queue with a name of one part handed out again.
#[utoipa::path(post, path = "/v1/queues/{group}/requeue", operation_id = "requeue_group", tag = "queues",
    params(("group" = String, Path, example = "operators"), ReaderHeaders),
    responses((status = 200, description = "what was put back", body = PutBack), Problems))]
pub(super) async fn requeue_group(
    State(state): State<WebState>,
    reader: Reader,
    Path(group): Path<String>,
) -> Result<Json<PutBack>, Problem> {
    put_back(&state, &reader, DeadOnes::Of(recipient(group)?)).await
}

/// Has everything that was given up of a queue with a name of two parts handed out again.
#[utoipa::path(post, path = "/v1/queues/{group}/{name}/requeue", operation_id = "requeue_queue", tag = "queues",
    params(
        ("group" = String, Path, example = "police"),
        ("name" = String, Path, example = "staffordshire"),
        ReaderHeaders,
    ),
    responses((status = 200, description = "what was put back", body = PutBack), Problems))]
pub(super) async fn requeue_named(
    State(state): State<WebState>,
    reader: Reader,
    Path((group, name)): Path<(String, String)>,
) -> Result<Json<PutBack>, Problem> {
    let queue = recipient(format!("{group}/{name}"))?;
    put_back(&state, &reader, DeadOnes::Of(queue)).await
}

/// Has one notification that was given up handed out again. `X-Reason` says why.
#[utoipa::path(post, path = "/v1/notifications/{id}/requeue", operation_id = "requeue_notification",
    tag = "queues",
    params(("id" = String, Path, description = "the notification's id", format = "uuid"), ReaderHeaders),
    responses((status = 200, description = "what was put back", body = PutBack), Problems))]
pub(super) async fn requeue_one(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Json<PutBack>, Problem> {
    let id = NotificationId::parse(&id)
        .map_err(|error| Problem::bad_request(format!("notification id {id:?}: {error}")))?;
    put_back(&state, &reader, DeadOnes::One(id)).await
}

async fn put_back(
    state: &WebState,
    reader: &Reader,
    which: DeadOnes,
) -> Result<Json<PutBack>, Problem> {
    reader.may(state, Action::RequeueNotifications).await?;
    let (actor, reason) = reader.author()?;
    let requeue = Requeue {
        which,
        actor,
        reason,
        now: state.clock.now(),
    };
    let notifications = state.store.requeue(&requeue).await?;
    Ok(Json(PutBack { notifications }))
}

fn recipient(queue: String) -> Result<Recipient, Problem> {
    Recipient::new(queue).map_err(|error| Problem::bad_request(error.to_string()))
}
