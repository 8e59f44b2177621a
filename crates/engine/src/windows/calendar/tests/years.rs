//! Two years of curfew, held against a walk minute by minute along the clock on the wall.

use super::super::super::cut;
use super::*;

/// What the order says, in its own words.
#[derive(Debug, Clone)]
struct Order {
    windows: Vec<WeeklyWindow>,
    release: Option<ReleaseDay>,
    absences: Vec<Span>,
}

fn two_years() -> Span {
    Span {
        start: at("2026-01-05T00:00:00Z"),
        end: at("2028-01-05T00:00:00Z"),
    }
}

/// The hours that come twice, in which a window is held together rather than cut in two.
fn twice() -> [Span; 2] {
    let hour = |start, end| Span {
        start: at(start),
        end: at(end),
    };
    [
        hour("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"),
        hour("2027-10-31T00:00:00Z", "2027-10-31T02:00:00Z"),
    ]
}

impl Order {
    /// Whether a window that opens on `date` is open `minute` minutes after its midnight.
    fn is_open(&self, date: NaiveDate, minute: u16) -> bool {
        let within = |start: TimeOfDay, end: TimeOfDay| {
            let (start, end) = (start.minutes(), end.minutes());
            let end = if end <= start { end + 24 * 60 } else { end };
            (start..end).contains(&minute)
        };
        if let Some(release) = self.release.filter(|release| release.date == date) {
            return within(release.start, release.end);
        }
        let day = Day::from(date.weekday());
        let opening = self
            .windows
            .iter()
            .filter(|window| window.days.contains(&day));
        opening
            .into_iter()
            .any(|window| within(window.start, window.end))
    }

    fn demands(&self, at: Timestamp, date: NaiveDate, minute: u16) -> bool {
        let lifted = self.absences.iter().any(|absence| absence.contains(at));
        let yesterday = date.pred_opt().unwrap();
        !lifted && (self.is_open(date, minute) || self.is_open(yesterday, minute + 24 * 60))
    }

    /// Minutes, by walking along the wall's clock. The clocks change on the hour.
    fn walked(&self) -> u32 {
        let Span { start, end } = two_years();
        let (mut now, mut minutes) = (start, 0);
        while now < end {
            let wall = now
                .to_chrono()
                .with_timezone(&Tz::Europe__London)
                .naive_local();
            let hour = u16::try_from(wall.hour() * 60).unwrap();
            for minute in hour..hour + 60 {
                let counts = !twice().iter().any(|span| span.contains(now));
                minutes += u32::from(counts && self.demands(now, wall.date(), minute));
                now = now.plus(MINUTE);
            }
        }
        minutes
    }

    /// Minutes, by the calendar.
    fn spanned(&self) -> i64 {
        let mut calendar = Calendar::weekly(Tz::Europe__London, two_years(), self.windows.clone())
            .with_release_day(self.release);
        calendar.set_lifted(self.absences.clone());
        let (mut now, mut spans) = (two_years().start, Vec::new());
        while let Some(span) = calendar.at_or_after(now) {
            spans.push(span);
            now = span.end;
        }
        for hour in twice() {
            cut(&mut spans, &hour);
        }
        let length = |span: &Span| span.end.since(span.start).num_minutes();
        spans.iter().map(length).sum()
    }
}

fn order() -> impl Strategy<Value = Order> {
    let release = (0u64..700, 0u16..24 * 60, 0u16..=24 * 60).prop_map(|(day, start, end)| {
        let first = NaiveDate::from_ymd_opt(2026, 1, 10).unwrap();
        ReleaseDay {
            date: first.checked_add_days(Days::new(day)).unwrap(),
            start: time(start),
            end: time(end),
        }
    });
    let absence = (0i64..700 * 24 * 60, 1i64..3000).prop_map(|(from, minutes)| {
        let start = two_years().start.plus(TimeDelta::minutes(from));
        Span {
            start,
            end: start.plus(TimeDelta::minutes(minutes)),
        }
    });
    (
        proptest::collection::vec(weekly_window(), 1..4),
        proptest::option::of(release),
        proptest::collection::vec(absence, 0..12),
    )
        .prop_map(|(windows, release, absences)| Order {
            windows,
            release,
            absences,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_minutes_of_two_years_of_curfew_are_those_of_the_clock_on_the_wall(order in order()) {
        prop_assert_eq!(order.spanned(), i64::from(order.walked()));
    }
}
