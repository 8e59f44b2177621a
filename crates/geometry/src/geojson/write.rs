//! Zones to a feature collection.

use model::GeoPoint;
use model::registry::{RingPolygon, Zone, ZoneShape};
use serde_json::{Map, Value, json};

/// The zones as a `FeatureCollection`, which [`read_zones`](crate::read_zones) reads back the same.
#[must_use]
pub fn write_zones(zones: &[Zone]) -> Value {
    let features: Vec<Value> = zones.iter().map(write_zone).collect();
    json!({"type": "FeatureCollection", "features": features})
}

/// The zone as a `Feature`.
#[must_use]
pub fn write_zone(zone: &Zone) -> Value {
    let mut properties = Map::new();
    if let Some(name) = &zone.name {
        properties.insert("name".to_owned(), json!(name));
    }
    properties.insert("victim".to_owned(), json!(zone.victim));
    let geometry = match &zone.shape {
        ZoneShape::Circle { centre, radius_m } => {
            properties.insert("radius_m".to_owned(), json!(radius_m.0));
            json!({"type": "Point", "coordinates": position(centre)})
        }
        ZoneShape::Polygons(polygons) => geometry(polygons),
    };
    json!({
        "type": "Feature",
        "id": zone.id.as_str(),
        "properties": properties,
        "geometry": geometry,
    })
}

fn geometry(polygons: &[RingPolygon]) -> Value {
    match polygons {
        [polygon] => json!({"type": "Polygon", "coordinates": rings(polygon)}),
        several => {
            let all: Vec<Value> = several.iter().map(rings).collect();
            json!({"type": "MultiPolygon", "coordinates": all})
        }
    }
}

fn rings(polygon: &RingPolygon) -> Value {
    polygon
        .rings()
        .map(|ring| ring.iter().map(position).collect::<Value>())
        .collect()
}

fn position(point: &GeoPoint) -> Value {
    json!([point.lon.degrees(), point.lat.degrees()])
}
