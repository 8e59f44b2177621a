//! The rules that are measured: the engine's, and the usual ones.

use std::fmt;

use model::Timestamp;
use serde::Serialize;

/// A rule, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RuleName {
    /// The engine's exclusion zone.
    Tagwatch,
    /// Inside by its last fix.
    Naive,
    /// Inside by the last two.
    Consecutive2,
    /// Inside by the last three.
    Consecutive3,
    /// Inside by the last five.
    Consecutive5,
    /// Inside the zone less a margin for a while.
    DwellBuffer,
}

impl RuleName {
    pub(super) const ALL: [Self; 6] = [
        Self::Tagwatch,
        Self::Naive,
        Self::Consecutive2,
        Self::Consecutive3,
        Self::Consecutive5,
        Self::DwellBuffer,
    ];

    /// For a table's head.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Tagwatch => "tagwatch",
            Self::Naive => "naive",
            Self::Consecutive2 => "2 in a row",
            Self::Consecutive3 => "3 in a row",
            Self::Consecutive5 => "5 in a row",
            Self::DwellBuffer => "dwell+buffer",
        }
    }

    /// The usual rule of this name; the engine's is not one of them.
    pub(super) const fn usual(self) -> Option<Usual> {
        let kind = match self {
            Self::Tagwatch => return None,
            Self::Naive => Kind::Consecutive(1),
            Self::Consecutive2 => Kind::Consecutive(2),
            Self::Consecutive3 => Kind::Consecutive(3),
            Self::Consecutive5 => Kind::Consecutive(5),
            Self::DwellBuffer => Kind::Dwell,
        };
        Some(Usual {
            kind,
            inside: false,
            against: 0,
            since: None,
        })
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// What dwell and buffer take off the zone's edge, in metres: a usual setting of trackers.
pub(super) const BUFFER_M: f64 = 25.0;

/// How long it must have lasted, in seconds.
pub(super) const DWELL_S: f64 = 180.0;

/// One of the usual rules, at work. Leaving is the mirror image of entering, for each.
#[derive(Debug, Clone)]
pub(super) struct Usual {
    kind: Kind,
    inside: bool,
    /// Fixes in a row that speak against `inside`.
    against: u32,
    /// The first of them.
    since: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Consecutive(u32),
    Dwell,
}

impl Usual {
    /// Takes a fix that lies `inside_m` inside the edge, outside where negative; true when it makes a
    /// breach.
    pub(super) fn fix(&mut self, at: Timestamp, inside_m: f64) -> bool {
        let edge_m = match self.kind {
            Kind::Consecutive(_) => 0.0,
            Kind::Dwell if self.inside => 0.0,
            Kind::Dwell => BUFFER_M,
        };
        if (inside_m > edge_m) == self.inside {
            self.against = 0;
            self.since = None;
            return false;
        }
        self.against = self.against.saturating_add(1);
        let since = *self.since.get_or_insert(at);
        let enough = match self.kind {
            Kind::Consecutive(fixes) => self.against >= fixes,
            Kind::Dwell => at.seconds_since(since) >= DWELL_S,
        };
        if enough {
            self.inside = !self.inside;
            self.against = 0;
            self.since = None;
        }
        enough && self.inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(name: RuleName, inside_m: &[f64]) -> Vec<usize> {
        let mut rule = name.usual().unwrap();
        let minute = |index: usize| {
            Timestamp::from_epoch_ms(60_000 * i64::try_from(index).unwrap()).unwrap()
        };
        let fixes = inside_m.iter().enumerate();
        fixes
            .filter_map(|(index, m)| rule.fix(minute(index), *m).then_some(index))
            .collect()
    }

    #[test]
    fn naive_breaches_at_every_crossing() {
        let fixes = [-1.0, 1.0, 2.0, -1.0, 1.0];
        assert_eq!(breaches(RuleName::Naive, &fixes), [1, 4]);
    }

    #[test]
    fn in_a_row_means_without_one_outside_between() {
        let fixes = [1.0, 1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0];
        assert_eq!(breaches(RuleName::Consecutive3, &fixes), [5]);
        assert_eq!(
            breaches(RuleName::Consecutive5, &fixes),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn dwell_counts_only_what_is_inside_the_buffer_and_lasts() {
        let fixes = [30.0, 20.0, 30.0, 30.0, 30.0, 30.0, 30.0];
        assert_eq!(breaches(RuleName::DwellBuffer, &fixes), [5]);
    }
}
