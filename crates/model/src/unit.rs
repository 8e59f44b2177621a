//! Units: degrees, metres and kilometres an hour are different types.

use serde::{Deserialize, Serialize};
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

/// A point on the ground (WGS84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
}
