use chrono::Timelike;
use proptest::prelude::*;

use super::*;
use model::registry::TimeOfDay;

mod years;

const MINUTE: TimeDelta = TimeDelta::minutes(1);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn time(minutes: u16) -> TimeOfDay {
    TimeOfDay::parse(&format!("{:02}:{:02}", minutes / 60, minutes % 60)).unwrap()
}

fn window(days: &[Day], start: &str, end: &str) -> WeeklyWindow {
    WeeklyWindow {
        days: days.to_vec(),
        start: TimeOfDay::parse(start).unwrap(),
        end: TimeOfDay::parse(end).unwrap(),
    }
}

const DAYS: [Day; 7] = [
    Day::Mon,
    Day::Tue,
    Day::Wed,
    Day::Thu,
    Day::Fri,
    Day::Sat,
    Day::Sun,
];

fn year() -> Span {
    Span {
        start: at("2026-01-01T00:00:00Z"),
        end: at("2027-01-01T00:00:00Z"),
    }
}

fn london(windows: Vec<WeeklyWindow>) -> Calendar {
    Calendar::weekly(Tz::Europe__London, year(), windows)
}

fn check(calendar: &Calendar, asked: &str, start: &str, end: &str) {
    let found = calendar.at_or_after(at(asked));
    assert_eq!(
        found,
        Some(Span {
            start: at(start),
            end: at(end)
        }),
        "asked at {asked}"
    );
}

#[test]
fn a_night_curfew_crosses_midnight() {
    let calendar = london(vec![window(&[Day::Mon], "19:00", "07:00")]);
    check(
        &calendar,
        "2026-02-01T12:00:00Z",
        "2026-02-02T19:00:00Z",
        "2026-02-03T07:00:00Z",
    );
    check(
        &calendar,
        "2026-02-03T06:59:59Z",
        "2026-02-02T19:00:00Z",
        "2026-02-03T07:00:00Z",
    );
    check(
        &calendar,
        "2026-02-03T07:00:00Z",
        "2026-02-09T19:00:00Z",
        "2026-02-10T07:00:00Z",
    );
}

#[test]
fn the_night_the_clocks_go_forward_has_an_hour_less_and_back_one_more() {
    let calendar = london(vec![window(&DAYS, "19:00", "07:00")]);
    check(
        &calendar,
        "2026-03-29T00:30:00Z",
        "2026-03-28T19:00:00Z",
        "2026-03-29T06:00:00Z",
    );
    check(
        &calendar,
        "2026-10-25T00:30:00Z",
        "2026-10-24T18:00:00Z",
        "2026-10-25T07:00:00Z",
    );
}

#[test]
fn an_edge_in_the_skipped_hour_moves_to_its_end() {
    let calendar = london(vec![window(&[Day::Sun], "01:30", "05:00")]);
    check(
        &calendar,
        "2026-03-29T00:00:00Z",
        "2026-03-29T01:00:00Z",
        "2026-03-29T04:00:00Z",
    );
    let calendar = london(vec![window(&[Day::Sat], "22:00", "01:30")]);
    check(
        &calendar,
        "2026-03-28T23:00:00Z",
        "2026-03-28T22:00:00Z",
        "2026-03-29T01:00:00Z",
    );
}

#[test]
fn in_the_repeated_hour_a_start_is_the_first_and_an_end_the_second() {
    let calendar = london(vec![window(&[Day::Sun], "01:15", "01:45")]);
    check(
        &calendar,
        "2026-10-25T00:00:00Z",
        "2026-10-25T00:15:00Z",
        "2026-10-25T01:45:00Z",
    );
}

#[test]
fn windows_that_touch_are_one_and_a_plan_without_a_break_is_the_whole_order() {
    let calendar = london(vec![
        window(&[Day::Mon], "09:00", "12:00"),
        window(&[Day::Mon], "12:00", "13:00"),
    ]);
    check(
        &calendar,
        "2026-02-02T11:00:00Z",
        "2026-02-02T09:00:00Z",
        "2026-02-02T13:00:00Z",
    );
    let calendar = london(vec![window(&DAYS, "00:00", "24:00")]);
    check(
        &calendar,
        "2026-07-02T11:00:00Z",
        "2026-01-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    );
}

#[test]
fn the_day_of_release_has_its_own_hours_instead() {
    let release = ReleaseDay {
        date: NaiveDate::from_ymd_opt(2026, 2, 2).unwrap(),
        start: TimeOfDay::parse("15:00").unwrap(),
        end: TimeOfDay::parse("23:00").unwrap(),
    };
    let calendar = london(vec![window(&DAYS, "19:00", "07:00")]).with_release_day(Some(release));
    check(
        &calendar,
        "2026-02-02T14:00:00Z",
        "2026-02-02T15:00:00Z",
        "2026-02-02T23:00:00Z",
    );
    check(
        &calendar,
        "2026-02-02T23:00:00Z",
        "2026-02-03T19:00:00Z",
        "2026-02-04T07:00:00Z",
    );
    let endless = london(vec![window(&DAYS, "00:00", "24:00")]).with_release_day(Some(release));
    check(
        &endless,
        "2026-02-02T23:30:00Z",
        "2026-02-03T00:00:00Z",
        "2027-01-01T00:00:00Z",
    );
    check(
        &endless,
        "2026-06-02T23:30:00Z",
        "2026-02-03T00:00:00Z",
        "2027-01-01T00:00:00Z",
    );
    check(
        &endless,
        "2026-01-12T23:30:00Z",
        "2026-01-01T00:00:00Z",
        "2026-02-02T00:00:00Z",
    );
}

#[test]
fn an_absence_cuts_a_window_in_two() {
    let mut calendar = london(vec![window(&[Day::Mon], "19:00", "23:00")]);
    calendar.set_lifted(vec![Span {
        start: at("2026-02-02T20:00:00Z"),
        end: at("2026-02-02T21:00:00Z"),
    }]);
    check(
        &calendar,
        "2026-02-02T19:30:00Z",
        "2026-02-02T19:00:00Z",
        "2026-02-02T20:00:00Z",
    );
    check(
        &calendar,
        "2026-02-02T20:00:00Z",
        "2026-02-02T21:00:00Z",
        "2026-02-02T23:00:00Z",
    );
}

#[test]
fn a_window_that_an_absence_swallows_does_not_end_the_curfew() {
    let mut calendar = london(vec![window(&[Day::Mon], "19:00", "23:00")]);
    let lift = |from: &str, to: &str| Span {
        start: at(from),
        end: at(to),
    };
    calendar.set_lifted(vec![
        lift("2026-02-09T00:00:00Z", "2026-02-10T00:00:00Z"),
        lift("2026-02-16T00:00:00Z", "2026-03-20T00:00:00Z"),
    ]);
    check(
        &calendar,
        "2026-02-02T23:00:00Z",
        "2026-03-23T19:00:00Z",
        "2026-03-23T23:00:00Z",
    );
    // Sunday 01:10 to 01:40 does not exist on the day the clocks go forward.
    let calendar = london(vec![window(&[Day::Sun], "01:10", "01:40")]);
    check(
        &calendar,
        "2026-03-22T01:40:00Z",
        "2026-04-05T00:10:00Z",
        "2026-04-05T00:40:00Z",
    );
}

#[test]
fn a_day_of_release_far_off_is_found_and_does_not_hide_a_window_before_it() {
    let release = |date: u32| ReleaseDay {
        date: NaiveDate::from_ymd_opt(2026, 3, date).unwrap(),
        start: TimeOfDay::parse("15:00").unwrap(),
        end: TimeOfDay::parse("23:00").unwrap(),
    };
    let only = london(vec![]).with_release_day(Some(release(20)));
    check(
        &only,
        "2026-01-02T00:00:00Z",
        "2026-03-20T15:00:00Z",
        "2026-03-20T23:00:00Z",
    );
    let mut calendar = london(vec![window(&[Day::Mon], "19:00", "23:00")]);
    calendar = calendar.with_release_day(Some(release(20)));
    calendar.set_lifted(vec![Span {
        start: at("2026-03-09T00:00:00Z"),
        end: at("2026-03-10T00:00:00Z"),
    }]);
    check(
        &calendar,
        "2026-03-03T00:00:00Z",
        "2026-03-16T19:00:00Z",
        "2026-03-16T23:00:00Z",
    );
}

#[test]
fn a_plan_without_a_break_has_one_on_the_day_of_release_wherever_one_looks_from() {
    let every = [
        Day::Mon,
        Day::Tue,
        Day::Wed,
        Day::Thu,
        Day::Fri,
        Day::Sat,
        Day::Sun,
    ];
    let release = ReleaseDay {
        date: NaiveDate::from_ymd_opt(2026, 6, 20).unwrap(),
        start: TimeOfDay::parse("12:30").unwrap(),
        end: TimeOfDay::parse("20:00").unwrap(),
    };
    let weekly = vec![
        window(&every, "08:00", "03:00"),
        window(&every, "03:00", "08:00"),
    ];
    let calendar = london(weekly).with_release_day(Some(release));
    // Local time is an hour ahead: the windows of the day before end at three, those of the day after begin then.
    for day in 1..=19 {
        let noon = format!("2026-06-{day:02}T12:00:00Z");
        let span = calendar.at_or_after(at(&noon)).unwrap();
        assert_eq!(span.end, at("2026-06-20T02:00:00Z"), "{noon}");
    }
    check(
        &calendar,
        "2026-06-20T03:00:00Z",
        "2026-06-20T11:30:00Z",
        "2026-06-20T19:00:00Z",
    );
    for day in 21..=30 {
        let noon = format!("2026-06-{day}T12:00:00Z");
        let span = calendar.at_or_after(at(&noon)).unwrap();
        assert_eq!(span.start, at("2026-06-21T02:00:00Z"), "{noon}");
    }
}

#[test]
fn nothing_is_in_force_outside_the_bounds_or_without_windows() {
    assert_eq!(london(vec![]).at_or_after(at("2026-02-02T19:30:00Z")), None);
    let calendar = london(vec![window(&[Day::Thu], "19:00", "07:00")]);
    check(
        &calendar,
        "2026-12-31T20:00:00Z",
        "2026-12-31T19:00:00Z",
        "2027-01-01T00:00:00Z",
    );
    assert_eq!(calendar.at_or_after(at("2027-01-01T00:00:00Z")), None);
    let always = Calendar::throughout(Tz::Europe__London, year());
    assert_eq!(always.at_or_after(at("2020-01-01T00:00:00Z")), Some(year()));
}

/// Whether the clock on the wall at `at` shows a time within one of `windows`.
fn on_the_wall(windows: &[WeeklyWindow], at: Timestamp) -> bool {
    let wall = at
        .to_chrono()
        .with_timezone(&Tz::Europe__London)
        .naive_local();
    let minute = u16::try_from(wall.hour() * 60 + wall.minute()).unwrap();
    let today = Day::from(wall.weekday());
    let yesterday = Day::from(wall.weekday().pred());
    windows.iter().any(|window| {
        let (start, end) = (window.start.minutes(), window.end.minutes());
        let late =
            window.days.contains(&today) && start <= minute && (end <= start || minute < end);
        let early = end <= start && window.days.contains(&yesterday) && minute < end;
        late || early
    })
}

fn weekly_window() -> impl Strategy<Value = WeeklyWindow> {
    let days = proptest::sample::subsequence(DAYS.to_vec(), 1..=7);
    (days, 0u16..24 * 60, 0u16..=24 * 60).prop_map(|(days, start, end)| WeeklyWindow {
        days,
        start: time(start),
        end: time(end),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn spans_agree_with_the_clock_on_the_wall_minute_by_minute(
        windows in proptest::collection::vec(weekly_window(), 1..4),
        autumn in any::<bool>(),
    ) {
        let (from, twice) = if autumn {
            ("2026-10-23T00:00:00Z", Span { start: at("2026-10-25T00:00:00Z"), end: at("2026-10-25T02:00:00Z") })
        } else {
            ("2026-03-27T00:00:00Z", Span { start: at("2026-01-01T00:00:00Z"), end: at("2026-01-01T00:00:00Z") })
        };
        let calendar = london(windows.clone());
        let mut now = at(from);
        let mut span = calendar.at_or_after(now);
        for _minute in 0..(4 * 24 * 60) {
            if span.is_some_and(|span| span.end <= now) {
                span = calendar.at_or_after(now);
            }
            let ours = span.is_some_and(|span| span.contains(now));
            let wall = on_the_wall(&windows, now);
            // In the hour that comes twice a window is held together rather than cut in two.
            prop_assert!(ours == wall || (ours && twice.contains(now)), "{now}: {ours} {wall}");
            now = now.plus(MINUTE);
        }
    }
}
