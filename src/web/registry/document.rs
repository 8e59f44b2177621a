//! Whole documents.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::extract::Params;
use super::super::problem::{BodyProblems, Problem, Problems};
use super::body::{Document, Text};
use super::change::{ChangeParams, Changed, propose, propose_documents};
use crate::registrar::{self, Proposal};

/// What came of orders of HMPPS.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrdersTaken {
    /// What is different.
    #[serde(flatten)]
    changed: Changed,
    /// What has to be put on the map before it can be watched, in the words of the order.
    missing: Vec<String>,
    /// What there is to know besides.
    notes: Vec<String>,
}

/// Registers everything in a registry document (docs/schemas/registry.json), all of it or nothing.
#[utoipa::path(post, path = "/v1/registry", operation_id = "register_document", tag = "registry",
    params(ChangeParams, ReaderHeaders),
    request_body(content = Object, description = "a registry document of at most 32 MiB, its zones in place"),
    responses(
        (status = 200, description = "what is different", body = Changed),
        (status = 422, description = "it says what cannot be", body = Problem,
            content_type = "application/problem+json"),
        BodyProblems, Problems,
    ))]
pub(super) async fn put(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<ChangeParams>,
    Text(document): Text,
) -> Result<Json<Changed>, Problem> {
    let document = registry::read_sent(document);
    let proposal = Proposal {
        put: document.changes().to_vec(),
        ..Proposal::default()
    };
    propose_documents(&state, &reader, &document, proposal, &params).await
}

/// Registers orders as HMPPS's Create an Electronic Monitoring Order service sends them, with their wearers.
/// Zones and addresses come as prose: until somebody registers them, operators are told that they are
/// missing.
#[utoipa::path(post, path = "/v1/registry/hmpps-orders", operation_id = "register_hmpps_orders", tag = "registry",
    params(ChangeParams, ReaderHeaders),
    request_body(content = Object, description = "one order with its wearer, or a list of them"),
    responses(
        (status = 200, description = "what is different", body = OrdersTaken),
        (status = 422, description = "it says what cannot be", body = Problem,
            content_type = "application/problem+json"),
        BodyProblems, Problems,
    ))]
pub(super) async fn put_orders(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<ChangeParams>,
    Document(document): Document<Value>,
) -> Result<Json<OrdersTaken>, Problem> {
    let settings = state.hmpps.as_ref().clone();
    let context = registrar::hmpps::context(&*state.store, settings).await?;
    let orders = registrar::hmpps::translate(&document.to_string(), &context)
        .map_err(|refused| Problem::refused(refused.0.iter().map(ToString::to_string)))?;
    let Json(changed) = propose(&state, &reader, orders.proposal, &params).await?;
    Ok(Json(OrdersTaken {
        changed,
        missing: orders
            .missing
            .iter()
            .map(registrar::hmpps::in_words)
            .collect(),
        notes: orders.notes.iter().map(ToString::to_string).collect(),
    }))
}
