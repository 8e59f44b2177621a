use serde_json::{Value, json};

use crate::{read_zones, write_zones};

/// The errors of a document, one line each.
fn said(document: &Value) -> Vec<String> {
    match read_zones(document) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn feature(id: &Value, properties: &Value, geometry: &Value) -> Value {
    json!({"type": "Feature", "id": id, "properties": properties, "geometry": geometry})
}

fn circle() -> Value {
    json!({"type": "Point", "coordinates": [-2.1, 52.8]})
}

fn square(lon: f64) -> Value {
    json!([[
        [lon, 52.8],
        [lon + 0.01, 52.8],
        [lon + 0.01, 52.81],
        [lon, 52.81],
        [lon, 52.8]
    ]])
}

fn collection(features: &[Value]) -> Value {
    json!({"type": "FeatureCollection", "features": features})
}

#[test]
fn circles_polygons_and_multipolygons_are_read_and_written_back_the_same() {
    let document = collection(&[
        feature(
            &json!("Z-1"),
            &json!({"name": "Home", "victim": true, "radius_m": 60}),
            &circle(),
        ),
        feature(
            &json!("Z-2"),
            &json!({"colour": "red"}),
            &json!({"type": "Polygon", "coordinates": square(-2.1)}),
        ),
        feature(
            &json!("Z-3"),
            &Value::Null,
            &json!({"type": "MultiPolygon", "coordinates": [square(-2.1), square(-2.2)]}),
        ),
    ]);
    let zones = read_zones(&document).unwrap();
    assert_eq!(zones.len(), 3);
    assert_eq!(zones[0].name.as_deref(), Some("Home"));
    assert!(zones[0].victim && !zones[1].victim);
    assert_eq!(read_zones(&write_zones(&zones)).unwrap(), zones);
}

#[test]
fn an_id_may_be_a_number_or_stand_among_the_properties() {
    let features = [
        feature(&json!(7), &json!({"radius_m": 60}), &circle()),
        feature(
            &Value::Null,
            &json!({"radius_m": 60, "id": "Z-8"}),
            &circle(),
        ),
    ];
    let zones = read_zones(&collection(&features)).unwrap();
    let ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
    assert_eq!(ids, ["7", "Z-8"]);
}

#[test]
fn a_single_feature_and_altitudes_are_taken() {
    let point = json!({"type": "Point", "coordinates": [-2.1, 52.8, 104.5]});
    let zones = read_zones(&feature(&json!("Z-1"), &json!({"radius_m": 60.5}), &point)).unwrap();
    assert_eq!(zones.len(), 1);
}

fn wrong_features() -> Vec<Value> {
    let radius = json!({"radius_m": 60});
    let polygon = |coordinates: Value| json!({"type": "Polygon", "coordinates": coordinates});
    vec![
        feature(&Value::Null, &radius, &circle()),
        feature(&json!("a b"), &radius, &circle()),
        feature(&json!("Z-3"), &radius, &circle()),
        feature(&json!("Z-3"), &radius, &circle()),
        feature(&json!("Z-4"), &json!({}), &circle()),
        feature(&json!("Z-5"), &json!({"radius_m": -5}), &circle()),
        feature(&json!("Z-6"), &json!({"radius_m": "60"}), &circle()),
        feature(
            &json!("Z-7"),
            &radius,
            &json!({"type": "LineString", "coordinates": []}),
        ),
        feature(
            &json!("Z-8"),
            &radius,
            &polygon(json!([[[-2.1, 52.8], [-2.1, 95.0]]])),
        ),
        feature(
            &json!("Z-9"),
            &radius,
            &polygon(json!([[[393_000, 323_000]]])),
        ),
        feature(&json!("Z-10"), &radius, &polygon(json!([]))),
        feature(
            &json!("Z-11"),
            &radius,
            &polygon(json!([[[1.0, 2.0], "x"]])),
        ),
        feature(&json!("Z-12"), &radius, &Value::Null),
        feature(
            &json!("Z-13"),
            &json!({"victim": "yes", "radius_m": 60}),
            &circle(),
        ),
        feature(&json!("Z-14"), &json!({"radius_m": 31}), &circle()),
        json!({"type": "Polygon"}),
    ]
}

#[test]
fn every_feature_that_is_wrong_is_named_and_none_hides_another() {
    let expected = [
        "feature at index 0: no id",
        "feature at index 1: bad id: id \"a b\" has a space",
        "zone Z-3: duplicate id: the feature at index 2 has it already",
        "zone Z-4: a Point needs a radius_m",
        "zone Z-5: radius_m -5 is not a positive number of metres",
        "zone Z-6: property radius_m is \"60\", not a number",
        "zone Z-7: geometry type \"LineString\" is not Polygon",
        "zone Z-8: outline of polygon 0, position 1: latitude 95 is not between -90 and 90",
        "zone Z-9: outline of polygon 0, position 0: latitude 323000 is not between -90 and 90; \
         this looks like an easting and a northing",
        "zone Z-10: the polygon is empty",
        "zone Z-11: outline of polygon 0, position 1: \"x\" is not a longitude and a latitude",
        "zone Z-12: not GeoJSON: null where a geometry with a type should be",
        "zone Z-13: property victim is \"yes\", not true or false",
        "zone Z-14: inner radius 31 m is under 45 m, three times the 15 m that GPS resolves at best",
        "feature at index 15: not GeoJSON: no Feature",
    ];
    let said = said(&collection(&wrong_features()));
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(
            said.starts_with(expected),
            "{said:?} does not start with {expected:?}"
        );
    }
}

#[test]
fn what_is_no_geojson_at_all_is_said_of_the_document() {
    for document in [
        Value::Null,
        json!(3),
        json!([]),
        json!({}),
        json!({"type": "Topology"}),
        json!({"type": "FeatureCollection"}),
    ] {
        let said = said(&document);
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("zones: not GeoJSON: "), "{said:?}");
    }
}
