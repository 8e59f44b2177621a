//! The shape of one feature.

use model::registry::{Ring, RingPolygon, ZoneShape};
use model::{GeoPoint, Metres};
use serde_json::{Map, Value};

use super::read::described;
use crate::error::{RingPlace, ZoneFault};

/// Reads a feature's geometry; a Point takes its `radius_m` from the properties.
pub(super) fn shape(
    geometry: &Value,
    properties: Option<&Map<String, Value>>,
) -> Result<ZoneShape, ZoneFault> {
    let kind = geometry
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| wrong("a geometry with a type", geometry))?;
    match kind {
        "Point" => Ok(ZoneShape::Circle {
            centre: point(
                coordinates(geometry)?,
                RingPlace {
                    polygon: 0,
                    ring: 0,
                },
                0,
            )?,
            radius_m: radius(properties)?,
        }),
        "Polygon" => Ok(ZoneShape::Polygons(vec![polygon(
            coordinates(geometry)?,
            0,
        )?])),
        "MultiPolygon" => Ok(ZoneShape::Polygons(polygons(coordinates(geometry)?)?)),
        other => Err(ZoneFault::UnsupportedGeometry(described_kind(other))),
    }
}

fn coordinates(geometry: &Value) -> Result<&Value, ZoneFault> {
    geometry
        .get("coordinates")
        .ok_or_else(|| ZoneFault::NotGeoJson("the geometry has no coordinates".to_owned()))
}

fn radius(properties: Option<&Map<String, Value>>) -> Result<Metres, ZoneFault> {
    let value = properties
        .and_then(|properties| properties.get("radius_m"))
        .filter(|value| !value.is_null())
        .ok_or(ZoneFault::NoRadius)?;
    let metres = value.as_f64().ok_or_else(|| ZoneFault::BadProperty {
        name: "radius_m",
        wanted: "a number",
        found: described(value),
    })?;
    if !(metres.is_finite() && metres > 0.0) {
        return Err(ZoneFault::RadiusNotPositive(metres));
    }
    Ok(Metres(metres))
}

fn polygons(value: &Value) -> Result<Vec<RingPolygon>, ZoneFault> {
    array(value, "a list of polygons")?
        .iter()
        .enumerate()
        .map(|(index, value)| polygon(value, index))
        .collect()
}

fn polygon(value: &Value, polygon: usize) -> Result<RingPolygon, ZoneFault> {
    let mut rings = array(value, "a list of rings")?
        .iter()
        .enumerate()
        .map(|(ring, value)| self::ring(value, RingPlace { polygon, ring }));
    let outline = rings.next().ok_or(ZoneFault::Empty)??;
    let holes = rings.collect::<Result<_, _>>()?;
    Ok(RingPolygon { outline, holes })
}

fn ring(value: &Value, place: RingPlace) -> Result<Ring, ZoneFault> {
    array(value, "a list of positions")?
        .iter()
        .enumerate()
        .map(|(index, value)| point(value, place, index))
        .collect()
}

/// A position is longitude, latitude and perhaps an altitude, which does not matter here.
fn point(value: &Value, place: RingPlace, position: usize) -> Result<GeoPoint, ZoneFault> {
    let bad = |coordinate: String, hint| ZoneFault::BadCoordinate {
        place,
        position,
        coordinate,
        hint,
    };
    let (Some(lon), Some(lat)) = (number(value, 0), number(value, 1)) else {
        let found = format!("{} is not a longitude and a latitude", described(value));
        return Err(bad(found, ""));
    };
    GeoPoint::new(lat, lon).map_err(|error| bad(error.to_string(), hint(lon, lat)))
}

fn number(position: &Value, index: usize) -> Option<f64> {
    position.get(index)?.as_f64()
}

/// The National Grid runs to 700 km east and 1,300 km north.
fn hint(first: f64, second: f64) -> &'static str {
    let on_grid = (0.0..=700_000.0).contains(&first) && (0.0..=1_300_000.0).contains(&second);
    if on_grid && first > 1_000.0 && second > 1_000.0 {
        "; this looks like an easting and a northing, GeoJSON has degrees (WGS84)"
    } else {
        ""
    }
}

fn array<'a>(value: &'a Value, wanted: &str) -> Result<&'a Vec<Value>, ZoneFault> {
    value.as_array().ok_or_else(|| wrong(wanted, value))
}

fn wrong(wanted: &str, found: &Value) -> ZoneFault {
    ZoneFault::NotGeoJson(format!("{} where {wanted} should be", described(found)))
}

/// A geometry type as written, cut to a length that a log line bears.
fn described_kind(kind: &str) -> String {
    kind.chars().take(40).collect()
}
