//! Registering and removing one part.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use model::registry::RegistryKey;
use serde_json::Value;

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::extract::Params;
use super::super::problem::{BodyProblems, Problem, Problems};
use super::body::Document;
use super::change::{ChangeParams, Changed, propose, propose_documents, registered, version_seen};
use super::part::{key, read};
use crate::registrar::Proposal;

/// Registers a part, or a new version of one. Say which version you have seen: `If-Match: "3"`, or
/// `If-None-Match: *` for one that must not be there. A variation of an order has a higher version of its
/// own. `X-Actor` and `X-Reason` are kept with it.
#[utoipa::path(put, path = "/v1/registry/{kind}/{id}", operation_id = "register", tag = "registry",
    params(
        ("kind" = String, Path, example = "order"),
        ("id" = String, Path, example = "O-1"),
        ("If-Match" = Option<String>, Header, description = "the version that was seen"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: it must not be there"),
        ChangeParams, ReaderHeaders,
    ),
    request_body(content = Object, description = "the part, as in a registry document"),
    responses(
        (status = 200, description = "what is different", body = Changed),
        (status = 412, description = "it has another version", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "it says what cannot be", body = Problem,
            content_type = "application/problem+json"),
        (status = 428, description = "it is there, and no version was said", body = Problem,
            content_type = "application/problem+json"),
        BodyProblems, Problems,
    ))]
pub(super) async fn put(
    State(state): State<WebState>,
    reader: Reader,
    Path((name, id)): Path<(String, String)>,
    Params(params): Params<ChangeParams>,
    headers: HeaderMap,
    Document(document): Document<Value>,
) -> Result<Json<Changed>, Problem> {
    let key = key(&name, &id)?;
    let document = read(&key, document)?;
    let mut proposal = Proposal {
        put: document.changes().to_vec(),
        ..Proposal::default()
    };
    expect(&state, &reader, key, &headers, &mut proposal).await?;
    propose_documents(&state, &reader, &document, proposal, &params).await
}

/// Removes a zone, a set of zones, a place or an absence that nothing points at any more, or an activation
/// that was entered in error. Orders end, and wearers are erased by `tagwatch erase`.
#[utoipa::path(delete, path = "/v1/registry/{kind}/{id}", operation_id = "remove_registered", tag = "registry",
    params(
        ("kind" = String, Path, example = "place"),
        ("id" = String, Path, example = "P-1"),
        ("If-Match" = String, Header, description = "the version that was seen"),
        ChangeParams, ReaderHeaders,
    ),
    responses(
        (status = 200, description = "what is different", body = Changed),
        (status = 409, description = "this kind is not removed", body = Problem,
            content_type = "application/problem+json"),
        (status = 412, description = "it has another version", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "something points at it", body = Problem,
            content_type = "application/problem+json"),
        Problems,
    ))]
pub(super) async fn remove(
    State(state): State<WebState>,
    reader: Reader,
    Path((name, id)): Path<(String, String)>,
    Params(params): Params<ChangeParams>,
    headers: HeaderMap,
) -> Result<Json<Changed>, Problem> {
    let key = key(&name, &id)?;
    match key {
        RegistryKey::Order(_) => {
            return Err(Problem::not_removed(
                "an order is not removed: POST /v1/orders/{id}/end",
            ));
        }
        RegistryKey::Wearer(_) => {
            return Err(Problem::not_removed(
                "a wearer is not removed: `tagwatch erase` takes out everything about them",
            ));
        }
        RegistryKey::Zone(_)
        | RegistryKey::ZoneSet(_)
        | RegistryKey::Place(_)
        | RegistryKey::Activation { .. }
        | RegistryKey::Absence(_) => {}
    }
    registered(&state, &reader, &key).await?;
    let mut proposal = Proposal {
        remove: vec![key.clone()],
        ..Proposal::default()
    };
    expect(&state, &reader, key, &headers, &mut proposal).await?;
    propose(&state, &reader, proposal, &params).await
}

/// Whoever changes what is there says which version they have seen.
async fn expect(
    state: &WebState,
    reader: &Reader,
    key: RegistryKey,
    headers: &HeaderMap,
    proposal: &mut Proposal,
) -> Result<(), Problem> {
    if let Some(version) = version_seen(headers)? {
        proposal.seen.insert(key, version);
        return Ok(());
    }
    match registered(state, reader, &key).await {
        Ok(part) => Err(Problem::version_needed(&key, part.version)),
        // Somebody may register it meanwhile: then it is not new any more.
        Err(_not_there) => {
            proposal.seen.insert(key, 0);
            Ok(())
        }
    }
}
