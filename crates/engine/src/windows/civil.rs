//! Local civil time to instants, both ways round the changes of the clocks.

use chrono::{Days, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use model::Timestamp;
use model::registry::TimeOfDay;

use super::Span;

/// The longest stretch of local time that any zone ever skipped is a whole day, in minutes.
const SKIPPED_MINUTES_MAX: usize = 24 * 60;

/// The span of a window that opens on `date`.
pub(super) fn window(zone: Tz, date: NaiveDate, start: TimeOfDay, end: TimeOfDay) -> Option<Span> {
    let closes = if end <= start {
        date.checked_add_days(Days::new(1))?
    } else {
        date
    };
    Some(Span {
        start: instant(zone, local(date, start)?, Edge::Start)?,
        end: instant(zone, local(closes, end)?, Edge::End)?,
    })
}

/// The span that opens on `date` during which every local time lies between `start` and `end`:
/// unlike a [`window`], it leaves out the part of a repeated hour that would not. Nothing when all of
/// it is skipped.
pub(crate) fn hours(zone: Tz, date: NaiveDate, start: TimeOfDay, end: TimeOfDay) -> Option<Span> {
    let closes = if end <= start {
        date.checked_add_days(Days::new(1))?
    } else {
        date
    };
    let (opens, closes) = (local(date, start)?, local(closes, end)?);
    // The later of two starts and the earlier of two ends; both later where that leaves nothing.
    let start = instant(zone, opens, Edge::End)?;
    let ends = [Edge::Start, Edge::End];
    let ends = ends
        .into_iter()
        .filter_map(|edge| instant(zone, closes, edge));
    ends.map(|end| Span { start, end })
        .find(|span| !span.is_empty())
}

/// Which edge of a window is meant: it decides between the two instants of a repeated local time.
#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

fn local(date: NaiveDate, time: TimeOfDay) -> Option<NaiveDateTime> {
    let midnight = date.and_hms_opt(0, 0, 0)?;
    midnight.checked_add_signed(TimeDelta::minutes(i64::from(time.minutes())))
}

fn instant(zone: Tz, local: NaiveDateTime, edge: Edge) -> Option<Timestamp> {
    let minutes = std::iter::successors(Some(local), |local| {
        local.checked_add_signed(TimeDelta::minutes(1))
    });
    for local in minutes.take(SKIPPED_MINUTES_MAX + 1) {
        let found = match (zone.from_local_datetime(&local), edge) {
            (LocalResult::Single(only), _) => only,
            (LocalResult::Ambiguous(first, _), Edge::Start) => first,
            (LocalResult::Ambiguous(_, second), Edge::End) => second,
            (LocalResult::None, _) => continue,
        };
        return Timestamp::from_chrono(found.to_utc()).ok();
    }
    None
}

/// The local date at `at`.
pub(crate) fn date(zone: Tz, at: Timestamp) -> NaiveDate {
    at.to_chrono().with_timezone(&zone).date_naive()
}

/// The first instant of `date`.
pub(crate) fn midnight(zone: Tz, date: NaiveDate) -> Option<Timestamp> {
    instant(zone, date.and_hms_opt(0, 0, 0)?, Edge::Start)
}
