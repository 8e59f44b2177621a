//! Drawing a zone that an order names.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::extract::Params;
use super::super::problem::{BodyProblems, Problem, Problems};
use super::body::Document;
use super::change::{ChangeParams, Changed, propose_documents};
use super::part::{key, read};
use crate::registrar::Proposal;

/// Attaches a geometry to a zone that an order names and that nobody has drawn: a GeoJSON `Polygon` or
/// `MultiPolygon`, or a `Point` with a `radius_m` beside it. A zone that is drawn already is changed by
/// `PUT /v1/registry/zone/{id}`.
#[utoipa::path(post, path = "/v1/zones/{id}/geometry", operation_id = "attach_geometry", tag = "registry",
    params(("id" = String, Path, example = "Z-1"), ChangeParams, ReaderHeaders),
    request_body(content = Object, description = "the geometry"),
    responses(
        (status = 200, description = "what is different", body = Changed),
        (status = 412, description = "it is drawn already", body = Problem,
            content_type = "application/problem+json"),
        BodyProblems, Problems,
    ))]
pub(super) async fn attach(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
    Params(params): Params<ChangeParams>,
    Document(mut geometry): Document<Value>,
) -> Result<Json<Changed>, Problem> {
    let key = key("zone", &id)?;
    let radius_m = geometry
        .as_object_mut()
        .and_then(|geometry| geometry.remove("radius_m"));
    let properties = radius_m.map_or_else(|| json!({}), |radius_m| json!({"radius_m": radius_m}));
    let feature = json!({"type": "Feature", "properties": properties, "geometry": geometry});
    let document = read(&key, feature)?;
    let mut proposal = Proposal {
        put: document.changes().to_vec(),
        ..Proposal::default()
    };
    proposal.seen.insert(key, 0);
    propose_documents(&state, &reader, &document, proposal, &params).await
}
