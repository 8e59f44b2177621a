//! Zones: a GeoJSON feature collection, written in place or kept in a file of its own, feature by
//! feature.

use std::collections::BTreeMap;
use std::sync::Arc;

use geometry::{FeatureName, RingPlace, ZoneError, ZoneFault};
use model::registry::Zone;
use model::{PolicyChange, ZoneSetId};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lists::{list, members};
use super::path::Path;
use super::reading::{Reading, Spot, fault};
use super::source::Source;
use super::words::{About, Said, reworded};
use crate::problem::{Place, Problem, Severity};

/// Reads the zones that the value at `spot` holds, or those of the file it names.
pub(crate) fn zones(spot: &Spot<'_>, folder: Option<&std::path::Path>, reading: &mut Reading) {
    collection(spot, folder, reading, &mut |collection, reading| {
        for feature in features(collection, reading) {
            one(&feature, reading);
        }
    });
}

/// Reads the zone that the feature at `spot` is.
pub(crate) fn one(spot: &Spot<'_>, reading: &mut Reading) {
    match zone(spot, reading) {
        Some(zone) => reading.add(PolicyChange::Zone(zone), spot),
        None => reading.unread("zone", spot),
    }
}

/// Reads a shared set of zones.
pub(crate) fn zone_set(
    id: &ZoneSetId,
    spot: &Spot<'_>,
    folder: Option<&std::path::Path>,
    reading: &mut Reading,
) {
    collection(spot, folder, reading, &mut |collection, reading| {
        let mut zones = Vec::new();
        let mut first = BTreeMap::new();
        for (index, feature) in features(collection, reading).iter().enumerate() {
            let Some(zone) = zone(feature, reading) else {
                continue;
            };
            match first.get(&zone.id) {
                Some(first) => {
                    let said = fault(
                        format!(
                            "zone {} is here twice: features[{first}] has the id already",
                            zone.id
                        ),
                        None,
                    );
                    reading.wrong(feature, &Path::default(), said);
                }
                None => {
                    first.insert(zone.id.clone(), index);
                    zones.push(zone);
                }
            }
        }
        let id = id.clone();
        reading.add(PolicyChange::ZoneSet { id, zones }, collection);
    });
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    file: String,
}

/// Hands the collection itself to `then`, from wherever it is kept.
fn collection(
    spot: &Spot<'_>,
    folder: Option<&std::path::Path>,
    reading: &mut Reading,
    then: &mut dyn FnMut(&Spot<'_>, &mut Reading),
) {
    let Some(members) = members(spot, reading) else {
        return;
    };
    if members.get("file").is_none() || members.get("type").is_some() {
        return then(spot, reading);
    }
    let Some(File { file }) = reading.value(spot) else {
        return;
    };
    let Some(folder) = folder else {
        let said = fault(
            "zones stand in the document itself: nothing here reads files",
            None,
        );
        return reading.wrong(spot, &Path::default().field("file"), said);
    };
    let path = folder.join(&file);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("cannot read {}: {error}", path.display());
            return reading.wrong(spot, &Path::default().field("file"), fault(message, None));
        }
    };
    let source = Arc::new(Source::new(path.display().to_string(), text));
    if let Some(spot) = whole(&source, reading) {
        then(&spot, reading);
    }
}

/// All of a text.
pub(crate) fn whole<'a>(source: &'a Arc<Source>, reading: &mut Reading) -> Option<Spot<'a>> {
    part(source, source.text(), reading)
}

/// A part of a text that is JSON of its own.
pub(crate) fn part<'a>(
    source: &'a Arc<Source>,
    text: &'a str,
    reading: &mut Reading,
) -> Option<Spot<'a>> {
    match serde_json::from_str(text) {
        Ok(value) => Some(Spot {
            source,
            path: Path::default(),
            value,
        }),
        Err(error) => {
            reading.problems.push(no_json(source, text, &error));
            None
        }
    }
}

fn no_json(source: &Source, text: &str, error: &serde_json::Error) -> Problem {
    let start = source.place(source.offset(text));
    // Only the first line of the part may start within a line of the text.
    let before = if error.line() <= 1 {
        start.column - 1
    } else {
        0
    };
    Problem {
        severity: Severity::Error,
        file: source.file(),
        at: Some(Place {
            line: start.line + error.line().saturating_sub(1),
            column: before + error.column().max(1),
        }),
        path: String::new(),
        message: format!("not JSON: {}", reworded(&error.to_string()).message),
        part: None,
        further: Path::default(),
        value: None,
        help: None,
    }
}

fn features<'a>(spot: &Spot<'a>, reading: &mut Reading) -> Vec<Spot<'a>> {
    let Some(members) = members(spot, reading) else {
        return Vec::new();
    };
    let kind = members.get("type").map(RawValue::get);
    match (kind, members.get("features")) {
        (Some("\"Feature\""), _) => vec![spot.clone()],
        (Some("\"FeatureCollection\""), Some(features)) => {
            list(&spot.inner(spot.path.field("features"), features), reading)
        }
        (_, _) => {
            let said = fault(
                "not GeoJSON: neither a FeatureCollection with its features nor a Feature",
                None,
            );
            reading.wrong(spot, &Path::default(), said);
            Vec::new()
        }
    }
}

fn zone(spot: &Spot<'_>, reading: &mut Reading) -> Option<Zone> {
    reading.meter.advance(spot.value.get().len());
    let feature: Value = match serde_json::from_str(spot.value.get()) {
        Ok(feature) => feature,
        Err(error) => {
            reading.wrong(spot, &Path::default(), reworded(&error.to_string()));
            return None;
        }
    };
    if feature.get("type").and_then(Value::as_str) != Some("Feature") {
        let said = fault("not GeoJSON: no Feature", None);
        reading.wrong(spot, &Path::default(), said);
        return None;
    }
    match geometry::read_zones(&feature) {
        Ok(zones) => zones.into_iter().next(),
        Err(errors) => {
            for error in errors {
                let further = place_of(&error.fault, &feature);
                reading.wrong(spot, &further, said(&error));
            }
            None
        }
    }
}

fn said(error: &ZoneError) -> Said {
    let message = match &error.feature {
        FeatureName::Id(_) => error.to_string(),
        FeatureName::Document | FeatureName::Index(_) => error.fault.to_string(),
    };
    Said {
        message,
        help: None,
        about: About::Nothing,
    }
}

/// Where in a feature a fault is.
fn place_of(fault: &ZoneFault, feature: &Value) -> Path {
    let here = Path::default();
    let geometry = here.field("geometry");
    match fault {
        ZoneFault::BadCoordinate {
            place, position, ..
        } => match ring(*place, feature) {
            Some(ring) => ring.index(*position),
            None => geometry.field("coordinates"),
        },
        ZoneFault::TooFewPositions { place, .. }
        | ZoneFault::NotClosed { place }
        | ZoneFault::ZeroArea { place }
        | ZoneFault::SelfCrossing { place, .. }
        | ZoneFault::HoleCrossesOutline { place, .. }
        | ZoneFault::HoleOutside { place, .. }
        | ZoneFault::HolesOverlap { place, .. } => ring(*place, feature).unwrap_or(geometry),
        ZoneFault::BadProperty { name: "id", .. } | ZoneFault::BadId(_) => {
            match feature.get("id") {
                Some(_) => here.field("id"),
                None => here.field("properties").field("id"),
            }
        }
        ZoneFault::BadProperty { name, .. } => here.field("properties").field(*name),
        ZoneFault::RadiusNotPositive(_) => here.field("properties").field("radius_m"),
        ZoneFault::NotGeoJson(_) | ZoneFault::NoId | ZoneFault::NoRadius => here,
        ZoneFault::DuplicateId { .. } => here.field("id"),
        ZoneFault::UnsupportedGeometry(_) => geometry.field("type"),
        ZoneFault::SwappedSuspected { .. }
        | ZoneFault::Empty
        | ZoneFault::TooManyVertices(_)
        | ZoneFault::CrossesDateLine
        | ZoneFault::TooNearPole(_)
        | ZoneFault::TooLarge(_)
        | ZoneFault::PolygonsOverlap { .. }
        | ZoneFault::TooTangled
        | ZoneFault::TooSmall(_) => geometry,
    }
}

/// The ring as `coordinates` count it; nothing for a Point, which has none.
fn ring(place: RingPlace, feature: &Value) -> Option<Path> {
    let coordinates = Path::default().field("geometry").field("coordinates");
    match feature.pointer("/geometry/type").and_then(Value::as_str) {
        Some("Polygon") => Some(coordinates.index(place.ring)),
        Some("MultiPolygon") => Some(coordinates.index(place.polygon).index(place.ring)),
        Some(_) | None => None,
    }
}
