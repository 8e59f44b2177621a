//! A receiver beside a truth that is known to the metre: what rules are measured with.
//!
//! The errors are those of every simulated tag: alike over some 90 s, heavy-tailed (p99 about three
//! times p68), and one fix in 2,500 is 150 to 250 m off while it claims under 4 m. Beyond them a
//! trial may have *excursions*: the receiver is as far off, and as sure of itself, for a minute to
//! three on end, as among reflections. A real receiver was seen 200 m off while claiming 1.9 m; how
//! often that happens and how long it lasts is not known, so both are invented, and what
//! comes of excursions is to be read per excursion.

use core::f64::consts::TAU;

use chrono::TimeDelta;
use model::{Metres, Position, Timestamp};

use crate::dice::{Dice, Stream};
use crate::life::track::Sight;
use crate::millis;
use crate::tag::receiver::Receiver;
use crate::town::{Spot, TOWN_LAT, TOWN_LON};

/// Latitude and longitude in degrees of the point that truths are given from.
pub const TRIAL_CENTRE: (f64, f64) = (TOWN_LAT, TOWN_LON);

/// How far off an excursion is, in metres: about the one seen.
const EXCURSION_M: (f64, f64) = (150.0, 250.0);

/// What a receiver claims meanwhile, in metres: the one seen claimed 1.9.
const EXCURSION_CLAIM_M: (f64, f64) = (1.9, 4.0);

/// How long it lasts, in seconds: errors were seen to be alike for 60 to 120.
const EXCURSION_S: (f64, f64) = (60.0, 180.0);

/// The fixes of one excursion lie within about so many metres of one another; invented.
const EXCURSION_SPREAD_M: f64 = 5.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Where somebody truly is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// Metres east of [`TRIAL_CENTRE`].
    pub east_m: f64,
    /// Metres north of it.
    pub north_m: f64,
    /// Metres a second; 0 at rest.
    pub speed_mps: f64,
    /// Under a roof, where errors are twice as large.
    pub indoors: bool,
}

/// A receiver and what it has been through.
#[derive(Debug, Clone)]
pub struct TrialReceiver {
    receiver: Receiver,
    fixes: Dice,
    excursions: Option<Excursions>,
}

impl TrialReceiver {
    /// The receiver of the `index`-th trial. `excursions_per_day` is how many to expect; none at 0.
    #[must_use]
    pub fn new(seed: u64, index: u64, excursions_per_day: f64) -> Self {
        let excursions = (excursions_per_day > 0.0).then(|| Excursions {
            dice: Dice::new(seed, Stream::Trial, index, 1),
            mean_s: SECONDS_PER_DAY / excursions_per_day,
            next: None,
            current: None,
            count: 0,
        });
        Self {
            receiver: Receiver::new(),
            fixes: Dice::new(seed, Stream::Trial, index, 0),
            excursions,
        }
    }

    /// The fix at `at`; times never go back.
    pub fn fix(&mut self, at: Timestamp, truth: Truth) -> Position {
        let sight = Sight {
            spot: Spot::new(truth.east_m, truth.north_m),
            indoors: truth.indoors,
            speed: truth.speed_mps,
            heading: None,
            still_since: None,
        };
        let usual = self.receiver.measure(&mut self.fixes, at, &sight);
        let off = self.excursions.as_mut().and_then(|all| all.at(at));
        off.map_or(usual, |off| off.applied(sight.spot, usual))
    }

    /// A number evenly from [0, 1), from the trial's own stream.
    pub fn unit(&mut self) -> f64 {
        self.fixes.unit()
    }

    /// Whether the last fix fell into an excursion.
    #[must_use]
    pub fn is_astray(&self) -> bool {
        let all = self.excursions.as_ref();
        all.is_some_and(|all| all.current.is_some())
    }

    /// How many excursions have fallen on at least one fix.
    #[must_use]
    pub fn excursions(&self) -> u32 {
        self.excursions.as_ref().map_or(0, |all| all.count)
    }
}

#[derive(Debug, Clone)]
struct Excursions {
    dice: Dice,
    /// Seconds from one to the next, on average.
    mean_s: f64,
    next: Option<Timestamp>,
    current: Option<Excursion>,
    count: u32,
}

#[derive(Debug, Clone, Copy)]
struct Excursion {
    until: Timestamp,
    angle: f64,
    metres: f64,
    claim_m: f64,
    spread: (f64, f64),
}

impl Excursions {
    fn at(&mut self, at: Timestamp) -> Option<Excursion> {
        let next = match self.next {
            Some(next) => next,
            None => self.after(at),
        };
        self.next = Some(next);
        if at >= next {
            let begun = self.begin(next);
            self.next = Some(self.after(begun.until));
            if at < begun.until {
                self.count = self.count.saturating_add(1);
                self.current = Some(begun);
            }
        }
        self.current = self.current.filter(|current| at < current.until);
        let spread = (self.dice.normal(), self.dice.normal());
        self.current.map(|current| Excursion { spread, ..current })
    }

    fn after(&mut self, at: Timestamp) -> Timestamp {
        let wait_s = -self.mean_s * libm::log(1.0 - self.dice.unit());
        at.plus(TimeDelta::milliseconds(millis(wait_s)))
    }

    fn begin(&mut self, from: Timestamp) -> Excursion {
        let lasts_s = self.dice.between(EXCURSION_S.0, EXCURSION_S.1);
        Excursion {
            until: from.plus(TimeDelta::milliseconds(millis(lasts_s))),
            angle: self.dice.between(0.0, TAU),
            metres: self.dice.between(EXCURSION_M.0, EXCURSION_M.1),
            claim_m: self.dice.between(EXCURSION_CLAIM_M.0, EXCURSION_CLAIM_M.1),
            spread: (0.0, 0.0),
        }
    }
}

impl Excursion {
    /// The fix that a receiver gives instead of `usual`. Coarse sources know nothing of it.
    fn applied(self, from: Spot, usual: Position) -> Position {
        if usual.src != model::FixSource::Gps {
            return usual;
        }
        let off = from.polar(self.angle, self.metres);
        let spot = Spot::new(
            off.x + EXCURSION_SPREAD_M * self.spread.0,
            off.y + EXCURSION_SPREAD_M * self.spread.1,
        );
        let (lat, lon) = spot.degrees();
        Position {
            lat,
            lon,
            acc: Some(Metres(self.claim_m)),
            ..usual
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Truth = Truth {
        east_m: 100.0,
        north_m: 0.0,
        speed_mps: 0.0,
        indoors: false,
    };

    fn day(seed: u64, excursions_per_day: f64) -> (Vec<Position>, u32) {
        let mut receiver = TrialReceiver::new(seed, 3, excursions_per_day);
        let start = Timestamp::parse("2026-06-01T00:00:00Z").unwrap();
        let minute = |minute| start.plus(TimeDelta::minutes(minute));
        let fixes = (0..1_440).map(|at| receiver.fix(minute(at), REST));
        (fixes.collect(), receiver.excursions())
    }

    fn error_m(fix: &Position) -> f64 {
        Spot::at_degrees(fix.lat, fix.lon).distance(Spot::new(REST.east_m, REST.north_m))
    }

    #[test]
    fn a_trial_repeats_exactly_and_another_seed_is_another() {
        assert_eq!(day(1, 5.0), day(1, 5.0));
        assert_ne!(day(1, 5.0), day(2, 5.0));
    }

    #[test]
    fn excursions_are_far_off_sure_of_themselves_and_last_for_some_fixes() {
        let far = |fix: &&Position| error_m(fix) > 130.0 && fix.acc.is_some_and(|acc| acc.0 <= 4.0);
        let (calm, none) = day(9, 0.0);
        assert_eq!(none, 0);
        assert!(calm.iter().filter(far).count() <= 3);
        let (shaken, count) = day(9, 40.0);
        assert!((20..=60).contains(&count), "{count}");
        // A minute to three, at one fix a minute: two on average.
        let fixes = shaken.iter().filter(far).count();
        let per_excursion = f64::from(u32::try_from(fixes).unwrap()) / f64::from(count);
        assert!((1.4..2.8).contains(&per_excursion), "{per_excursion}");
    }

    #[test]
    fn excursions_leave_the_other_fixes_as_they_are() {
        let (calm, _) = day(9, 0.0);
        let (shaken, _) = day(9, 40.0);
        let same = calm.iter().zip(&shaken).filter(|(a, b)| a == b).count();
        assert!((1_200..1_440).contains(&same), "{same}");
    }
}
