//! A wearer's curfew.

use chrono::TimeDelta;
use model::registry::{Condition, Day, Duty, TimeOfDay, WeeklyWindow};
use model::{ConditionId, IdError, PlaceId, Timestamp};

use crate::WorldConfig;
use crate::civil::{self, Window};
use crate::dice::Dice;
use crate::life::script::{self, Role};

/// A curfew at home.
#[derive(Debug, Clone)]
pub(crate) struct OwnCurfew {
    pub(crate) condition: ConditionId,
    pub(crate) place: PlaceId,
    pub(crate) windows: Vec<WeeklyWindow>,
}

const EVERY_DAY: [Day; 7] = [
    Day::Mon,
    Day::Tue,
    Day::Wed,
    Day::Thu,
    Day::Fri,
    Day::Sat,
    Day::Sun,
];
const WEEKDAYS: [Day; 5] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];
const WEEKEND: [Day; 2] = [Day::Sat, Day::Sun];

/// Curfews given: days, from, until. Nights across midnight, and some by day.
type Pattern = &'static [(&'static [Day], &'static str, &'static str)];
const PATTERNS: [Pattern; 6] = [
    &[(&EVERY_DAY, "19:00", "07:00")],
    &[(&WEEKDAYS, "19:00", "07:00"), (&WEEKEND, "20:00", "08:00")],
    &[(&EVERY_DAY, "21:00", "06:00")],
    &[(&EVERY_DAY, "22:30", "05:30")],
    &[(&WEEKDAYS, "08:30", "12:30"), (&WEEKEND, "23:00", "06:00")],
    &[(&EVERY_DAY, "14:00", "17:00")],
];

impl OwnCurfew {
    /// The curfew that a wearer with this part in the first hours has.
    pub(super) fn for_role(
        role: Role,
        dice: &mut Dice,
        config: &WorldConfig,
        index: u64,
    ) -> Result<Option<Self>, IdError> {
        let windows = match script::curfew_around_start(role, dice, config.start) {
            Some((from, to)) => Some(daily(from, to)),
            None => habitual(role, dice, config.start),
        };
        let Some(windows) = windows else {
            return Ok(None);
        };
        Ok(Some(Self {
            condition: ConditionId::new(format!("C-{:06}-curfew", index + 1))?,
            place: PlaceId::new(format!("P-{:06}", index + 1))?,
            windows,
        }))
    }

    /// Its occurrences that may touch the time from `from` to `to`.
    pub(crate) fn around(&self, from: Timestamp, to: Timestamp) -> Vec<Window> {
        let first = civil::date_of(from.minus(TimeDelta::days(1)));
        let last = civil::date_of(to.plus(TimeDelta::days(1)));
        civil::occurrences(&self.windows, first, last)
    }

    pub(super) fn condition_record(&self) -> Condition {
        Condition {
            id: self.condition.clone(),
            from: None,
            to: None,
            duty: Duty::Curfew {
                place: self.place.clone(),
                windows: self.windows.clone(),
                release_day: None,
            },
        }
    }
}

/// From one instant's local time of day to another's, every day.
pub(super) fn daily(from: Timestamp, to: Timestamp) -> Vec<WeeklyWindow> {
    let times = civil::time_of_day(from).zip(civil::time_of_day(to));
    let window = times.map(|(start, end)| WeeklyWindow {
        days: EVERY_DAY.to_vec(),
        start,
        end,
    });
    window.into_iter().collect()
}

/// One of the usual patterns; for those who go out in the first hours, one that lets them.
fn habitual(role: Role, dice: &mut Dice, start: Timestamp) -> Option<Vec<WeeklyWindow>> {
    if dice.chance(0.4) {
        return None;
    }
    let from = start.minus(TimeDelta::hours(1));
    let to = start.plus(script::FIRST_HOURS);
    let allowed = |pattern: &&Pattern| {
        let windows = weekly(pattern);
        let days = (civil::date_of(from), civil::date_of(to));
        let day_before = days.0.pred_opt().unwrap_or(days.0);
        let found = civil::occurrences(&windows, day_before, days.1);
        !role.goes_out_first() || !found.iter().any(|window| window.meets(from, to))
    };
    let patterns: Vec<&Pattern> = PATTERNS.iter().filter(allowed).collect();
    dice.pick(&patterns).map(|pattern| weekly(pattern))
}

fn weekly(pattern: &Pattern) -> Vec<WeeklyWindow> {
    let window = |(days, start, end): &(&[Day], &str, &str)| {
        Some(WeeklyWindow {
            days: days.to_vec(),
            start: TimeOfDay::parse(start).ok()?,
            end: TimeOfDay::parse(end).ok()?,
        })
    };
    pattern.iter().filter_map(window).collect()
}
