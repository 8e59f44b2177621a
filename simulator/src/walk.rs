//! A walk of the user's own, out of a GPX or GeoJSON file.

use std::path::{Path, PathBuf};

use geojson::{GeoJson, GeometryValue};
use model::Timestamp;
use thiserror::Error;

use crate::town::Spot;

/// How fast somebody goes where the file has no times, in metres a second: a brisk walk.
const PACE_MPS: f64 = 1.4;

/// Points of a walk at most: a week at one a second.
const POINTS_MAX: usize = 604_800;

/// Where somebody goes, from the beginning of a world. Before it and after it they stay where it begins
/// and ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// Seconds since the beginning, ascending, and where.
    points: Vec<(f64, Spot)>,
}

/// A moment of a walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stride {
    pub(crate) spot: Spot,
    /// Metres a second.
    pub(crate) speed: f64,
    /// Radians anticlockwise from east, while moving.
    pub(crate) heading: Option<f64>,
}

/// Why a file is no walk.
#[derive(Debug, Error)]
pub enum WalkError {
    /// It cannot be read.
    #[error("{}", .0.display())]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// It is no GPX.
    #[error("{}: no GPX", .0.display())]
    Gpx(PathBuf, #[source] gpx::errors::GpxError),
    /// It is no GeoJSON.
    #[error("{}: no GeoJSON", .0.display())]
    GeoJson(PathBuf, #[source] Box<geojson::Error>),
    /// What it holds is no walk.
    #[error("{}: {why}", .file.display())]
    NoWalk {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: String,
    },
}

/// A point of a file, with its time where it has one.
type Point = (f64, f64, Option<Timestamp>);

impl Walk {
    /// Reads the tracks of a GPX file (`.gpx`), or the lines of a GeoJSON file (any other name), one after
    /// another. A GPX track with times is walked at its own pace from its first time on, everything else
    /// at a brisk walk.
    ///
    /// # Errors
    /// When the file cannot be read, is neither, or holds fewer than two points or points that lie
    /// nowhere.
    pub fn read(file: &Path) -> Result<Self, WalkError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| WalkError::Unreadable(file.to_owned(), error))?;
        let is_gpx = file
            .extension()
            .is_some_and(|name| name.eq_ignore_ascii_case("gpx"));
        let points = if is_gpx {
            of_gpx(file, &text)?
        } else {
            of_geojson(file, &text)?
        };
        let no_walk = |why: String| WalkError::NoWalk {
            file: file.to_owned(),
            why,
        };
        if !(2..=POINTS_MAX).contains(&points.len()) {
            let found = points.len();
            return Err(no_walk(format!(
                "a walk has 2 to {POINTS_MAX} points, not {found}"
            )));
        }
        let nowhere = |(lat, lon, _): &&Point| !(lat.abs() <= 90.0 && lon.abs() <= 180.0);
        if let Some((lat, lon, _)) = points.iter().find(nowhere) {
            return Err(no_walk(format!(
                "no point on the globe: latitude {lat}, longitude {lon}"
            )));
        }
        let walk = Self {
            points: timed(&points),
        };
        if !walk.points.is_sorted_by(|a, b| a.0 <= b.0) {
            return Err(no_walk("its times go back".to_owned()));
        }
        Ok(walk)
    }

    /// Where somebody is so many seconds after the beginning.
    pub(crate) fn at(&self, seconds: f64) -> Stride {
        let next = self.points.partition_point(|(at, _)| *at <= seconds);
        let before = next.checked_sub(1).and_then(|index| self.points.get(index));
        match (before, self.points.get(next)) {
            (Some(from), Some(to)) => between(*from, *to, seconds),
            (Some((_, spot)), None) | (None, Some((_, spot))) => rest(*spot),
            (None, None) => rest(Spot::new(0.0, 0.0)),
        }
    }
}

fn rest(spot: Spot) -> Stride {
    Stride {
        spot,
        speed: 0.0,
        heading: None,
    }
}

fn between((from_s, from): (f64, Spot), (to_s, to): (f64, Spot), seconds: f64) -> Stride {
    let (length, lasts_s) = (from.distance(to), to_s - from_s);
    if length <= 0.0 || lasts_s <= 0.0 {
        return rest(from);
    }
    Stride {
        spot: from.towards(to, (seconds - from_s) / lasts_s),
        speed: length / lasts_s,
        heading: Some(from.angle_to(to)),
    }
}

/// Points with their seconds from the first: by their times where all have one, else at a walk.
fn timed(points: &[Point]) -> Vec<(f64, Spot)> {
    let spots = points
        .iter()
        .map(|(lat, lon, _)| Spot::at_degrees(*lat, *lon));
    let times: Option<Vec<Timestamp>> = points.iter().map(|(_, _, time)| *time).collect();
    if let Some((first, times)) = times
        .as_ref()
        .and_then(|times| Some((times.first()?, times)))
    {
        let seconds = times.iter().map(|time| time.seconds_since(*first));
        return seconds.zip(spots).collect();
    }
    let mut walked: Vec<(f64, Spot)> = Vec::new();
    for spot in spots {
        let (before_s, before) = walked.last().copied().unwrap_or((0.0, spot));
        walked.push((before_s + before.distance(spot) / PACE_MPS, spot));
    }
    walked
}

fn of_gpx(file: &Path, text: &str) -> Result<Vec<Point>, WalkError> {
    let gpx = gpx::read(text.as_bytes()).map_err(|error| WalkError::Gpx(file.to_owned(), error))?;
    let segments = gpx.tracks.iter().flat_map(|track| &track.segments);
    let points = segments.flat_map(|segment| &segment.points).map(|point| {
        let time = point
            .time
            .and_then(|time| Timestamp::parse(&time.format().ok()?).ok());
        (point.point().y(), point.point().x(), time)
    });
    Ok(points.collect())
}

fn of_geojson(file: &Path, text: &str) -> Result<Vec<Point>, WalkError> {
    let read: GeoJson = text
        .parse()
        .map_err(|error| WalkError::GeoJson(file.to_owned(), Box::new(error)))?;
    let geometries: Vec<GeometryValue> = match read {
        GeoJson::Geometry(geometry) => vec![geometry.value],
        GeoJson::Feature(feature) => feature
            .geometry
            .into_iter()
            .map(|geometry| geometry.value)
            .collect(),
        GeoJson::FeatureCollection(all) => {
            let features = all.features.into_iter();
            features
                .filter_map(|feature| Some(feature.geometry?.value))
                .collect()
        }
    };
    let mut points = Vec::new();
    for geometry in geometries {
        let lines = match geometry {
            GeometryValue::LineString { coordinates } => vec![coordinates],
            GeometryValue::MultiLineString { coordinates } => coordinates,
            // Points and areas of the same file are not walked.
            GeometryValue::Point { .. }
            | GeometryValue::MultiPoint { .. }
            | GeometryValue::Polygon { .. }
            | GeometryValue::MultiPolygon { .. }
            | GeometryValue::GeometryCollection { .. } => continue,
        };
        for position in lines.iter().flatten() {
            if let [lon, lat, ..] = *position.as_slice() {
                points.push((lat, lon, None));
            }
        }
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Walk, String> {
        let folder = std::env::temp_dir().join(format!("walk-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        let walk = Walk::read(&file).map_err(|error| error.to_string());
        std::fs::remove_dir_all(&folder).unwrap();
        walk
    }

    const GPX: &str = r#"<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
        <trkpt lat="52.800" lon="-2.1"><time>2026-06-01T10:00:00Z</time></trkpt>
        <trkpt lat="52.801" lon="-2.1"><time>2026-06-01T10:01:00Z</time></trkpt>
        <trkpt lat="52.801" lon="-2.1"><time>2026-06-01T10:05:00Z</time></trkpt>
        </trkseg></trk></gpx>"#;

    #[test]
    fn a_gpx_track_is_walked_at_its_own_pace() {
        let walk = read("pace.gpx", GPX).unwrap();
        let half = walk.at(30.0);
        let (lat, lon) = half.spot.degrees();
        assert!(
            (lat - 52.8005).abs() < 1e-6 && (lon + 2.1).abs() < 1e-6,
            "{lat} {lon}"
        );
        // 111 m in a minute, northwards.
        assert!((half.speed - 1.85).abs() < 0.05, "{half:?}");
        assert!((half.heading.unwrap() - core::f64::consts::FRAC_PI_2).abs() < 1e-6);
        assert_eq!(walk.at(120.0).heading, None, "it rests");
        assert_eq!(walk.at(9_999.0).spot, walk.at(300.0).spot);
    }

    #[test]
    fn a_geojson_line_is_walked_briskly() {
        let line = r#"{"type":"LineString","coordinates":[[-2.1,52.8],[-2.1,52.81]]}"#;
        let walk = read("line.geojson", line).unwrap();
        assert!((walk.at(60.0).speed - PACE_MPS).abs() < 1e-6);
        assert!(walk.at(0.0).spot.distance(walk.at(100.0).spot) > 139.0);
    }

    #[test]
    fn what_is_no_walk_is_refused_with_its_file() {
        for (name, text, why) in [
            (
                "one.geojson",
                r#"{"type":"LineString","coordinates":[[0,1]]}"#,
                "points, not",
            ),
            (
                "far.geojson",
                r#"{"type":"LineString","coordinates":[[0,1],[0,91]]}"#,
                "latitude 91",
            ),
            ("no.geojson", "walk", "no GeoJSON"),
            ("no.gpx", "<gpx", "no GPX"),
            ("back.gpx", &GPX.replace("10:05", "09:05"), "times go back"),
        ] {
            let said = read(name, text).unwrap_err();
            assert!(said.contains(why) && said.contains(name), "{said}");
        }
    }
}
