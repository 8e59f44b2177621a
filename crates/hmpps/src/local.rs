//! Local times of the service: Europe/London, without an offset.

use chrono::{LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Europe::London;
use model::Timestamp;
use model::registry::TimeOfDay;

/// The local minute by which the service says "no end".
const NO_END: (i32, u32, u32) = (2040, 1, 1);

/// The service ends a day at 23:59:00.
const LAST_MINUTE: (u32, u32) = (23, 59);

/// London's clocks skip one hour at most.
const SKIPPED_MINUTES_MAX: i64 = 60;

/// Which side of a stretch of time an instant is: of a local time that comes twice, a start is the
/// first and an end the second, so that a duty holds throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Start,
    End,
}

/// An instant, and what to say of a local time that came twice or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant {
    pub(crate) at: Timestamp,
    pub(crate) oddity: Option<Oddity>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// The clocks were put back: the time came twice.
    Twice,
    /// The clocks were put forward: the time never was.
    Never,
}

impl Oddity {
    pub(crate) const fn note(self, edge: Edge) -> &'static str {
        match (self, edge) {
            (Self::Twice, Edge::Start) => {
                "this local time came twice, when the clocks went back: the first is taken"
            }
            (Self::Twice, Edge::End) => {
                "this local time came twice, when the clocks went back: the second is taken"
            }
            (Self::Never, Edge::Start | Edge::End) => {
                "this local time never was, when the clocks went forward: the first that was is taken"
            }
        }
    }
}

/// What a date or a date with a time says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// No end: 2040-01-01 at 23:59.
    Open,
    At(Instant),
}

/// What would have been right.
pub(crate) const FORM: &str =
    "should be a local time such as \"2026-03-01 19:00:00\" or a date such as \"2026-03-01\"";

/// What would have been right of a date.
pub(crate) const DATE_FORM: &str = "should be a date such as \"2026-03-01\"";

/// What would have been right of a time of day.
pub(crate) const TIME_FORM: &str = "should be a time of day such as \"19:00:00\", to the minute";

/// Takes `yyyy-MM-dd HH:mm:ss` or `yyyy-MM-dd`, local; the date alone is its first minute for a start and
/// its last for an end.
pub(crate) fn moment(text: &str, edge: Edge) -> Option<Moment> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .ok()
        .or_else(|| day_edge(date(text)?, edge))?;
    if edge == Edge::End && is_open(local) {
        return Some(Moment::Open);
    }
    instant(local, edge).map(Moment::At)
}

/// Takes `yyyy-MM-dd`.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// The date of `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn date_of(text: &str) -> Option<NaiveDate> {
    date(text).or_else(|| {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
        Some(local.date())
    })
}

/// Takes `HH:mm:ss` or `HH:mm`. The last minute of a day ends it, for an end.
pub(crate) fn time_of_day(text: &str, edge: Edge) -> Option<TimeOfDay> {
    let time = NaiveTime::parse_from_str(text, "%H:%M:%S")
        .or_else(|_seconds| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()?;
    let text = time.format("%H:%M").to_string();
    let seconds = time.format("%S").to_string();
    if edge == Edge::End && text == "23:59" {
        return Some(TimeOfDay::MIDNIGHT_NEXT);
    }
    (seconds == "00").then(|| TimeOfDay::parse(&text).ok())?
}

fn day_edge(date: NaiveDate, edge: Edge) -> Option<NaiveDateTime> {
    let (hour, minute) = match edge {
        Edge::Start => (0, 0),
        Edge::End => LAST_MINUTE,
    };
    date.and_hms_opt(hour, minute, 0)
}

fn is_open(local: NaiveDateTime) -> bool {
    let (year, month, day) = NO_END;
    let (hour, minute) = LAST_MINUTE;
    let end = NaiveDate::from_ymd_opt(year, month, day)
        .and_then(|date| date.and_hms_opt(hour, minute, 0));
    end.is_some_and(|end| end <= local && local < end + TimeDelta::minutes(1))
}

/// The instant of a local time in London.
pub(crate) fn instant(local: NaiveDateTime, edge: Edge) -> Option<Instant> {
    for skipped in 0..=SKIPPED_MINUTES_MAX {
        let tried = local.checked_add_signed(TimeDelta::minutes(skipped))?;
        let (found, oddity) = match (London.from_local_datetime(&tried), edge) {
            (LocalResult::Single(only), _) => (only, None),
            (LocalResult::Ambiguous(first, _), Edge::Start) => (first, Some(Oddity::Twice)),
            (LocalResult::Ambiguous(_, second), Edge::End) => (second, Some(Oddity::Twice)),
            (LocalResult::None, _) => continue,
        };
        return Some(Instant {
            at: Timestamp::from_chrono(found.to_utc()).ok()?,
            oddity: if skipped > 0 {
                Some(Oddity::Never)
            } else {
                oddity
            },
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, edge: Edge) -> (String, Option<Oddity>) {
        match moment(text, edge).unwrap() {
            Moment::Open => ("open".to_owned(), None),
            Moment::At(instant) => (instant.at.to_string(), instant.oddity),
        }
    }

    #[test]
    fn summer_time_is_an_hour_ahead_of_utc() {
        assert_eq!(
            at("2026-01-01 19:00:00", Edge::Start).0,
            "2026-01-01T19:00:00Z"
        );
        assert_eq!(
            at("2026-07-01 19:00:00", Edge::Start).0,
            "2026-07-01T18:00:00Z"
        );
    }

    #[test]
    fn a_time_in_the_gap_of_spring_is_the_first_that_was() {
        for edge in [Edge::Start, Edge::End] {
            let expected = ("2026-03-29T01:00:00Z".to_owned(), Some(Oddity::Never));
            assert_eq!(at("2026-03-29 01:00:00", edge), expected);
            assert_eq!(at("2026-03-29 01:59:00", edge), expected);
        }
        assert_eq!(
            at("2026-03-29 00:59:00", Edge::End),
            ("2026-03-29T00:59:00Z".to_owned(), None)
        );
        assert_eq!(
            at("2026-03-29 02:00:00", Edge::End),
            ("2026-03-29T01:00:00Z".to_owned(), None)
        );
    }

    #[test]
    fn a_time_that_comes_twice_in_autumn_starts_early_and_ends_late() {
        let twice = Some(Oddity::Twice);
        assert_eq!(
            at("2026-10-25 01:30:00", Edge::Start),
            ("2026-10-25T00:30:00Z".to_owned(), twice)
        );
        assert_eq!(
            at("2026-10-25 01:30:00", Edge::End),
            ("2026-10-25T01:30:00Z".to_owned(), twice)
        );
        assert_eq!(
            at("2026-10-25 02:00:00", Edge::End),
            ("2026-10-25T02:00:00Z".to_owned(), None)
        );
    }

    #[test]
    fn the_services_last_day_is_no_end_at_all() {
        for text in ["2040-01-01 23:59:00", "2040-01-01 23:59:59", "2040-01-01"] {
            assert_eq!(at(text, Edge::End).0, "open");
        }
        assert_eq!(
            at("2040-01-01 23:58:00", Edge::End).0,
            "2040-01-01T23:58:00Z"
        );
        assert_eq!(
            at("2040-01-01 23:59:00", Edge::Start).0,
            "2040-01-01T23:59:00Z"
        );
    }

    #[test]
    fn a_date_alone_is_its_first_minute_or_its_last() {
        assert_eq!(at("2026-07-01", Edge::Start).0, "2026-06-30T23:00:00Z");
        assert_eq!(at("2026-07-01", Edge::End).0, "2026-07-01T22:59:00Z");
    }

    #[test]
    fn what_is_no_local_time_is_none() {
        for text in [
            "",
            "2026-02-30",
            "2026-03-01T19:00:00Z",
            "01/03/2026",
            "2026-03-01 25:00:00",
        ] {
            assert_eq!(moment(text, Edge::Start), None, "{text}");
        }
        for text in ["", "7pm", "24:30", "19:00:30", "-1:00"] {
            assert_eq!(time_of_day(text, Edge::Start), None, "{text}");
        }
    }

    #[test]
    fn the_last_minute_of_a_day_ends_it() {
        for text in ["23:59:00", "23:59:59", "23:59"] {
            assert_eq!(time_of_day(text, Edge::End), Some(TimeOfDay::MIDNIGHT_NEXT));
        }
        assert_eq!(
            time_of_day("23:59:00", Edge::Start),
            TimeOfDay::parse("23:59").ok()
        );
        assert_eq!(
            time_of_day("07:00:00", Edge::End),
            TimeOfDay::parse("07:00").ok()
        );
    }
}
