//! What a file is, and what it says.

use std::path::Path;

use anyhow::{Context, bail};
use model::registry::FeatureSource;
use model::{PolicyChange, RegistryDocument, ZoneSetId};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Enough of a file to tell what it is.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: Option<String>,
    features: Option<IgnoredAny>,
}

impl Head {
    fn is_geojson(&self) -> bool {
        self.kind.as_deref() == Some("FeatureCollection") && self.features.is_some()
    }
}

/// The changes that a file makes; zones become the shared set `set`, where one is named.
///
/// # Errors
/// When it cannot be read, or says what cannot be.
pub(super) fn read(path: &Path, set: Option<&ZoneSetId>) -> anyhow::Result<Vec<PolicyChange>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let is_geojson = serde_json::from_str::<Head>(&text).is_ok_and(|head| head.is_geojson());
    if !is_geojson {
        if set.is_some() && path.extension().is_some_and(|end| end == "geojson") {
            bail!("{} is not a GeoJSON feature collection", path.display());
        }
        return Ok(registry::load(path)?);
    }
    let zones = FeatureSource::Inline(serde_json::from_str(&text)?);
    let mut document = RegistryDocument::default();
    match set {
        Some(name) => {
            document.zone_sets.insert(name.clone(), zones);
        }
        None => document.zones = Some(zones),
    }
    Ok(registry::parse(&document, path)?)
}
