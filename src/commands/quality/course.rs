//! What the people measured truly do, to the metre.

use model::Timestamp;
use serde::Serialize;
use simulator::Truth;

use super::ours::ZONE_RADIUS_M;

/// Walking, in metres a second.
const WALK_MPS: f64 = 1.4;

/// Driving in a town, in metres a second: 30 miles an hour.
const DRIVE_MPS: f64 = 13.4;

/// How far outside the edge people are before they come and after they have gone, in metres.
const AWAY_M: f64 = 300.0;

/// How long they are watched before they come and after they have gone, in seconds.
const SETTLE_S: f64 = 1_200.0;

/// Excursions of the receiver a day, where there are any. Invented: results are read per excursion.
const EXCURSIONS_PER_DAY: f64 = 2.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Where somebody compliant spends a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Setting {
    /// Sitting still under the open sky.
    AtRestOutdoors,
    /// Sitting still under a roof, where errors are twice as large.
    AtRestIndoors,
    /// Walking round the zone, always as far from its edge.
    WalkingRound,
    /// Sitting still under a roof, with a receiver that now and then is off and sure of itself for
    /// minutes.
    Excursions,
}

impl Setting {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::AtRestOutdoors => "at rest, outdoors",
            Self::AtRestIndoors => "at rest, indoors",
            Self::WalkingRound => "walking round it",
            Self::Excursions => "with excursions",
        }
    }

    const fn indoors(self) -> bool {
        matches!(self, Self::AtRestIndoors | Self::Excursions)
    }
}

/// How somebody goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Means {
    OnFoot,
    ByCar,
}

impl Means {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::OnFoot => "on foot",
            Self::ByCar => "by car",
        }
    }

    const fn speed_mps(self) -> f64 {
        match self {
            Self::OnFoot => WALK_MPS,
            Self::ByCar => DRIVE_MPS,
        }
    }
}

/// What somebody truly does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "course")]
pub(super) enum Course {
    /// A whole day outside.
    Outside { setting: Setting, distance_m: f64 },
    /// Comes on foot, is inside for so long all in all, and goes.
    Stay {
        depth_m: f64,
        minutes: f64,
        indoors: bool,
    },
    /// Straight through the middle.
    Through { means: Means },
}

/// When somebody was truly inside, in seconds from the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inside {
    pub(super) from_s: f64,
    pub(super) to_s: f64,
}

impl Course {
    /// When it takes them inside.
    pub(super) const fn inside(self) -> Option<Inside> {
        match self {
            Self::Outside { .. } => None,
            Self::Stay { minutes, .. } => {
                let from_s = SETTLE_S + AWAY_M / WALK_MPS;
                let to_s = from_s + minutes * 60.0;
                Some(Inside { from_s, to_s })
            }
            Self::Through { means } => {
                let from_s = SETTLE_S + AWAY_M / means.speed_mps();
                let to_s = from_s + 2.0 * ZONE_RADIUS_M / means.speed_mps();
                Some(Inside { from_s, to_s })
            }
        }
    }

    /// How long it is watched, in seconds.
    pub(super) fn lasts_s(self) -> f64 {
        self.inside().map_or(SECONDS_PER_DAY, |inside| {
            inside.to_s + (inside.from_s - SETTLE_S) + SETTLE_S
        })
    }

    /// Excursions of the receiver to expect a day.
    pub(super) const fn excursions_per_day(self) -> f64 {
        match self {
            Self::Outside {
                setting: Setting::Excursions,
                ..
            } => EXCURSIONS_PER_DAY,
            Self::Outside { .. } | Self::Stay { .. } | Self::Through { .. } => 0.0,
        }
    }

    /// Where they are so many seconds after the start.
    pub(super) fn truth(self, at_s: f64) -> Truth {
        match self {
            Self::Outside {
                setting,
                distance_m,
            } => outside(setting, ZONE_RADIUS_M + distance_m, at_s),
            Self::Stay {
                depth_m, indoors, ..
            } => self.stay(depth_m, indoors, at_s),
            Self::Through { means } => self.through(means, at_s),
        }
    }

    fn stay(self, depth_m: f64, indoors: bool, at_s: f64) -> Truth {
        let outside_m = self.inside().map_or(AWAY_M, |inside| {
            // On the way in, and on the way out.
            let (before, after) = (inside.from_s - at_s, at_s - inside.to_s);
            (before.max(after) * WALK_MPS).clamp(-depth_m, AWAY_M)
        });
        let walks = outside_m > -depth_m && outside_m < AWAY_M;
        Truth {
            east_m: ZONE_RADIUS_M + outside_m,
            north_m: 0.0,
            speed_mps: if walks { WALK_MPS } else { 0.0 },
            indoors: indoors && !walks && outside_m < 0.0,
        }
    }

    fn through(self, means: Means, at_s: f64) -> Truth {
        let begins_s = self.inside().map_or(0.0, |inside| inside.from_s);
        let reach_m = ZONE_RADIUS_M + AWAY_M;
        let east_m = ZONE_RADIUS_M + (begins_s - at_s) * means.speed_mps();
        Truth {
            east_m: east_m.clamp(-reach_m, reach_m),
            north_m: 0.0,
            speed_mps: if east_m.abs() < reach_m {
                means.speed_mps()
            } else {
                0.0
            },
            indoors: false,
        }
    }
}

fn outside(setting: Setting, from_centre_m: f64, at_s: f64) -> Truth {
    let walks = setting == Setting::WalkingRound;
    let angle = if walks {
        at_s * WALK_MPS / from_centre_m
    } else {
        0.0
    };
    Truth {
        east_m: from_centre_m * libm::cos(angle),
        north_m: from_centre_m * libm::sin(angle),
        speed_mps: if walks { WALK_MPS } else { 0.0 },
        indoors: setting.indoors(),
    }
}

/// The instant so many seconds after `start`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a day at most, in whole milliseconds"
)]
pub(super) fn instant(start: Timestamp, seconds: f64) -> Timestamp {
    start.plus(chrono::TimeDelta::milliseconds(
        (seconds * 1_000.0).round() as i64
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside_m(course: Course, at_s: f64) -> f64 {
        let truth = course.truth(at_s);
        libm::hypot(truth.east_m, truth.north_m) - ZONE_RADIUS_M
    }

    #[test]
    fn a_stay_is_inside_for_just_as_long_as_it_says() {
        for (depth_m, minutes) in [(20.0, 5.0), (50.0, 30.0)] {
            let course = Course::Stay {
                depth_m,
                minutes,
                indoors: true,
            };
            let inside = course.inside().unwrap();
            assert!((inside.to_s - inside.from_s - minutes * 60.0).abs() < 1e-9);
            for (at_s, expected) in [
                (0.0, AWAY_M),
                (inside.from_s, 0.0),
                (f64::midpoint(inside.from_s, inside.to_s), -depth_m),
                (inside.to_s, 0.0),
                (course.lasts_s(), AWAY_M),
            ] {
                assert!((outside_m(course, at_s) - expected).abs() < 1e-6, "{at_s}");
            }
        }
    }

    #[test]
    fn whoever_goes_through_comes_out_on_the_other_side() {
        for means in [Means::OnFoot, Means::ByCar] {
            let course = Course::Through { means };
            let inside = course.inside().unwrap();
            assert!(outside_m(course, inside.from_s).abs() < 1e-6);
            assert!(outside_m(course, inside.to_s).abs() < 1e-6);
            assert!(course.truth(course.lasts_s()).east_m < -ZONE_RADIUS_M - 299.0);
        }
    }

    #[test]
    fn the_compliant_keep_their_distance_all_day() {
        for setting in [Setting::AtRestIndoors, Setting::WalkingRound] {
            let course = Course::Outside {
                setting,
                distance_m: 25.0,
            };
            for hour in 0..24 {
                let off = outside_m(course, f64::from(hour) * 3_600.0) - 25.0;
                assert!(off.abs() < 1e-6);
            }
        }
    }
}
