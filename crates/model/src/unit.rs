//! Units: degrees, metres and kilometres an hour are different types.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A number outside the range of its unit, or not a number at all.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{unit} {value} is not between {min} and {max}")]
pub struct OutOfRange {
    /// What was being read, for example `latitude`.
    pub unit: &'static str,
    /// The value offered.
    pub value: f64,
    /// The least value allowed.
    pub min: f64,
    /// The greatest value allowed.
    pub max: f64,
}

macro_rules! degrees {
    ($(#[$doc:meta])* $name:ident, $unit:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f64", into = "f64")]
        pub struct $name(f64);

        impl $name {
            /// Takes degrees.
            ///
            /// # Errors
            /// When `degrees` is not finite or not on the globe.
            pub fn new(degrees: f64) -> Result<Self, OutOfRange> {
                if degrees.is_finite() && degrees.abs() <= $max {
                    return Ok(Self(degrees));
                }
                Err(OutOfRange { unit: $unit, value: degrees, min: -$max, max: $max })
            }

            /// The value in degrees.
            #[must_use]
            pub const fn degrees(self) -> f64 {
                self.0
            }
        }

        impl TryFrom<f64> for $name {
            type Error = OutOfRange;

            fn try_from(degrees: f64) -> Result<Self, OutOfRange> {
                Self::new(degrees)
            }
        }

        impl From<$name> for f64 {
            fn from(value: $name) -> f64 {
                value.0
            }
        }
    };
}

degrees!(
    /// WGS84 latitude, −90 to 90 degrees.
    Latitude,
    "latitude",
    90.0
);
degrees!(
    /// WGS84 longitude, −180 to 180 degrees.
    Longitude,
    "longitude",
    180.0
);

/// A point on the ground (WGS84). By name where people read it, and otherwise as latitude and longitude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeoPoint {
    /// North of the equator.
    pub lat: Latitude,
    /// East of Greenwich.
    pub lon: Longitude,
}

impl GeoPoint {
    /// Takes degrees of latitude and longitude, in that order.
    ///
    /// # Errors
    /// When either is not finite or not on the globe.
    pub fn new(lat: f64, lon: f64) -> Result<Self, OutOfRange> {
        Ok(Self {
            lat: Latitude::new(lat)?,
            lon: Longitude::new(lon)?,
        })
    }
}

/// A [`GeoPoint`] as people read it.
#[derive(Serialize, Deserialize)]
#[serde(rename = "GeoPoint")]
struct Named {
    lat: Latitude,
    lon: Longitude,
}

impl Serialize for GeoPoint {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { lat, lon } = *self;
        if to.is_human_readable() {
            Named { lat, lon }.serialize(to)
        } else {
            (lat, lon).serialize(to)
        }
    }
}

impl<'de> Deserialize<'de> for GeoPoint {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (lat, lon) = if from.is_human_readable() {
            let Named { lat, lon } = Named::deserialize(from)?;
            (lat, lon)
        } else {
            Deserialize::deserialize(from)?
        };
        Ok(Self { lat, lon })
    }
}

/// A length on the ground.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metres(pub f64);

/// A speed as devices report it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KmPerHour(pub f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_the_globe_is_refused() {
        for (lat, lon) in [
            (90.1, 0.0),
            (0.0, -180.5),
            (f64::NAN, 0.0),
            (0.0, f64::INFINITY),
        ] {
            assert!(GeoPoint::new(lat, lon).is_err(), "{lat} {lon}");
        }
        assert!(GeoPoint::new(-90.0, 180.0).is_ok());
    }

    #[test]
    fn a_point_is_read_by_name_and_is_on_the_globe() {
        let point = GeoPoint::new(52.8, -2.1).unwrap();
        let text = serde_json::to_string(&point).unwrap();
        assert_eq!(text, r#"{"lat":52.8,"lon":-2.1}"#);
        assert_eq!(serde_json::from_str::<GeoPoint>(&text).unwrap(), point);
        for wrong in ["52.8", r#"{"lat":52.8}"#, r#"{"lat":91,"lon":0}"#] {
            assert!(serde_json::from_str::<GeoPoint>(wrong).is_err(), "{wrong}");
        }
    }
}
