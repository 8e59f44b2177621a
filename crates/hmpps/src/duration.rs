//! When a zone is in force, in the words of an order.

use model::registry::{Day, WeeklyWindow};

use crate::local::{Edge, time_of_day};
use crate::names::{WEEK, day};

/// What the words say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Duration {
    /// Nothing, or that it is always in force.
    Always,
    /// Weekly hours.
    Weekly(Vec<WeeklyWindow>),
    /// Something a person has to read.
    Prose,
}

/// Reads `Monday to Friday between 08:00 to 17:00` and its like: days, then hours, and nothing else.
/// Anything that leaves a doubt is prose.
pub(crate) fn read(text: Option<&str>) -> Duration {
    let Some(text) = text else {
        return Duration::Always;
    };
    let text = text.trim().trim_end_matches('.').to_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .collect();
    if matches!(
        words.as_slice(),
        [] | ["always"] | ["24/7"] | ["at", "all", "times"]
    ) {
        return Duration::Always;
    }
    weekly(&words).map_or(Duration::Prose, |window| Duration::Weekly(vec![window]))
}

fn weekly(words: &[&str]) -> Option<WeeklyWindow> {
    // A time of day starts with a digit, and no day does.
    let first_time = words
        .iter()
        .position(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let (days, hours) = words.split_at_checked(first_time)?;
    let days = match days {
        [days @ .., "between" | "from"] => days,
        days => days,
    };
    let (start, end) = match hours {
        [start, "to" | "and" | "until" | "-", end] => (*start, *end),
        [both] => both.split_once('-')?,
        _ => return None,
    };
    let (start, end) = (
        time_of_day(start, Edge::Start)?,
        time_of_day(end, Edge::End)?,
    );
    let days = read_days(days)?;
    // From eight to eight is a whole day or nothing at all: that is for a person to say.
    (start != end).then_some(WeeklyWindow { days, start, end })
}

fn read_days(words: &[&str]) -> Option<Vec<Day>> {
    match words {
        ["daily"] | ["every", "day"] => Some(WEEK.to_vec()),
        ["weekdays"] => range(Day::Mon, Day::Fri),
        ["weekends"] => range(Day::Sat, Day::Sun),
        [first, "to" | "-", last] => range(day(first)?, day(last)?),
        [days @ .., last] => {
            let days = match days {
                [days @ .., "and"] if !days.is_empty() => days,
                days => days,
            };
            days.iter().chain([last]).map(|word| day(word)).collect()
        }
        [] => None,
    }
}

/// From one day to another, over the end of the week where that is later.
fn range(first: Day, last: Day) -> Option<Vec<Day>> {
    let mut days = Vec::new();
    for day in WEEK
        .into_iter()
        .cycle()
        .skip_while(|day| *day != first)
        .take(WEEK.len())
    {
        days.push(day);
        if day == last {
            return Some(days);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let read = match read(Some(text)) {
            Duration::Always => "always".to_owned(),
            Duration::Prose => "prose".to_owned(),
            Duration::Weekly(windows) => windows
                .iter()
                .map(|window| format!("{:?} {} {}", window.days, window.start, window.end))
                .collect(),
        };
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn days_and_hours_are_read() {
        check(
            "Monday to Friday between 08:00 to 17:00",
            "[Mon, Tue, Wed, Thu, Fri] 08:00 17:00",
        );
        check(
            "Monday - Friday 08:00-17:00.",
            "[Mon, Tue, Wed, Thu, Fri] 08:00 17:00",
        );
        check(
            "Saturday to Monday from 22:00 until 06:00",
            "[Sat, Sun, Mon] 22:00 06:00",
        );
        check(
            "Daily 19:00 - 23:59",
            "[Mon, Tue, Wed, Thu, Fri, Sat, Sun] 19:00 24:00",
        );
        check(
            "Monday, Wednesday and Friday, between 09:00 and 15:30",
            "[Mon, Wed, Fri] 09:00 15:30",
        );
        check("Weekends between 10:00 and 12:00", "[Sat, Sun] 10:00 12:00");
        check("Thursday 10:00 to 11:00", "[Thu] 10:00 11:00");
    }

    #[test]
    fn what_has_no_hours_to_speak_of_is_always() {
        assert_eq!(read(None), Duration::Always);
        check("", "always");
        check("24/7", "always");
        check("At all times", "always");
    }

    #[test]
    fn whatever_leaves_a_doubt_is_prose() {
        for text in [
            "A test duration: one, two, three...",
            "Monday to Friday between 8am and 5pm",
            "between 08:00 and 17:00",
            "Monday to Friday between 08:00 to 17:00 except bank holidays",
            "not Monday 08:00 to 17:00",
            "school hours",
            "Monday to Friday",
            "Monday 08:00 to 17:00 and 19:00 to 21:00",
            "and Monday 08:00 to 17:00",
            "Monday 08:00 to 25:00",
            "Monday 08:00 to 08:00",
            "Every other Monday 08:00 to 17:00",
        ] {
            check(text, "prose");
        }
    }
}
