//! What is wrong with a zone, and where.

use std::fmt;

use model::{IdError, ZoneId};
use thiserror::Error;

use crate::check::{MAX_ACROSS_M, MAX_LATITUDE, MAX_VERTICES, MIN_INNER_RADIUS_M};

/// A zone that cannot be taken in: which one, and why.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{feature}: {fault}")]
pub struct ZoneError {
    /// The zone.
    pub feature: FeatureName,
    /// What is wrong with it.
    pub fault: ZoneFault,
}

/// How a zone is named to whoever has to put it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeatureName {
    /// The document as a whole.
    Document,
    /// By its id, as written.
    Id(String),
    /// By its place among the features, counted from 0, when it has no usable id.
    Index(usize),
}

impl From<&ZoneId> for FeatureName {
    fn from(id: &ZoneId) -> Self {
        Self::Id(id.as_str().to_owned())
    }
}

impl fmt::Display for FeatureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => f.write_str("zones"),
            Self::Id(id) => write!(f, "zone {id}"),
            Self::Index(index) => write!(f, "feature at index {index}"),
        }
    }
}

/// A ring of a zone. Counted from 0, as in the `coordinates` of the `GeoJSON`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingPlace {
    /// Which of the zone's polygons.
    pub polygon: usize,
    /// 0 is the outline, 1 and more the holes.
    pub ring: usize,
}

impl fmt::Display for RingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ring {
            0 => write!(f, "outline of polygon {}", self.polygon),
            hole => write!(f, "hole {hole} of polygon {}", self.polygon),
        }
    }
}

/// Why a zone cannot be taken in. Angles are in degrees, lengths in metres.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ZoneFault {
    /// The document, a feature or a geometry is not what RFC 7946 says it must be.
    #[error("not GeoJSON: {0}")]
    NotGeoJson(String),
    /// The geometry is none that has an inside.
    #[error("geometry type {0:?} is not Polygon, MultiPolygon, or Point with a radius_m")]
    UnsupportedGeometry(String),
    /// Neither the feature nor its properties have an id.
    #[error("no id: neither the feature nor its properties have one")]
    NoId,
    /// The id is not one that can be used.
    #[error("bad id: {0}")]
    BadId(#[from] IdError),
    /// An earlier feature has the same id.
    #[error("duplicate id: the feature at index {first} has it already")]
    DuplicateId {
        /// Where it was first.
        first: usize,
    },
    /// A property is there but of another kind.
    #[error("property {name} is {found}, not {wanted}")]
    BadProperty {
        /// The property.
        name: &'static str,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// A circle without its size.
    #[error("a Point needs a radius_m among its properties")]
    NoRadius,
    /// A circle of no size.
    #[error("radius_m {0} is not a positive number of metres")]
    RadiusNotPositive(f64),
    /// A coordinate off the globe.
    #[error("{place}, position {position}: {coordinate}{hint}")]
    BadCoordinate {
        /// The ring it is in; polygon 0, ring 0 for a Point.
        place: RingPlace,
        /// Its position in the ring, counted from 0.
        position: usize,
        /// What it is.
        coordinate: String,
        /// What it looks like, when it looks like something.
        hint: &'static str,
    },
    /// Latitude and longitude of a place in the British Isles, the wrong way round.
    #[error(
        "latitude {lat}, longitude {lon}: suspected to be swapped, GeoJSON has longitude first, \
         then latitude"
    )]
    SwappedSuspected {
        /// The latitude as read.
        lat: f64,
        /// The longitude as read.
        lon: f64,
    },
    /// No polygon at all, or one without an outline.
    #[error("the polygon is empty")]
    Empty,
    /// A ring that cannot enclose anything.
    #[error("{place}: {count} positions, a closed ring has at least 4")]
    TooFewPositions {
        /// The ring.
        place: RingPlace,
        /// How many it has.
        count: usize,
    },
    /// A ring whose last position is not its first.
    #[error("{place}: not closed, the last position is not the first one again")]
    NotClosed {
        /// The ring.
        place: RingPlace,
    },
    /// More positions than a zone may have.
    #[error("{0} positions, more than {MAX_VERTICES}")]
    TooManyVertices(usize),
    /// A ring on both sides of the 180th meridian.
    #[error("reaches over the 180th meridian: cut it there into two polygons (RFC 7946 §3.1.9)")]
    CrossesDateLine,
    /// So near a pole that a flat frame does not hold.
    #[error("latitude {0} is further from the equator than {MAX_LATITUDE} degrees")]
    TooNearPole(f64),
    /// Larger than a flat frame holds for.
    #[error("{0:.0} m across, more than {MAX_ACROSS_M:.0} m")]
    TooLarge(f64),
    /// A ring that encloses nothing.
    #[error("{place}: encloses no area")]
    ZeroArea {
        /// The ring.
        place: RingPlace,
    },
    /// A ring that crosses itself or runs along itself.
    #[error("{place}: crosses itself at latitude {lat:.7}, longitude {lon:.7}")]
    SelfCrossing {
        /// The ring.
        place: RingPlace,
        /// Where.
        lat: f64,
        /// Where.
        lon: f64,
    },
    /// A hole that crosses or runs along its outline.
    #[error("{place}: crosses its outline at latitude {lat:.7}, longitude {lon:.7}")]
    HoleCrossesOutline {
        /// The hole.
        place: RingPlace,
        /// Where.
        lat: f64,
        /// Where.
        lon: f64,
    },
    /// A hole in what is not there.
    #[error("{place}: lies outside its outline at latitude {lat:.7}, longitude {lon:.7}")]
    HoleOutside {
        /// The hole.
        place: RingPlace,
        /// A point of it.
        lat: f64,
        /// A point of it.
        lon: f64,
    },
    /// Two holes of one polygon that overlap.
    #[error("{place} and {other} overlap at latitude {lat:.7}, longitude {lon:.7}")]
    HolesOverlap {
        /// One hole.
        place: RingPlace,
        /// The other.
        other: RingPlace,
        /// Where.
        lat: f64,
        /// Where.
        lon: f64,
    },
    /// Two polygons of one zone that overlap or share an edge: depth next to the seam would come
    /// out too small, so it is refused rather than measured wrongly.
    #[error(
        "polygons {one} and {other} overlap or share an edge at latitude {lat:.7}, \
         longitude {lon:.7}: merge them into one"
    )]
    PolygonsOverlap {
        /// One polygon.
        one: usize,
        /// The other.
        other: usize,
        /// Where.
        lat: f64,
        /// Where.
        lon: f64,
    },
    /// Edges so tangled that checking them would take longer than is allowed.
    #[error("edges lie on top of each other so densely that crossings cannot be ruled out")]
    TooTangled,
    /// Too narrow for a receiver's error.
    #[error(
        "inner radius {} m is under {MIN_INNER_RADIUS_M:.0} m, three times the 15 m that GPS \
         resolves at best",
        .0.floor()
    )]
    TooSmall(f64),
}
