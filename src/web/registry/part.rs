//! Parts of the registry, as they are shown and as they are handed in.

use geometry::{write_zone, write_zones};
use model::PolicyChange;
use model::registry::{KeyError, RegistryKey};
use registry::Document;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::problem::Problem;
use crate::store::registry::Registered;

/// One version of one part of the registry.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Part {
    /// What kind of thing it is.
    #[schema(example = "order")]
    kind: &'static str,
    /// Its id; of an activation `device/wearer/from`.
    #[schema(example = "O-1")]
    id: String,
    /// Counts its versions. The `ETag` of the part.
    #[schema(example = 2)]
    version: u32,
    /// Its place among all changes of the registry.
    #[schema(example = 17)]
    revision: u64,
    /// When it was registered.
    #[schema(format = DateTime)]
    at: String,
    /// By whom.
    actor: String,
    /// Why.
    reason: Option<String>,
    /// What is registered, as in a registry document (docs/schemas/registry.json); a zone is a GeoJSON
    /// feature, a set of zones a feature collection. Null where this version removed it.
    #[schema(value_type = Option<Object>)]
    document: Option<Value>,
}

impl Part {
    pub(super) fn of(registered: &Registered) -> Result<Self, Problem> {
        Ok(Self {
            kind: registered.key.kind(),
            id: registered.key.id(),
            version: registered.version,
            revision: registered.revision,
            at: registered.at.to_string(),
            actor: registered.actor.clone(),
            reason: registered.reason.clone(),
            document: registered.change.as_ref().map(written).transpose()?,
        })
    }
}

/// The kind that a path names.
pub(super) fn kind(name: &str) -> Result<&'static str, Problem> {
    crate::registrar::KINDS
        .into_iter()
        .find(|kind| *kind == name)
        .ok_or_else(|| {
            let kinds = crate::registrar::KINDS.join(", ");
            Problem::not_found(format!(
                "{name:?} is not a kind of thing that is registered: {kinds}"
            ))
        })
}

/// The key that a path names.
pub(super) fn key(kind_name: &str, id: &str) -> Result<RegistryKey, Problem> {
    RegistryKey::new(kind(kind_name)?, id)
        .map_err(|error: KeyError| Problem::bad_request(format!("id {id:?}: {error}")))
}

/// As it stands in a registry document.
fn written(change: &PolicyChange) -> Result<Value, Problem> {
    let written = match change {
        PolicyChange::Zone(zone) => return Ok(write_zone(zone)),
        PolicyChange::ZoneSet { zones, .. } => return Ok(write_zones(zones)),
        PolicyChange::Place(place) => serde_json::to_value(place),
        PolicyChange::Wearer(wearer) => serde_json::to_value(wearer),
        PolicyChange::Activation(worn) => serde_json::to_value(worn),
        PolicyChange::Order(order) => serde_json::to_value(order),
        PolicyChange::Absence(absence) => serde_json::to_value(absence),
        other @ (PolicyChange::Removed(_)
        | PolicyChange::Revision { .. }
        | PolicyChange::Rules { .. }
        | PolicyChange::IntakeGap { .. }
        | PolicyChange::BrokerDropped(_)
        | PolicyChange::Stray { .. }) => serde_json::to_value(other),
    };
    written.map_err(|error| {
        tracing::error!(%error, "a part of the registry cannot be written");
        Problem::unavailable("it cannot be written")
    })
}

/// The part with that key which a document describes.
pub(super) fn read(key: &RegistryKey, mut document: Value) -> Result<Document, Problem> {
    if let (RegistryKey::Zone(id), Some(feature)) = (key, document.as_object_mut()) {
        feature.insert("id".to_owned(), json!(id));
    }
    let document = registry::read_part(key, &document);
    match document.changes() {
        [change] if change.key().as_ref() == Some(key) => Ok(document),
        [change] => Err(Problem::bad_request(format!(
            "the path names {key} and the document {}",
            change.key().map(|key| key.to_string()).unwrap_or_default()
        ))),
        // What is wrong with it is told together with the rest.
        [] if !document.problems().is_empty() => Ok(document),
        _ => Err(Problem::bad_request("the document says nothing")),
    }
}
