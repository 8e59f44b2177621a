//! Local days and weekly windows in London, as instants.

use chrono::{
    DateTime, Datelike as _, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    TimeZone as _, Timelike as _, Utc,
};
use chrono_tz::Europe::London;
use model::Timestamp;
use model::registry::{Day, TimeOfDay, WeeklyWindow};

/// One occurrence of a weekly window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Begins.
    pub(crate) start: Timestamp,
    /// Ends.
    pub(crate) end: Timestamp,
    /// Whether both ends are local times that exist once. On the two nights the clocks change one
    /// may not be; nothing is planned around such a window, and everybody keeps to its widest
    /// reading.
    pub(crate) plain: bool,
}

impl Window {
    /// Whether any instant lies both in this window and in `from` to `to`.
    pub(crate) fn meets(&self, from: Timestamp, to: Timestamp) -> bool {
        self.start < to && from < self.end
    }

    /// Its length.
    pub(crate) fn length(&self) -> TimeDelta {
        self.end.since(self.start)
    }
}

/// The local date at an instant.
pub(crate) fn date_of(at: Timestamp) -> NaiveDate {
    at.to_chrono().with_timezone(&London).date_naive()
}

/// The instant of a local time of day, in minutes from midnight; the earlier one of two.
pub(crate) fn instant(date: NaiveDate, minutes: i64) -> Timestamp {
    widest(date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes)).0
}

/// The local time of day at an instant, to the minute.
pub(crate) fn time_of_day(at: Timestamp) -> Option<TimeOfDay> {
    let local = at.to_chrono().with_timezone(&London).time();
    TimeOfDay::parse(&format!("{:02}:{:02}", local.hour(), local.minute())).ok()
}

/// The next instant on a full five minutes at or after `at`.
pub(crate) fn on_five_minutes(at: Timestamp) -> Timestamp {
    const STEP_MS: i64 = 5 * 60 * 1000;
    let over = at.epoch_ms().rem_euclid(STEP_MS);
    at.plus(TimeDelta::milliseconds((STEP_MS - over) % STEP_MS))
}

/// The occurrences that open on the local dates `from` to `to`, both included, in order.
pub(crate) fn occurrences(windows: &[WeeklyWindow], from: NaiveDate, to: NaiveDate) -> Vec<Window> {
    let mut found = Vec::new();
    for date in from.iter_days().take_while(|date| *date <= to) {
        let today = Day::from(date.weekday());
        let opening = windows.iter().filter(|window| window.days.contains(&today));
        found.extend(opening.map(|window| occurrence(window, date)));
    }
    found.sort_by_key(|window| window.start);
    found
}

fn occurrence(window: &WeeklyWindow, date: NaiveDate) -> Window {
    let midnight = date.and_time(NaiveTime::MIN);
    let overnight = i64::from(window.end <= window.start);
    let local = |time: TimeOfDay| midnight + TimeDelta::minutes(time.minutes().into());
    let (start, _, start_plain) = widest(local(window.start));
    let (_, end, end_plain) = widest(local(window.end) + TimeDelta::days(overnight));
    Window {
        start,
        end,
        plain: start_plain && end_plain,
    }
}

/// The earliest and latest instants a local time may mean, and whether they are the same.
fn widest(local: NaiveDateTime) -> (Timestamp, Timestamp, bool) {
    let utc = |instant: DateTime<chrono_tz::Tz>| {
        Timestamp::from_chrono(instant.with_timezone(&Utc)).unwrap_or_default()
    };
    match London.from_local_datetime(&local) {
        LocalResult::Single(instant) => (utc(instant), utc(instant), true),
        LocalResult::Ambiguous(first, second) => (utc(first), utc(second), false),
        LocalResult::None => {
            // Skipped in spring, when London's clocks go from UTC to an hour ahead: read by the
            // clock before the change it is as it stands, by the clock after it an hour earlier.
            let winter = Timestamp::from_chrono(local.and_utc()).unwrap_or_default();
            (winter.minus(TimeDelta::hours(1)), winter, false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(start: &str, end: &str, date: &str, expected: (&str, &str, bool)) {
        let window = WeeklyWindow {
            days: vec![Day::Sat],
            start: TimeOfDay::parse(start).unwrap(),
            end: TimeOfDay::parse(end).unwrap(),
        };
        let date: NaiveDate = date.parse().unwrap();
        let found = occurrences(&[window], date, date);
        let found = found.first().unwrap();
        let (start, end, plain) = expected;
        assert_eq!(found.start.to_string(), start);
        assert_eq!(found.end.to_string(), end);
        assert_eq!(found.plain, plain);
    }

    #[test]
    fn windows_follow_the_civil_clock_through_both_changes() {
        let spring = ("2026-03-28T19:00:00Z", "2026-03-29T06:00:00Z", true);
        check("19:00", "07:00", "2026-03-28", spring);
        let autumn = ("2026-10-24T18:00:00Z", "2026-10-25T07:00:00Z", true);
        check("19:00", "07:00", "2026-10-24", autumn);
        let skipped = ("2026-03-28T22:00:00Z", "2026-03-29T01:30:00Z", false);
        check("22:00", "01:30", "2026-03-28", skipped);
        let twice = ("2026-10-24T21:00:00Z", "2026-10-25T01:30:00Z", false);
        check("22:00", "01:30", "2026-10-24", twice);
    }

    #[test]
    fn windows_open_only_on_their_days() {
        let window = WeeklyWindow {
            days: vec![Day::Mon],
            start: TimeOfDay::parse("09:00").unwrap(),
            end: TimeOfDay::parse("10:00").unwrap(),
        };
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let found = occurrences(&[window], day("2026-06-01"), day("2026-06-14"));
        assert_eq!(found.len(), 2);
    }
}
