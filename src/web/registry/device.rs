//! What is done to devices.

use axum::Json;
use axum::extract::{Path, State};
use model::registry::{Activation, DeviceKind};
use model::{DeviceId, PlaceId, PolicyChange, Timestamp, WearerId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::extract::{OptionalJson, Params};
use super::super::problem::{BodyProblems, Problem, Problems};
use super::body::Document;
use super::change::{ChangeParams, Changed, propose};
use super::order::AtBody;
use crate::registrar::Proposal;
use crate::store::registry::Target;

/// A device and who is to wear it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActivateBody {
    /// Who wears it.
    #[schema(value_type = String, example = "W-000123")]
    wearer: WearerId,
    /// What it is: `gps`, `rf`, `alcohol` or `non_fitted`.
    #[schema(value_type = String, example = "gps")]
    kind: DeviceKind,
    /// Fitted at; now if it is not said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Seconds between readings while moving; 60 if it is not said.
    #[serde(default)]
    cadence_s: Option<u32>,
    /// Seconds between uploads; 600 if it is not said.
    #[serde(default)]
    upload_interval_s: Option<u32>,
    /// Where the home monitoring unit stands.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    hmu_place: Option<PlaceId>,
}

/// Who is to wear a device next.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReassignBody {
    /// Who wears it from then on.
    #[schema(value_type = String, example = "W-000124")]
    wearer: WearerId,
    /// When it changes hands; now if it is not said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Activates a device: somebody wears it from then on.
#[utoipa::path(post, path = "/v1/devices/{device}/activate", operation_id = "activate_device", tag = "registry",
    params(("device" = String, Path, example = "GPS-7"), ChangeParams, ReaderHeaders),
    request_body = ActivateBody,
    responses((status = 200, description = "what is different", body = Changed), BodyProblems, Problems))]
pub(super) async fn activate(
    State(state): State<WebState>,
    reader: Reader,
    Path(device): Path<String>,
    Params(params): Params<ChangeParams>,
    Document(body): Document<ActivateBody>,
) -> Result<Json<Changed>, Problem> {
    let from = body.from.unwrap_or_else(|| state.clock.now());
    let said = [
        ("device", json!(device)),
        ("kind", json!(body.kind)),
        ("wearer", json!(body.wearer)),
        ("from", json!(from)),
        ("cadence_s", json!(body.cadence_s)),
        ("upload_interval_s", json!(body.upload_interval_s)),
        ("hmu_place", json!(body.hmu_place)),
    ];
    // What is not said is as in a document that does not say it.
    let said = said.into_iter().filter(|(_field, value)| !value.is_null());
    let document = said
        .map(|(field, value)| (field.to_owned(), value))
        .collect();
    let activation: Activation = serde_json::from_value(Value::Object(document))
        .map_err(|error| Problem::refused(vec![error.to_string()]))?;
    put(&state, &reader, vec![activation], &params).await
}

/// Deactivates a device: nobody wears it from then on.
#[utoipa::path(post, path = "/v1/devices/{device}/deactivate", operation_id = "deactivate_device", tag = "registry",
    params(("device" = String, Path, example = "GPS-7"), ChangeParams, ReaderHeaders),
    request_body(content = Option<AtBody>, description = "may be left out"),
    responses((status = 200, description = "what is different", body = Changed), BodyProblems, Problems))]
pub(super) async fn deactivate(
    State(state): State<WebState>,
    reader: Reader,
    Path(device): Path<String>,
    Params(params): Params<ChangeParams>,
    OptionalJson(body): OptionalJson<AtBody>,
) -> Result<Json<Changed>, Problem> {
    let at = body.at.unwrap_or_else(|| state.clock.now());
    let mut worn = worn(&state, &device, at).await?;
    worn.to = Some(at);
    put(&state, &reader, vec![worn], &params).await
}

/// Hands a device from whoever wears it to somebody else, in one go.
#[utoipa::path(post, path = "/v1/devices/{device}/reassign", operation_id = "reassign_device", tag = "registry",
    params(("device" = String, Path, example = "GPS-7"), ChangeParams, ReaderHeaders),
    request_body = ReassignBody,
    responses((status = 200, description = "what is different", body = Changed), BodyProblems, Problems))]
pub(super) async fn reassign(
    State(state): State<WebState>,
    reader: Reader,
    Path(device): Path<String>,
    Params(params): Params<ChangeParams>,
    Document(body): Document<ReassignBody>,
) -> Result<Json<Changed>, Problem> {
    let at = body.at.unwrap_or_else(|| state.clock.now());
    let mut worn = worn(&state, &device, at).await?;
    let next = Activation {
        wearer: body.wearer,
        from: at,
        to: None,
        hmu_place: None,
        ..worn.clone()
    };
    worn.to = Some(at);
    put(&state, &reader, vec![worn, next], &params).await
}

/// The activation of a device that covers `at`.
async fn worn(state: &WebState, device: &str, at: Timestamp) -> Result<Activation, Problem> {
    let device: DeviceId = device
        .parse()
        .map_err(|error| Problem::bad_request(format!("device {device:?}: {error}")))?;
    let target = Target::Device(device.clone());
    let activations = state.store.referring(&[target]).await?;
    activations
        .into_iter()
        .find_map(|part| {
            if let Some(PolicyChange::Activation(worn)) = part.change
                && worn.covers(at)
            {
                Some(worn)
            } else {
                None
            }
        })
        .ok_or_else(|| Problem::not_found(format!("nobody wears device {device} at {at}")))
}

async fn put(
    state: &WebState,
    reader: &Reader,
    activations: Vec<Activation>,
    params: &ChangeParams,
) -> Result<Json<Changed>, Problem> {
    let put = activations.into_iter().map(PolicyChange::Activation);
    let proposal = Proposal {
        put: put.collect(),
        ..Proposal::default()
    };
    propose(state, reader, proposal, params).await
}
