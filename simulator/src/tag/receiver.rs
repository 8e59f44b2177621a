//! What a tag's receiver says of where it is.

use core::f64::consts::{PI, TAU};

use model::{FixSource, KmPerHour, Metres, Position, Timestamp};

use super::noise::Noise;
use crate::dice::Dice;
use crate::life::track::Sight;
use crate::town::Spot;

/// How often a fix comes from cell towers (LBS) and from WiFi, indoors and outdoors. Invented: real
/// trails have both, more indoors.
const LBS_PROBABILITY: (f64, f64) = (0.03, 0.005);
const WIFI_PROBABILITY: (f64, f64) = (0.08, 0.01);

/// Radii of LBS fixes in metres, log-normal: median 58, p90 729, 1,600 at most, as on a real trail.
const LBS_MEDIAN_M: f64 = 58.0;
const LBS_LOG_SD: f64 = 1.975;
const LBS_MAX_M: f64 = 1_600.0;

/// One satellite fix in so many is far off and does not know it: a real receiver was 200 m off while
/// claiming 1.9 m. How often is invented.
const OUTLIER_PROBABILITY: f64 = 1.0 / 2_500.0;
const OUTLIER_M: (f64, f64) = (150.0, 250.0);
const OUTLIER_CLAIM_M: (f64, f64) = (1.9, 4.0);

/// The 68 % radius of two normal offsets, in standard deviations.
const R68: f64 = 1.51;

/// A receiver and the state of its errors.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    noise: Noise,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        Self {
            noise: Noise::default(),
        }
    }

    /// The fix at `at` of what there is to see.
    pub(crate) fn measure(&mut self, dice: &mut Dice, at: Timestamp, sight: &Sight) -> Position {
        // The satellites go on wandering, whatever the fix is taken from.
        let satellites = self.noise.step(dice, at, sight.indoors);
        let chance =
            |(indoors, outdoors): (f64, f64)| if sight.indoors { indoors } else { outdoors };
        let throw = dice.unit();
        let (lbs, wifi) = (chance(LBS_PROBABILITY), chance(WIFI_PROBABILITY));
        if throw < lbs {
            let log = LBS_LOG_SD * dice.normal();
            let radius = (LBS_MEDIAN_M * libm::exp(log)).clamp(20.0, LBS_MAX_M);
            return coarse(dice, sight, radius, FixSource::Lbs);
        }
        if throw < lbs + wifi {
            let radius = dice.between(15.0, 70.0);
            return coarse(dice, sight, radius, FixSource::Wifi);
        }
        if dice.chance(OUTLIER_PROBABILITY) {
            let off = dice.between(OUTLIER_M.0, OUTLIER_M.1);
            let spot = sight.spot.polar(dice.between(0.0, TAU), off);
            let claim = dice.between(OUTLIER_CLAIM_M.0, OUTLIER_CLAIM_M.1);
            return satellite(dice, sight, spot, claim);
        }
        let spot = Spot::new(
            sight.spot.x + satellites.east_m,
            sight.spot.y + satellites.north_m,
        );
        // The claim knows where it is and only half of how bad it is just now.
        let knows = satellites.usual_m * R68 * satellites.scale.sqrt();
        let claim = (knows * libm::exp(0.35 * dice.normal())).clamp(2.0, 120.0);
        satellite(dice, sight, spot, claim)
    }
}

fn satellite(dice: &mut Dice, sight: &Sight, spot: Spot, claim_m: f64) -> Position {
    // Neither satellites nor HDOP say much about the error: measured, and so here.
    let seen = if sight.indoors { (4, 9) } else { (6, 14) };
    let sat = u8::try_from(dice.whole(seen.0, seen.1)).ok();
    let hdop = (1.1 * libm::exp(0.3 * dice.normal())).clamp(0.6, 5.0);
    let walked = sight.speed * (1.0 + 0.05 * dice.normal()) + 0.1 * dice.normal().abs();
    Position {
        sat,
        hdop: Some(tenth(hdop)),
        speed: Some(KmPerHour(tenth(walked.max(0.0) * 3.6))),
        course: sight.heading.map(compass),
        ..bare(spot, claim_m, FixSource::Gps)
    }
}

fn coarse(dice: &mut Dice, sight: &Sight, radius_m: f64, src: FixSource) -> Position {
    let sd = radius_m / R68;
    let spot = Spot::new(
        sight.spot.x + sd * dice.normal(),
        sight.spot.y + sd * dice.normal(),
    );
    bare(spot, radius_m, src)
}

fn bare(spot: Spot, claim_m: f64, src: FixSource) -> Position {
    let (lat, lon) = spot.degrees();
    Position {
        lat: (lat * 1e6).round() / 1e6,
        lon: (lon * 1e6).round() / 1e6,
        acc: Some(Metres(tenth(claim_m))),
        sat: None,
        hdop: None,
        speed: None,
        course: None,
        src,
    }
}

/// Degrees clockwise from north, whole ones.
fn compass(heading: f64) -> f64 {
    (90.0 - heading * 180.0 / PI).rem_euclid(360.0).floor()
}

fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
