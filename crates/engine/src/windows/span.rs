//! Spans of real time, half open.

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// From `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

impl Span {
    /// All the time that can be written.
    pub(crate) fn always() -> Self {
        Self {
            start: Timestamp::default(),
            end: Timestamp::MAX,
        }
    }

    pub(crate) fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.end <= self.start
    }

    /// The part of it within `other`.
    pub(crate) fn within(&self, other: &Self) -> Self {
        Self {
            start: self.start.max(other.start),
            end: self.end.min(other.end),
        }
    }

    /// Whether the two touch or overlap.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }
}

/// Sorts `spans` and joins those that touch or overlap.
pub(crate) fn merge(spans: &mut Vec<Span>) {
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let joined = kept.meets(next);
        if joined {
            kept.end = kept.end.max(next.end);
        }
        joined
    });
}

/// Takes `hole` out of each of `spans`.
pub(crate) fn cut(spans: &mut Vec<Span>, hole: &Span) {
    if hole.is_empty() {
        return;
    }
    let pieces = spans.iter().flat_map(|span| {
        let before = Span {
            start: span.start,
            end: span.end.min(hole.start),
        };
        let after = Span {
            start: span.start.max(hole.end),
            end: span.end,
        };
        [before, after]
    });
    *spans = pieces.filter(|span| !span.is_empty()).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        let at = |ms| Timestamp::from_epoch_ms(ms).unwrap();
        Span {
            start: at(start),
            end: at(end),
        }
    }

    #[test]
    fn spans_that_touch_or_overlap_become_one() {
        let mut spans = vec![
            span(5, 9),
            span(0, 2),
            span(2, 3),
            span(8, 12),
            span(20, 20),
        ];
        merge(&mut spans);
        assert_eq!(spans, [span(0, 3), span(5, 12)]);
    }

    #[test]
    fn a_hole_splits_trims_or_swallows() {
        let mut spans = vec![span(0, 10), span(20, 30), span(40, 50)];
        cut(&mut spans, &span(5, 25));
        assert_eq!(spans, [span(0, 5), span(25, 30), span(40, 50)]);
        cut(&mut spans, &span(42, 44));
        assert_eq!(
            spans,
            [span(0, 5), span(25, 30), span(40, 42), span(44, 50)]
        );
        cut(&mut spans, &span(0, 100));
        assert!(spans.is_empty());
    }
}
