//! Names of formats and times, as people read them.

use chrono_tz::Europe::London;
use model::{DecisionKind, KindGroup, Timestamp};

/// Short forms that are written in capitals.
const ACRONYMS: [&str; 3] = ["atv", "gps", "hmu"];

/// A name of a format in words: `late_return` is "Late return".
pub(super) fn words(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for (place, word) in name.split('_').enumerate() {
        if place > 0 {
            text.push(' ');
        }
        if ACRONYMS.contains(&word) {
            text.push_str(&word.to_uppercase());
        } else if place == 0 {
            text.push_str(&capitalised(word));
        } else {
            text.push_str(word);
        }
    }
    text
}

/// A kind of alert in words. The kinds of breach of a curfew leave it out of their names.
pub(super) fn title(kind: DecisionKind) -> String {
    let words = words(kind.as_str());
    if kind.group() == KindGroup::Curfew {
        return format!("Curfew: {}", uncapitalised(&words));
    }
    words
}

/// Without a capital at its beginning, unless that is of an acronym.
fn uncapitalised(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => words.to_owned(),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A time as the clocks in London show it, with the zone: "28 Mar 2026, 23:59:30 GMT".
pub(super) fn london(time: Timestamp) -> String {
    let local = time.to_chrono().with_timezone(&London);
    local.format("%-d %b %Y, %H:%M:%S %Z").to_string()
}

/// How long from one time to another, in its two greatest units; "0 s" where the other is not later.
pub(super) fn span(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.since(from).num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        (_, _, _) => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_read_as_words() {
        assert_eq!(words("late_return"), "Late return");
        assert_eq!(words("hmu_mains_lost"), "HMU mains lost");
        assert_eq!(words("new"), "New");
    }

    #[test]
    fn what_breaks_a_curfew_says_so() {
        assert_eq!(title(DecisionKind::LeftDuring), "Curfew: left during");
        assert_eq!(title(DecisionKind::AtvWarning), "Curfew: ATV warning");
        assert_eq!(title(DecisionKind::NoFix), "No fix");
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_apart_by_its_zone() {
        assert_eq!(
            london(at("2026-10-25T00:30:00Z")),
            "25 Oct 2026, 01:30:00 BST"
        );
        assert_eq!(
            london(at("2026-10-25T01:30:00Z")),
            "25 Oct 2026, 01:30:00 GMT"
        );
    }

    #[test]
    fn spans_have_two_units() {
        let from = at("2026-03-29T00:00:00Z");
        for (to, said) in [
            ("2026-03-29T00:00:42Z", "42 s"),
            ("2026-03-29T00:02:01Z", "2 min 1 s"),
            ("2026-03-29T03:20:59Z", "3 h 20 min"),
            ("2026-03-31T05:00:00Z", "2 d 5 h"),
            ("2026-03-28T00:00:00Z", "0 s"),
        ] {
            assert_eq!(span(from, at(to)), said);
        }
    }
}
