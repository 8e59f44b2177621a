//! What a wearer drinks, and what it does to the vapour over the skin (TAC).
//!
//! A drink shows on the skin an hour or two later than in the breath, rises smoothly, and falls at a
//! steady rate: the form is that of published curves, the figures are invented within the range that the
//! rules call plausible (a fall of 2 to 25 mg/100 mL an hour). A vapour, of a spray or a gel, is there at
//! once and gone as fast.

use core::f64::consts::PI;

use chrono::TimeDelta;
use model::Timestamp;

use crate::civil;
use crate::dice::{Dice, Stream};
use crate::{WorldConfig, millis};

/// From this much on a reading may count as drinking, in mg/100 mL (0.020 g/dL).
const THRESHOLD: f64 = 20.0;

/// A reading is off by so much at most, in mg/100 mL.
pub(crate) const NOISE_MAX: f64 = 3.0;

/// The peak of an evening in mg/100 mL: high enough to stay above the threshold for hours.
const PEAK: (f64, f64) = (60.0, 140.0);

/// Minutes from the first alcohol on the skin to the peak.
const RISE_MIN: (f64, f64) = (60.0, 120.0);

/// How fast it falls, in mg/100 mL an hour.
const FALL_PER_H: (f64, f64) = (8.0, 18.0);

/// The peak of a vapour in mg/100 mL, and how many minutes it lasts: one reading or two.
const VAPOUR_PEAK: (f64, f64) = (40.0, 120.0);
const VAPOUR_MIN: (f64, f64) = (10.0, 40.0);

/// The peak of what is too little to count, in mg/100 mL.
const BUMP_PEAK: (f64, f64) = (6.0, 14.0);

/// Local hours, in minutes, between which an evening begins.
const EVENING_MIN: (i64, i64) = (17 * 60, 21 * 60);

/// Those with a part in the first hours began so many minutes before the world, which is enough for
/// their first reading to be above the threshold.
const BEFORE_START_MIN: (f64, f64) = (70.0, 110.0);

/// Alcohol on the skin for a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Drink {
    from: Timestamp,
    peak: f64,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// Drunk: minutes of rise, and mg/100 mL an hour of fall.
    Drunk { rise_min: f64, fall_per_h: f64 },
    /// In the air: minutes.
    Vapour { minutes: f64 },
}

/// An evening's drinking as it must be told: from when on a reading may be above the threshold, from when
/// on each is, and until when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Evening {
    pub(crate) onset: Timestamp,
    pub(crate) certain: Timestamp,
    pub(crate) ends: Timestamp,
}

impl Drink {
    /// TAC in mg/100 mL at an instant.
    pub(crate) fn tac(&self, at: Timestamp) -> f64 {
        let minutes = at.seconds_since(self.from) / 60.0;
        if minutes < 0.0 {
            return 0.0;
        }
        match self.form {
            Form::Vapour { minutes: lasts } if minutes < lasts => self.peak,
            Form::Vapour { .. } => 0.0,
            Form::Drunk { rise_min, .. } if minutes < rise_min => {
                self.peak * (1.0 - libm::cos(PI * minutes / rise_min)) / 2.0
            }
            Form::Drunk {
                rise_min,
                fall_per_h,
            } => (self.peak - fall_per_h * (minutes - rise_min) / 60.0).max(0.0),
        }
    }

    /// What of it must be told; nothing of a vapour, or of what is too little to count.
    pub(crate) fn evening(&self) -> Option<Evening> {
        let Form::Drunk {
            rise_min,
            fall_per_h,
        } = self.form
        else {
            return None;
        };
        if self.peak < PEAK.0 {
            return None;
        }
        let rises_to = |tac: f64| rise_min * libm::acos(1.0 - 2.0 * tac / self.peak) / PI;
        let falls_to = |tac: f64| rise_min + 60.0 * (self.peak - tac) / fall_per_h;
        Some(Evening {
            onset: self.after(rises_to(THRESHOLD - NOISE_MAX)),
            certain: self.after(rises_to(THRESHOLD + NOISE_MAX)),
            ends: self.after(falls_to(THRESHOLD - NOISE_MAX)),
        })
    }

    fn after(&self, minutes: f64) -> Timestamp {
        self.from
            .plus(TimeDelta::milliseconds(millis(minutes * 60.0)))
    }
}

/// All that the wearer with this number drinks and comes near, in order, in the days for which breaches
/// are planned; `is_early` of those who have been drinking as the world begins.
pub(crate) fn all(config: &WorldConfig, index: u64, is_early: bool) -> Vec<Drink> {
    let mut drinks = Vec::new();
    if is_early {
        let mut dice = Dice::new(config.seed, Stream::Drink, index, 0);
        let minutes = dice.between(BEFORE_START_MIN.0, BEFORE_START_MIN.1);
        let from = config
            .start
            .minus(TimeDelta::milliseconds(millis(minutes * 60.0)));
        drinks.push(drunk(&mut dice, from));
    }
    let first = civil::date_of(config.start);
    let days = first.iter_days().zip(1..=u64::from(config.plan_days));
    for (date, day) in days {
        let mut dice = Dice::new(config.seed, Stream::Drink, index, day);
        let evening = civil::instant(date, dice.whole(EVENING_MIN.0, EVENING_MIN.1));
        let by_day = civil::instant(date, dice.whole(9 * 60, 15 * 60));
        let throw = dice.unit();
        let drink = if throw < config.people.drinks_per_wearer_day {
            drunk(&mut dice, evening)
        } else if throw < config.people.drinks_per_wearer_day + config.decoys_per_wearer_day {
            harmless(&mut dice, by_day)
        } else {
            continue;
        };
        let begins_too_early = drink.from < config.start;
        let is_early_still = is_early && day == 1;
        if !begins_too_early && !is_early_still {
            drinks.push(drink);
        }
    }
    drinks
}

fn drunk(dice: &mut Dice, from: Timestamp) -> Drink {
    Drink {
        from,
        peak: dice.between(PEAK.0, PEAK.1),
        form: Form::Drunk {
            rise_min: dice.between(RISE_MIN.0, RISE_MIN.1),
            fall_per_h: dice.between(FALL_PER_H.0, FALL_PER_H.1),
        },
    }
}

/// A vapour, or too little to count.
fn harmless(dice: &mut Dice, from: Timestamp) -> Drink {
    if dice.chance(0.5) {
        return Drink {
            from,
            peak: dice.between(VAPOUR_PEAK.0, VAPOUR_PEAK.1),
            form: Form::Vapour {
                minutes: dice.between(VAPOUR_MIN.0, VAPOUR_MIN.1),
            },
        };
    }
    Drink {
        peak: dice.between(BUMP_PEAK.0, BUMP_PEAK.1),
        ..drunk(dice, from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evening() -> Drink {
        let from = Timestamp::parse("2026-06-01T18:00:00Z").unwrap();
        drunk(&mut Dice::new(3, Stream::Drink, 1, 1), from)
    }

    #[test]
    fn an_evening_rises_peaks_and_falls_and_its_times_are_those_of_its_curve() {
        let drink = evening();
        let told = drink.evening().unwrap();
        assert!(drink.from < told.onset && told.onset < told.certain && told.certain < told.ends);
        for (at, tac) in [
            (told.onset, THRESHOLD - NOISE_MAX),
            (told.certain, THRESHOLD + NOISE_MAX),
            (told.ends, THRESHOLD - NOISE_MAX),
        ] {
            assert!((drink.tac(at) - tac).abs() < 0.1, "{at}: {}", drink.tac(at));
        }
        let minutes = (0..1_440).map(|minute| drink.from.plus(TimeDelta::minutes(minute)));
        let highest = minutes.map(|at| drink.tac(at)).fold(0.0, f64::max);
        assert!((PEAK.0 - 1.0..PEAK.1).contains(&highest), "{highest}");
        // Three readings half an hour apart and more fit in, wherever the first falls.
        assert!(told.ends.since(told.certain) > TimeDelta::minutes(120));
    }

    #[test]
    fn vapours_and_bumps_need_not_be_told_and_a_vapour_is_gone_within_two_readings() {
        let from = Timestamp::parse("2026-06-01T12:00:00Z").unwrap();
        for index in 0..50 {
            let drink = harmless(&mut Dice::new(3, Stream::Drink, index, 1), from);
            assert_eq!(drink.evening(), None);
            let over =
                |minute: &i64| drink.tac(from.plus(TimeDelta::minutes(*minute))) >= THRESHOLD;
            let longest = (0..600).filter(over).count();
            assert!(longest <= 40, "{longest} minutes over the threshold");
        }
    }
}
