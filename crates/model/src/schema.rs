//! JSON Schemas of what people write, for those types that are not written as they are held.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::id::ID_BYTES_MAX;
use crate::registry::{Condition, FeatureSource, TimeOfDay, ZoneRef};
use crate::{
    AbsenceId, ConditionId, DeviceId, Latitude, Longitude, Metres, OrderId, PlaceId, Timestamp,
    WearerId, ZoneId, ZoneSetId,
};

/// What an id is made of, as [`crate::IdError`] has it.
const ID_PATTERN: &str = r"^[^\s/+#\u0000-\u001f\u007f]+$";

macro_rules! schemas {
    ($($name:ident: $schema:expr,)+) => {
        $(impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        })+
    };
}

fn id(description: &str) -> Schema {
    json_schema!({
        "type": "string", "minLength": 1, "maxLength": ID_BYTES_MAX, "pattern": ID_PATTERN,
        "description": description
    })
}

fn number(description: &str, min: f64, max: f64) -> Schema {
    json_schema!({
        "type": "number", "minimum": min, "maximum": max, "description": description
    })
}

schemas! {
    WearerId: id("The person subject to monitoring."),
    DeviceId: id("One piece of equipment."),
    OrderId: id("The legal instrument."),
    ConditionId: id("One enforceable duty under an order."),
    ZoneId: id("One zone on the ground."),
    ZoneSetId: id("A shared set of zones that many orders point at."),
    PlaceId: id("A place a wearer is expected at."),
    AbsenceId: id("One authorised absence."),
    ZoneRef: id("A zone by its id, or a whole shared set as `set:<name>`."),
    Latitude: number("Degrees, WGS84.", -90.0, 90.0),
    Longitude: number("Degrees, WGS84.", -180.0, 180.0),
    Metres: json_schema!({
        "type": "number", "minimum": 0.0, "description": "Metres."
    }),
    Timestamp: json_schema!({
        "description": "RFC 3339 with an offset, or milliseconds since 1970-01-01T00:00:00Z.",
        "oneOf": [
            {"type": "string", "format": "date-time"},
            {"type": "integer", "minimum": 0, "maximum": Timestamp::MAX.epoch_ms()}
        ]
    }),
    TimeOfDay: json_schema!({
        "type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        "description": "A local time of day, 00:00 to 24:00."
    }),
    FeatureSource: json_schema!({
        "description": "A GeoJSON feature collection, in place or in a file of its own. A zone is a \
            Polygon or MultiPolygon, or a Point with `radius_m` among its properties.",
        "oneOf": [
            {
                "type": "object", "required": ["file"], "additionalProperties": false,
                "properties": {"file": {
                    "type": "string", "description": "The path, relative to the document."
                }}
            },
            {
                "type": "object", "required": ["type", "features"],
                "properties": {
                    "type": {"const": "FeatureCollection"},
                    "features": {"type": "array", "items": {"type": "object"}}
                }
            }
        ]
    }),
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Self::fields_schema(generator)
    }
}
