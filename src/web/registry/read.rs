//! What is registered.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use model::WearerId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::extract::{LIMIT_MAX, Params, limit};
use super::super::problem::{Problem, Problems};
use super::change::registered;
use super::part::{Part, key, kind};
use super::seen;
use crate::access::Action;
use crate::store::registry::RegistryQuery;

const LIMIT_DEFAULT: usize = 100;

/// Where the registry stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Revision {
    /// The number of its newest change; 0 before the first.
    #[schema(example = 17)]
    revision: u64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Only what is about this wearer.
    #[param(value_type = Option<String>, example = "W-000123")]
    wearer: Option<WearerId>,
    /// Only those whose id comes after this one: the last id of the page before.
    after: Option<String>,
    /// As it was registered at this revision; as it is now, if it is not said.
    revision: Option<u64>,
    /// How many at most: 1 to 1000, 100 if it is not said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OneParams {
    /// As it was registered at this revision, such as the one a decision names.
    revision: Option<u64>,
}

/// Parts of the registry.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartList {
    /// The parts, by id.
    parts: Vec<Part>,
}

/// The registry's newest revision. Holds nothing about a wearer.
#[utoipa::path(get, path = "/v1/registry", operation_id = "registry_revision", tag = "registry",
    responses((status = 200, description = "the revision", body = Revision), Problems))]
pub(super) async fn revision(
    State(state): State<WebState>,
    reader: Reader,
) -> Result<Json<Revision>, Problem> {
    reader.may(&state, Action::ReadRegistry).await?;
    let revision = state.store.registry_revision().await?;
    Ok(Json(Revision { revision }))
}

/// Parts of a kind (`wearer`, `activation`, `order`, `absence`, `place`, `zone`, `zone_set`), by id. Written
/// to the audit trail.
#[utoipa::path(get, path = "/v1/registry/{kind}", operation_id = "list_registered", tag = "registry",
    params(("kind" = String, Path, example = "order"), ListParams, ReaderHeaders),
    responses((status = 200, description = "the parts", body = PartList), Problems))]
pub(super) async fn list(
    State(state): State<WebState>,
    reader: Reader,
    Path(name): Path<String>,
    Params(params): Params<ListParams>,
) -> Result<Json<PartList>, Problem> {
    reader.may(&state, Action::ReadRegistry).await?;
    let revision = match params.revision {
        Some(revision) => revision,
        None => state.store.registry_revision().await?,
    };
    let whose = params.wearer.as_ref().map(ToString::to_string);
    let query = RegistryQuery {
        kind: kind(&name)?,
        wearer: params.wearer,
        share: None,
        after: params.after,
        visible_to: Some(reader.scope()),
        limit: limit(params.limit, LIMIT_DEFAULT, LIMIT_MAX)?,
    };
    let found = state.store.registry_at(revision, &query).await?;
    let subject = whose.map_or_else(
        || format!("{name}?after={}", query.after.unwrap_or_default()),
        |wearer| format!("{name} of {wearer}"),
    );
    reader.shown(&state, "registry.list", subject).await?;
    let parts = found.iter().map(Part::of).collect::<Result<_, _>>()?;
    Ok(Json(PartList { parts }))
}

/// One part, now or as of a revision; its version is the `ETag`. An activation's id is
/// `device%2Fwearer%2Ffrom`. Written to the audit trail.
#[utoipa::path(get, path = "/v1/registry/{kind}/{id}", operation_id = "read_registered", tag = "registry",
    params(
        ("kind" = String, Path, example = "order"),
        ("id" = String, Path, example = "O-1"),
        OneParams, ReaderHeaders,
    ),
    responses(
        (status = 200, description = "the part", body = Part),
        (status = 404, description = "it is not registered", body = Problem,
            content_type = "application/problem+json"),
        Problems,
    ))]
pub(super) async fn one(
    State(state): State<WebState>,
    reader: Reader,
    Path((name, id)): Path<(String, String)>,
    Params(params): Params<OneParams>,
) -> Result<Response, Problem> {
    reader.may(&state, Action::ReadRegistry).await?;
    let key = key(&name, &id)?;
    if !seen::sees(&state, &reader, &key).await? {
        return Err(seen::not_registered(&key));
    }
    let found = match params.revision {
        None => registered(&state, &reader, &key).await?,
        Some(revision) => {
            let versions = state.store.registry_history(&key).await?;
            let as_of = versions.into_iter().rfind(|part| part.revision <= revision);
            as_of
                .filter(|part| part.change.is_some())
                .ok_or_else(|| Problem::not_found(format!("{key} was not registered then")))?
        }
    };
    reader
        .shown(&state, "registry.read", key.to_string())
        .await?;
    let mut response = Json(Part::of(&found)?).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", found.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Every version that a part ever had, oldest first: who registered what, when and why. Written to the
/// audit trail.
#[utoipa::path(get, path = "/v1/registry/{kind}/{id}/versions", operation_id = "read_versions", tag = "registry",
    params(
        ("kind" = String, Path, example = "order"),
        ("id" = String, Path, example = "O-1"),
        ReaderHeaders,
    ),
    responses((status = 200, description = "the versions", body = PartList), Problems))]
pub(super) async fn versions(
    State(state): State<WebState>,
    reader: Reader,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<PartList>, Problem> {
    reader.may(&state, Action::ReadRegistry).await?;
    let key = key(&name, &id)?;
    if !seen::sees(&state, &reader, &key).await? {
        return Err(seen::not_registered(&key));
    }
    let versions = state.store.registry_history(&key).await?;
    reader
        .shown(&state, "registry.versions", key.to_string())
        .await?;
    let parts = versions.iter().map(Part::of).collect::<Result<_, _>>()?;
    Ok(Json(PartList { parts }))
}
