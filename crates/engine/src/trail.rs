//! A wearer's newest fixes: what may be taken in, what is held back, and how much it counts.

use std::collections::VecDeque;

use geometry::distance;
use model::registry::Activation;
use model::{
    DeviceId, DeviceReading, FixEvidence, FixSource, GeoPoint, Metres, ObservedAt, Position,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::ZoneRules;

/// Fixes kept per wearer: as many as evidence lists, a quarter of an hour at one a minute.
const FIXES_KEPT: usize = 16;

/// One fix that counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fix {
    pub(crate) seq: Option<u64>,
    pub(crate) at: Timestamp,
    pub(crate) point: GeoPoint,
    pub(crate) source: FixSource,
    /// Standard deviation assumed, in metres.
    pub(crate) sigma_m: f64,
}

impl Fix {
    /// As it stands in evidence, at `distance_m` from what it was held against.
    pub(crate) fn evidence(&self, distance_m: f64) -> FixEvidence {
        FixEvidence {
            seq: self.seq,
            observed_at: ObservedAt(self.at),
            lat: self.point.lat.degrees(),
            lon: self.point.lon.degrees(),
            src: self.source,
            sigma_m: hundredths(self.sigma_m),
            distance_m: hundredths(distance_m),
        }
    }
}

/// Rounded to what evidence shows.
pub(crate) fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// How often a device plans to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pace {
    pub(crate) cadence_s: u32,
    pub(crate) upload_s: u32,
}

impl Default for Pace {
    /// What an activation says where it says nothing.
    fn default() -> Self {
        Self {
            cadence_s: 60,
            upload_s: 600,
        }
    }
}

impl Pace {
    pub(crate) const fn of(activation: &Activation) -> Self {
        Self {
            cadence_s: activation.cadence_s,
            upload_s: activation.upload_interval_s,
        }
    }
}

/// A fix together with what the rules need to know about the way to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) fix: Fix,
    pub(crate) before: Option<Fix>,
    /// How much it counts, 0 to 1: fixes close together in time share their errors.
    pub(crate) weight: f64,
    /// Whether there was none for so long that the whereabouts in between are unknown.
    pub(crate) gap: bool,
}

/// What became of a position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Taken {
    Duplicate,
    Late,
    Coarse,
    Held,
    /// It counts, and so does the one held back before it, if any.
    Counts {
        released: Option<Fix>,
        fix: Fix,
    },
}

/// A wearer's newest fixes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Trail {
    /// Fixes that counted, oldest first.
    fixes: VecDeque<Fix>,
    /// A fix that nobody could have reached, until the next one agrees with it.
    held: Option<Fix>,
    /// The newest observation taken in, of whatever worth.
    newest: Option<Timestamp>,
    /// The device and number of the last reading taken in.
    last: Option<(DeviceId, u64)>,
}

impl Trail {
    /// The newest fix that counted.
    pub(crate) fn last(&self) -> Option<&Fix> {
        self.fixes.back()
    }

    /// The fixes kept that were observed at or after `from`, oldest first.
    pub(crate) fn since(&self, from: Timestamp) -> impl Iterator<Item = &Fix> {
        self.fixes.iter().filter(move |fix| fix.at >= from)
    }

    /// Decides what a valid position is worth.
    pub(crate) fn take(
        &mut self,
        report: &DeviceReading,
        position: &Position,
        point: GeoPoint,
        rules: &ZoneRules,
    ) -> Taken {
        let at = report.observed_at.0;
        if self.knows(report, at) {
            return Taken::Duplicate;
        }
        if self.newest.is_some_and(|newest| at < newest) {
            return Taken::Late;
        }
        self.newest = Some(at);
        self.remember_number(report);
        let Some(sigma_m) = sigma(position, rules) else {
            return Taken::Coarse;
        };
        let fix = Fix {
            seq: report.seq,
            at,
            point,
            source: position.src,
            sigma_m,
        };
        self.quarantine(fix, rules)
    }

    fn knows(&self, report: &DeviceReading, at: Timestamp) -> bool {
        let same_number = match (&self.last, report.seq) {
            (Some((device, last)), Some(seq)) => *last == seq && *device == report.device,
            (Some(_), None) | (None, _) => false,
        };
        same_number
            || self.newest == Some(at)
            || self.newest.is_some_and(|newest| at < newest)
                && self.fixes.iter().any(|fix| fix.at == at)
    }

    fn remember_number(&mut self, report: &DeviceReading) {
        match (&mut self.last, report.seq) {
            (Some((device, last)), Some(seq)) if *device == report.device => *last = seq,
            (last, seq) => *last = seq.map(|seq| (report.device.clone(), seq)),
        }
    }

    fn quarantine(&mut self, fix: Fix, rules: &ZoneRules) -> Taken {
        let released = self
            .held
            .take()
            .filter(|held| agree(held, &fix, rules.agree_sigmas));
        let reachable = |last: &Fix| !is_too_fast(last, &fix, rules);
        if released.is_some() || self.last().is_none_or(reachable) {
            return Taken::Counts { released, fix };
        }
        self.held = Some(fix);
        Taken::Held
    }

    /// Appends a fix that counts.
    pub(crate) fn append(&mut self, fix: Fix, pace: Pace, rules: &ZoneRules) -> Step {
        let before = self.fixes.back().copied();
        let elapsed_s = before.map(|before| fix.at.seconds_since(before.at));
        if self.fixes.len() >= FIXES_KEPT {
            self.fixes.pop_front();
        }
        self.fixes.push_back(fix);
        let full_s = f64::from(rules.weight_full_s);
        let gap_s = f64::from(rules.gap_s(pace.cadence_s));
        Step {
            fix,
            before,
            weight: elapsed_s.map_or(1.0, |elapsed_s| (elapsed_s / full_s).clamp(0.0, 1.0)),
            gap: elapsed_s.is_some_and(|elapsed_s| elapsed_s > gap_s),
        }
    }
}

/// No degree of latitude or longitude on the ellipsoid is longer, in metres.
const DEGREE_AT_MOST_M: f64 = 111_700.0;

/// What the distance between two points is at most, in metres: most fixes are so close to the last
/// one that no more needs to be known.
pub(crate) fn at_most_m(a: GeoPoint, b: GeoPoint) -> f64 {
    let north = (a.lat.degrees() - b.lat.degrees()).abs();
    let east = (a.lon.degrees() - b.lon.degrees()).abs();
    (north + east) * DEGREE_AT_MOST_M
}

fn agree(held: &Fix, fix: &Fix, sigmas: f64) -> bool {
    distance(held.point, fix.point).0 <= sigmas * held.sigma_m.max(fix.sigma_m)
}

fn is_too_fast(last: &Fix, fix: &Fix, rules: &ZoneRules) -> bool {
    let elapsed_s = fix.at.seconds_since(last.at);
    let reach_m = rules.speed_max_mps * elapsed_s;
    elapsed_s <= f64::from(rules.speed_window_s)
        && at_most_m(last.point, fix.point) > reach_m
        && distance(last.point, fix.point).0 > reach_m
}

/// Standard deviation of a fix in metres; nothing for one that is no evidence of a point.
fn sigma(position: &Position, rules: &ZoneRules) -> Option<f64> {
    let k = rules.accuracy_k(position.src)?;
    let claimed = position.acc.map_or(0.0, |Metres(acc)| acc);
    if claimed > rules.coarse_over_m {
        return None;
    }
    let claimed = if claimed > 0.0 {
        claimed / k
    } else {
        rules.sigma_unclaimed_m
    };
    let sigma = claimed.max(rules.sigma_floor_m);
    let few = position.sat.is_some_and(|sat| sat < rules.satellites_min);
    // Written so that a dilution that is not a number counts as poor.
    let fair = position.hdop.is_none_or(|hdop| hdop <= rules.hdop_poor);
    if few || !fair {
        return Some(sigma.max(rules.sigma_poor_m));
    }
    Some(sigma)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(acc: Option<f64>, src: FixSource) -> Position {
        Position {
            lat: 52.8,
            lon: -2.1,
            acc: acc.map(Metres),
            sat: None,
            hdop: None,
            speed: None,
            course: None,
            src,
        }
    }

    #[test]
    fn the_spread_of_a_fix_follows_its_claim_within_reason() {
        let rules = ZoneRules::default();
        let gps = |acc| sigma(&position(acc, FixSource::Gps), &rules);
        assert_eq!(gps(Some(2.0)), Some(15.0));
        assert_eq!(gps(Some(30.2)), Some(20.0));
        assert_eq!(gps(None), Some(20.0));
        assert_eq!(gps(Some(0.0)), Some(20.0));
        assert_eq!(gps(Some(150.1)), None);
        assert_eq!(sigma(&position(Some(5.0), FixSource::Lbs), &rules), None);
        for (sat, hdop) in [(Some(3), None), (None, Some(6.1)), (None, Some(f64::NAN))] {
            let poor = Position {
                sat,
                hdop,
                ..position(Some(2.0), FixSource::Gps)
            };
            assert_eq!(sigma(&poor, &rules), Some(50.0), "{sat:?} {hdop:?}");
        }
    }
}
