//! Weekly windows as stretches of the week, which has no beginning: the one that runs over its end goes on
//! at its start.

use std::collections::BTreeSet;
use std::fmt;

use model::registry::{Day, TimeOfDay, WeeklyWindow};

pub(super) const DAY_MIN: u32 = 24 * 60;
pub(super) const WEEK_MIN: u32 = 7 * DAY_MIN;

const DAYS: [Day; 7] = [
    Day::Mon,
    Day::Tue,
    Day::Wed,
    Day::Thu,
    Day::Fri,
    Day::Sat,
    Day::Sun,
];

/// A stretch of the week in minutes from Monday's start: `start` lies within the week, and `end` may lie
/// beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Which of the windows.
    pub(super) window: usize,
}

/// How long a window lasts: until the next day where it does not end after it starts.
pub(super) fn length_min(start: TimeOfDay, end: TimeOfDay) -> u32 {
    let (start, end) = (u32::from(start.minutes()), u32::from(end.minutes()));
    if end > start {
        end - start
    } else {
        end + DAY_MIN - start
    }
}

/// All stretches of `windows`, by when they start.
pub(super) fn stretches(windows: &[WeeklyWindow]) -> Vec<Stretch> {
    let of_window = |(index, window): (usize, &WeeklyWindow)| {
        let length = length_min(window.start, window.end);
        let minutes = u32::from(window.start.minutes());
        let days: Vec<Day> = window.days.clone();
        days.into_iter().map(move |day| {
            let start = (number(day) * DAY_MIN + minutes) % WEEK_MIN;
            Stretch {
                start,
                end: start + length,
                window: index,
            }
        })
    };
    let mut all: Vec<Stretch> = windows.iter().enumerate().flat_map(of_window).collect();
    all.sort_unstable();
    all
}

const fn number(day: Day) -> u32 {
    match day {
        Day::Mon => 0,
        Day::Tue => 1,
        Day::Wed => 2,
        Day::Thu => 3,
        Day::Fri => 4,
        Day::Sat => 5,
        Day::Sun => 6,
    }
}

/// Two windows that overlap: the earlier in the list, the later, and where in the week the overlap starts.
pub(super) fn overlaps(windows: &[WeeklyWindow]) -> Vec<(usize, usize, Moment)> {
    let all = stretches(windows);
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    let mut open: Option<Stretch> = None;
    // Once round, and on to those at the week's start, which the week's end may run into.
    let again = all.iter().map(|stretch| Stretch {
        start: stretch.start + WEEK_MIN,
        end: stretch.end + WEEK_MIN,
        ..*stretch
    });
    for next in all.iter().copied().chain(again) {
        if let Some(held) = open.filter(|held| next.start < held.end) {
            let pair = (held.window.min(next.window), held.window.max(next.window));
            if told.insert(pair) {
                found.push((pair.0, pair.1, Moment(next.start % WEEK_MIN)));
            }
        }
        if open.is_none_or(|held| next.end > held.end) {
            open = Some(next);
        }
    }
    found
}

/// Whether two weekly plans are ever in force together.
pub(super) fn meet(one: &[Stretch], other: &[Stretch]) -> bool {
    let covers = |stretch: &Stretch, at: u32| {
        (stretch.start <= at && at < stretch.end)
            || (stretch.start <= at + WEEK_MIN && at + WEEK_MIN < stretch.end)
    };
    let starts_in = |starts: &[Stretch], within: &[Stretch]| {
        starts
            .iter()
            .any(|stretch| within.iter().any(|around| covers(around, stretch.start)))
    };
    starts_in(one, other) || starts_in(other, one)
}

/// Minutes in force on each day of the week, what is in force twice counted once.
pub(super) fn minutes_by_day(all: &[Stretch]) -> [u32; 7] {
    // What runs over the week's end is cut there, and goes on at its start.
    let mut cut: Vec<(u32, u32)> = all
        .iter()
        .flat_map(|stretch| {
            let over = stretch.end.saturating_sub(WEEK_MIN).min(WEEK_MIN);
            [(stretch.start, stretch.end.min(WEEK_MIN)), (0, over)]
        })
        .collect();
    cut.sort_unstable();
    let mut minutes = [0; 7];
    let mut done = 0;
    for (start, end) in cut {
        let start = start.max(done);
        for (day, sum) in (0_u32..).zip(&mut minutes) {
            let (midnight, next) = (day * DAY_MIN, (day + 1) * DAY_MIN);
            *sum += end.min(next).saturating_sub(start.max(midnight));
        }
        done = done.max(end);
    }
    minutes
}

/// A time of the week: `Tue 06:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u32);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = usize::try_from(self.0 / DAY_MIN).unwrap_or(0);
        let minutes = self.0 % DAY_MIN;
        let day = DAYS.get(day).copied().unwrap_or(Day::Mon);
        write!(f, "{day:?} {:02}:{:02}", minutes / 60, minutes % 60)
    }
}
