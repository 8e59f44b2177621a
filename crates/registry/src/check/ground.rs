//! Where places and zones lie.

use model::GeoPoint;
use model::registry::{Place, RegistryKey, Zone, ZoneShape};

use super::Findings;
use crate::read::Path;

/// England, Wales, Scotland and Northern Ireland in degrees: the limits that HMPPS's crime mapping sets to
/// positions.
const LATITUDES: std::ops::RangeInclusive<f64> = 49.5..=61.5;
const LONGITUDES: std::ops::RangeInclusive<f64> = -8.5..=2.6;

fn at_home(lat: f64, lon: f64) -> bool {
    LATITUDES.contains(&lat) && LONGITUDES.contains(&lon)
}

pub(super) fn place(place: &Place, findings: &mut Findings) {
    let part = RegistryKey::Place(place.id.clone());
    let (lat, lon) = (place.lat.degrees(), place.lon.degrees());
    if !(place.radius_m.0.is_finite() && place.radius_m.0 > 0.0) {
        let message = "is no positive number of metres";
        findings.error(&part, Path::default().field("radius_m"), message);
    }
    if at_home(lat, lon) {
        return;
    }
    if at_home(lon, lat) {
        let message = format!(
            "latitude {lat}, longitude {lon}: suspected to be swapped, the other way round it lies in the \
             United Kingdom"
        );
        findings.error(&part, Path::default().field("lat"), message);
        return findings.help(format!("write \"lat\": {lon}, \"lon\": {lat}"));
    }
    let message = format!("latitude {lat}, longitude {lon} is outside the United Kingdom");
    findings.warn(&part, Path::default().field("lat"), message);
}

/// A zone, which `feature` leads to. That it is the right way round was seen when it was read.
pub(super) fn zone(zone: &Zone, part: &RegistryKey, feature: &Path, findings: &mut Findings) {
    let outside = points(zone).find(|point| !at_home(point.lat.degrees(), point.lon.degrees()));
    if let Some(point) = outside {
        let message = format!(
            "zone {}: latitude {}, longitude {} is outside the United Kingdom",
            zone.id,
            point.lat.degrees(),
            point.lon.degrees()
        );
        findings.warn(part, feature.field("geometry"), message);
    }
}

fn points(zone: &Zone) -> Box<dyn Iterator<Item = &GeoPoint> + '_> {
    match &zone.shape {
        ZoneShape::Circle { centre, .. } => Box::new(std::iter::once(centre)),
        ZoneShape::Polygons(polygons) => {
            Box::new(polygons.iter().flat_map(|polygon| &polygon.outline))
        }
    }
}
