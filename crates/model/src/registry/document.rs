//! The registry document as people write it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Absence, Activation, Order, Place, Wearer};
use crate::ZoneSetId;

/// A registry document. Every list may be left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryDocument {
    /// The people monitored.
    pub wearers: Vec<Wearer>,
    /// Who wears which device.
    pub activations: Vec<Activation>,
    /// The orders and their conditions.
    pub orders: Vec<Order>,
    /// Authorised absences.
    pub absences: Vec<Absence>,
    /// Curfew addresses and other places.
    pub places: Vec<Place>,
    /// The zones, as GeoJSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zones: Option<FeatureSource>,
    /// Shared sets of zones by name, as GeoJSON.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub zone_sets: BTreeMap<ZoneSetId, FeatureSource>,
}

/// A GeoJSON feature collection, written in place or kept in a file of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FeatureSource {
    /// `{"file": "zones.geojson"}`, the path relative to the document.
    File {
        /// The path.
        file: String,
    },
    /// The collection itself; read by the geometry room.
    Inline(serde_json::Value),
}
