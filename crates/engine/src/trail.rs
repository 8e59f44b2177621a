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

/// Fixes kept per wearer beside the newest: with it as many as evidence lists, a quarter of an hour at one a minute.
const OLDER_KEPT: usize = 15;

/// A [`Fix`] as it is written: by position, since a wearer has many.
type Written = (Option<u64>, Timestamp, GeoPoint, FixSource, f64);

/// One fix that counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(crate) struct Fix {
    pub(crate) seq: Option<u64>,
    pub(crate) at: Timestamp,
    pub(crate) point: GeoPoint,
    pub(crate) source: FixSource,
    /// Standard deviation assumed, in metres.
    pub(crate) sigma_m: f64,
}

impl From<Written> for Fix {
    fn from((seq, at, point, source, sigma_m): Written) -> Self {
        Self {
            seq,
            at,
            point,
            source,
            sigma_m,
        }
    }
}

impl From<Fix> for Written {
    fn from(fix: Fix) -> Self {
        (fix.seq, fix.at, fix.point, fix.source, fix.sigma_m)
    }
}

impl Fix {
    fn of(report: &DeviceReading, position: &Position, point: GeoPoint, sigma_m: f64) -> Self {
        Self {
            seq: report.seq,
            at: report.observed_at.0,
            point,
            source: position.src,
            sigma_m,
        }
    }

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
    /// The newest fix that counted: all of them that the next one is held against.
    last: Option<Fix>,
    /// Those before it, oldest first.
    older: VecDeque<Fix>,
    /// A fix that nobody could have reached, until the next one agrees with it.
    held: Option<Box<Fix>>,
    /// The newest observation taken in, of whatever worth.
    newest: Option<Timestamp>,
    /// The device and number of the last reading taken in.
    number: Option<(DeviceId, Option<u64>)>,
}

impl Trail {
    /// The newest fix that counted.
    pub(crate) fn last(&self) -> Option<&Fix> {
        self.last.as_ref()
    }

    /// Something of each part that the next fix touches.
    pub(crate) fn near(&self) -> (Option<Timestamp>, Option<Timestamp>, bool) {
        let last = self.last.map(|fix| fix.at);
        let oldest = self.older.front().map(|fix| fix.at);
        (last, oldest, self.number.is_some())
    }

    fn fixes(&self) -> impl Iterator<Item = &Fix> {
        self.older.iter().chain(&self.last)
    }

    /// The fixes kept that were observed at or after `from`, oldest first.
    pub(crate) fn since(&self, from: Timestamp) -> impl Iterator<Item = &Fix> {
        self.fixes().filter(move |fix| fix.at >= from)
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
        let fix = Fix::of(report, position, point, sigma_m);
        self.quarantine(fix, rules)
    }

    /// The device of the last reading taken in, and when the newest fix was observed.
    pub(crate) fn newest(&self) -> Option<(&DeviceId, Timestamp)> {
        let (device, _) = self.number.as_ref()?;
        Some((device, self.last()?.at))
    }

    /// Whether nothing is held back, and `report` is the newest fix.
    pub(crate) fn is_settled(&self, report: &DeviceReading) -> bool {
        let newest = self.newest();
        self.held.is_none() && newest == Some((&report.device, report.observed_at.0))
    }

    /// Takes in a position that does nothing but come next: newer than all that was taken in, of the same device,
    /// evidence of a point, no jump and no gap, while nothing is held back. False for another one, of which nothing
    /// is taken in.
    pub(crate) fn go_on(
        &mut self,
        report: &DeviceReading,
        position: &Position,
        point: GeoPoint,
        (pace, rules): (Pace, &ZoneRules),
    ) -> bool {
        let at = report.observed_at.0;
        let (Some(sigma_m), Some(before)) = (sigma(position, rules), &self.last) else {
            return false;
        };
        let Some((device, number)) = &mut self.number else {
            return false;
        };
        let repeated = number.is_some() && *number == report.seq;
        let newer = self.newest.is_some_and(|newest| newest < at);
        let fix = Fix::of(report, position, point, sigma_m);
        let gap = at.seconds_since(before.at) > f64::from(rules.gap_s(pace.cadence_s));
        let jump = is_too_fast(before, &fix, rules);
        if repeated || !newer || gap || jump || *device != report.device {
            return false;
        }
        *number = report.seq;
        self.newest = Some(at);
        self.push(fix);
        true
    }

    fn knows(&self, report: &DeviceReading, at: Timestamp) -> bool {
        let same_number = match (&self.number, report.seq) {
            (Some((device, Some(last))), Some(seq)) => *last == seq && *device == report.device,
            (Some(_), _) | (None, _) => false,
        };
        same_number
            || self.newest == Some(at)
            || self.newest.is_some_and(|newest| at < newest) && self.fixes().any(|fix| fix.at == at)
    }

    fn remember_number(&mut self, report: &DeviceReading) {
        match &mut self.number {
            Some((device, last)) if *device == report.device => *last = report.seq,
            last => *last = Some((report.device.clone(), report.seq)),
        }
    }

    fn quarantine(&mut self, fix: Fix, rules: &ZoneRules) -> Taken {
        let released = self
            .held
            .take()
            .filter(|held| agree(held, &fix, rules.agree_sigmas))
            .map(|held| *held);
        let reachable = |last: &Fix| !is_too_fast(last, &fix, rules);
        if released.is_some() || self.last().is_none_or(reachable) {
            return Taken::Counts { released, fix };
        }
        self.held = Some(Box::new(fix));
        Taken::Held
    }

    fn push(&mut self, fix: Fix) {
        let Some(before) = self.last.replace(fix) else {
            return;
        };
        if self.older.len() >= OLDER_KEPT {
            self.older.pop_front();
        } else if self.older.capacity() == 0 {
            self.older.reserve_exact(OLDER_KEPT);
        }
        self.older.push_back(before);
    }

    /// Appends a fix that counts.
    pub(crate) fn append(&mut self, fix: Fix, pace: Pace, rules: &ZoneRules) -> Step {
        let before = self.last;
        let elapsed_s = before.map(|before| fix.at.seconds_since(before.at));
        self.push(fix);
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
