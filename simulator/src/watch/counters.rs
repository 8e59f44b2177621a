//! What an installation counts, out of Prometheus's text.

use serde::{Deserialize, Serialize};

/// The counters that say how far an installation has got.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Readings journaled since it was started: each once, however often it came.
    pub taken_in: f64,
    /// Dead letters since it was started.
    pub dead_letters: f64,
    /// Notifications ready or handed out, in all queues.
    pub waiting: f64,
}

impl Counters {
    /// Out of the text of `/metrics`.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let taken_in = |labels: &str| labels.contains("outcome=\"journaled\"");
        Self {
            taken_in: sum(text, "tagwatch_readings_total", taken_in),
            dead_letters: sum(text, "tagwatch_dead_letters_total", |_any| true),
            waiting: sum(text, "tagwatch_queue_ready", |_any| true)
                + sum(text, "tagwatch_queue_leased", |_any| true),
        }
    }
}

/// The version of an installation, out of the same text.
#[must_use]
pub(crate) fn version(text: &str) -> Option<String> {
    let (_, labels) = text.split_once("tagwatch_build_info{")?;
    let (_, rest) = labels.split_once("version=\"")?;
    let (version, _) = rest.split_once('"')?;
    Some(version.to_owned())
}

/// The values of one metric, added up over the labels wanted.
fn sum(text: &str, name: &str, wanted: impl Fn(&str) -> bool) -> f64 {
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let (labels, value) = match rest.strip_prefix('{') {
            Some(labelled) => labelled.rsplit_once('}')?,
            None => ("", rest.strip_prefix(' ')?),
        };
        let value: f64 = value.trim().parse().ok()?;
        wanted(labels).then_some(value)
    };
    text.lines().filter_map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP tagwatch_readings_total Readings.\n\
        tagwatch_readings_total{kind=\"event\",outcome=\"journaled\"} 3\n\
        tagwatch_readings_total{kind=\"position\",outcome=\"journaled\"} 39\n\
        tagwatch_readings_total{kind=\"position\",outcome=\"duplicate\"} 7\n\
        tagwatch_dead_letters_total{reason=\"undecodable\"} 2\n\
        tagwatch_queue_ready{queue=\"operators\"} 4\n\
        tagwatch_queue_leased{queue=\"operators\"} 1\n\
        tagwatch_build_info{version=\"0.1.0\"} 1\n";

    #[test]
    fn counters_are_added_up_over_their_labels() {
        let counters = Counters::read(TEXT);
        let expected = Counters {
            taken_in: 42.0,
            dead_letters: 2.0,
            waiting: 5.0,
        };
        assert_eq!(counters, expected);
        assert_eq!(version(TEXT).as_deref(), Some("0.1.0"));
        assert_eq!(Counters::read("nothing of ours 5\n"), Counters::default());
    }
}
