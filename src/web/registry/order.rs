//! What is done to orders.

use axum::Json;
use axum::extract::{Path, State};
use model::registry::{Order, Suspension};
use model::{PolicyChange, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::extract::{OptionalJson, Params};
use super::super::problem::{BodyProblems, Problem, Problems};
use super::body::Document;
use super::change::{ChangeParams, Changed, propose, propose_documents, registered};
use super::part::{key, read};
use crate::registrar::Proposal;

/// A time from which, and perhaps until which, something holds.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SuspendBody {
    /// From; from now on if it is not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until; until further notice if it is not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

/// A moment.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AtBody {
    /// When; now if it is not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) at: Option<Timestamp>,
}

/// Varies an order: the document as it is to be, without its version, which is the next one.
#[utoipa::path(post, path = "/v1/orders/{id}/vary", operation_id = "vary_order", tag = "registry",
    params(("id" = String, Path, example = "O-1"), ChangeParams, ReaderHeaders),
    request_body(content = Object, description = "the order, as in a registry document"),
    responses((status = 200, description = "what is different", body = Changed), BodyProblems, Problems))]
pub(super) async fn vary(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
    Params(params): Params<ChangeParams>,
    Document(mut document): Document<Value>,
) -> Result<Json<Changed>, Problem> {
    let key = key("order", &id)?;
    let version = registered(&state, &reader, &key).await?.version;
    if let Some(order) = document.as_object_mut() {
        order.insert("version".to_owned(), json!(version.saturating_add(1)));
    }
    let document = read(&key, document)?;
    let mut proposal = Proposal {
        put: document.changes().to_vec(),
        ..Proposal::default()
    };
    proposal.seen.insert(key, version);
    propose_documents(&state, &reader, &document, proposal, &params).await
}

/// Suspends an order: none of its conditions is enforced meanwhile.
#[utoipa::path(post, path = "/v1/orders/{id}/suspend", operation_id = "suspend_order", tag = "registry",
    params(("id" = String, Path, example = "O-1"), ChangeParams, ReaderHeaders),
    request_body(content = Option<SuspendBody>, description = "may be left out"),
    responses((status = 200, description = "what is different", body = Changed), BodyProblems, Problems))]
pub(super) async fn suspend(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
    Params(params): Params<ChangeParams>,
    OptionalJson(body): OptionalJson<SuspendBody>,
) -> Result<Json<Changed>, Problem> {
    let (_, reason) = reader.author()?;
    let suspension = Suspension {
        from: body.from.unwrap_or_else(|| state.clock.now()),
        to: body.to,
        reason: Some(reason),
    };
    change(&state, &reader, &id, &params, |order| {
        order.suspensions.push(suspension);
    })
    .await
}

/// Ends the suspension of an order: it is enforced again.
#[utoipa::path(post, path = "/v1/orders/{id}/resume", operation_id = "resume_order", tag = "registry",
    params(("id" = String, Path, example = "O-1"), ChangeParams, ReaderHeaders),
    request_body(content = Option<AtBody>, description = "may be left out"),
    responses((status = 200, description = "what is different", body = Changed), BodyProblems, Problems))]
pub(super) async fn resume(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
    Params(params): Params<ChangeParams>,
    OptionalJson(body): OptionalJson<AtBody>,
) -> Result<Json<Changed>, Problem> {
    let at = body.at.unwrap_or_else(|| state.clock.now());
    change(&state, &reader, &id, &params, |order| {
        order.suspensions.retain(|suspension| suspension.from < at);
        for suspension in &mut order.suspensions {
            suspension.to = Some(suspension.to.map_or(at, |to| to.min(at)));
        }
    })
    .await
}

/// Ends an order.
#[utoipa::path(post, path = "/v1/orders/{id}/end", operation_id = "end_order", tag = "registry",
    params(("id" = String, Path, example = "O-1"), ChangeParams, ReaderHeaders),
    request_body(content = Option<AtBody>, description = "may be left out"),
    responses((status = 200, description = "what is different", body = Changed), BodyProblems, Problems))]
pub(super) async fn end(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
    Params(params): Params<ChangeParams>,
    OptionalJson(body): OptionalJson<AtBody>,
) -> Result<Json<Changed>, Problem> {
    let at = body.at.unwrap_or_else(|| state.clock.now());
    change(&state, &reader, &id, &params, |order| {
        order.to = Some(order.to.map_or(at, |to| to.min(at)));
    })
    .await
}

/// Makes the next version of an order.
async fn change(
    state: &WebState,
    reader: &Reader,
    id: &str,
    params: &ChangeParams,
    change: impl FnOnce(&mut Order),
) -> Result<Json<Changed>, Problem> {
    let key = key("order", id)?;
    let part = registered(state, reader, &key).await?;
    let Some(PolicyChange::Order(mut order)) = part.change else {
        return Err(Problem::not_found(format!("{key} is not registered")));
    };
    let before = order.clone();
    change(&mut order);
    if order != before {
        order.version = part.version.saturating_add(1);
    }
    let mut proposal = Proposal {
        put: vec![PolicyChange::Order(order)],
        ..Proposal::default()
    };
    proposal.seen.insert(key, part.version);
    propose(state, reader, proposal, params).await
}
