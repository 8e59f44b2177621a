//! A feature collection to zones.

use std::collections::BTreeMap;

use model::ZoneId;
use model::registry::Zone;
use serde_json::{Map, Value};

use super::geometry;
use crate::area::Area;
use crate::error::{FeatureName, ZoneError, ZoneFault};

/// Reads every zone of a `FeatureCollection`, or of a single `Feature`.
///
/// The id is the feature's `id` or, lacking one, `properties.id`; a number is taken as its text.
/// `properties.name`, `properties.victim` and, of a Point, `properties.radius_m` are read.
///
/// # Errors
/// Everything that is wrong, one error for each feature concerned and in their order. A zone that
/// [`Area::new`] would refuse is an error here too: what was read can be watched.
pub fn read_zones(json: &Value) -> Result<Vec<Zone>, Vec<ZoneError>> {
    let features = features(json).map_err(|fault| {
        vec![ZoneError {
            feature: FeatureName::Document,
            fault,
        }]
    })?;
    let mut first_seen = BTreeMap::new();
    let (mut zones, mut errors) = (Vec::new(), Vec::new());
    for (index, feature) in features.iter().enumerate() {
        match zone(feature, index, &mut first_seen) {
            Ok(zone) => zones.push(zone),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(zones)
    } else {
        Err(errors)
    }
}

fn features(json: &Value) -> Result<&[Value], ZoneFault> {
    match json.get("type").and_then(Value::as_str) {
        Some("FeatureCollection") => json
            .get("features")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .ok_or_else(|| not("the FeatureCollection has no list of features")),
        Some("Feature") => Ok(std::slice::from_ref(json)),
        Some(_) | None => Err(not("neither a FeatureCollection nor a Feature")),
    }
}

fn zone(
    feature: &Value,
    index: usize,
    first_seen: &mut BTreeMap<ZoneId, usize>,
) -> Result<Zone, ZoneError> {
    let nameless = |fault| ZoneError {
        feature: FeatureName::Index(index),
        fault,
    };
    if feature.get("type").and_then(Value::as_str) != Some("Feature") {
        return Err(nameless(not("no Feature")));
    }
    let properties = properties(feature).map_err(nameless)?;
    let id = id(feature, properties).map_err(nameless)?;
    let named = |fault| ZoneError {
        feature: FeatureName::from(&id),
        fault,
    };
    let first = *first_seen.entry(id.clone()).or_insert(index);
    if first != index {
        return Err(named(ZoneFault::DuplicateId { first }));
    }
    let zone = body(id.clone(), feature, properties).map_err(named)?;
    Area::new(&zone)?;
    Ok(zone)
}

fn body(
    id: ZoneId,
    feature: &Value,
    properties: Option<&Map<String, Value>>,
) -> Result<Zone, ZoneFault> {
    let geometry = feature
        .get("geometry")
        .ok_or_else(|| not("the feature has no geometry"))?;
    Ok(Zone {
        id,
        name: name(properties)?,
        victim: victim(properties)?,
        shape: geometry::shape(geometry, properties)?,
    })
}

fn properties(feature: &Value) -> Result<Option<&Map<String, Value>>, ZoneFault> {
    match feature.get("properties") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(properties)) => Ok(Some(properties)),
        Some(other) => Err(ZoneFault::NotGeoJson(format!(
            "properties are {}, not an object",
            described(other)
        ))),
    }
}

fn id(feature: &Value, properties: Option<&Map<String, Value>>) -> Result<ZoneId, ZoneFault> {
    let own = feature.get("id").filter(|value| !value.is_null());
    let id = own
        .or_else(|| property(properties, "id"))
        .ok_or(ZoneFault::NoId)?;
    let text = match id {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(ZoneFault::BadProperty {
                name: "id",
                wanted: "a text or a number",
                found: described(id),
            });
        }
    };
    Ok(ZoneId::new(text)?)
}

fn name(properties: Option<&Map<String, Value>>) -> Result<Option<String>, ZoneFault> {
    let Some(value) = property(properties, "name") else {
        return Ok(None);
    };
    let text = value.as_str().ok_or_else(|| ZoneFault::BadProperty {
        name: "name",
        wanted: "a text",
        found: described(value),
    })?;
    Ok(Some(text.to_owned()))
}

fn victim(properties: Option<&Map<String, Value>>) -> Result<bool, ZoneFault> {
    let Some(value) = property(properties, "victim") else {
        return Ok(false);
    };
    value.as_bool().ok_or_else(|| ZoneFault::BadProperty {
        name: "victim",
        wanted: "true or false",
        found: described(value),
    })
}

fn property<'a>(properties: Option<&'a Map<String, Value>>, name: &str) -> Option<&'a Value> {
    properties?.get(name).filter(|value| !value.is_null())
}

fn not(what: &str) -> ZoneFault {
    ZoneFault::NotGeoJson(what.to_owned())
}

/// A value as an error shows it: numbers and short texts as they are, the rest by their kind.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => format!("{:?}", text.chars().take(40).collect::<String>()),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}
