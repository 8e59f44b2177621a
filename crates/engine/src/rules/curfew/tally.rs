//! The ledger of known absences from one curfew.

use std::collections::VecDeque;

use chrono::TimeDelta;
use model::{CountedAbsence, Timestamp};
use serde::{Deserialize, Serialize};

use crate::windows::{Span, cut};

/// Absences kept one by one: more than one a night over a year. What older ones counted stays counted
/// as a sum, and can no longer be excused.
const ABSENCES_KEPT: usize = 512;

/// Known absences within curfew hours, oldest first, none touching another.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    absences: VecDeque<Span>,
    /// Milliseconds that absences no longer kept count in the period.
    older_ms: i64,
}

impl Tally {
    /// Adds an absence after all others.
    pub(super) fn add(&mut self, absence: Span, period: &Span, excused: &[Span]) {
        if let Some(last) = self.absences.back_mut()
            && last.end == absence.start
        {
            last.end = absence.end;
            return;
        }
        if self.absences.len() >= ABSENCES_KEPT
            && let Some(oldest) = self.absences.pop_front()
        {
            let counted = length(&rest(oldest.within(period), excused));
            self.older_ms = self.older_ms.saturating_add(counted.num_milliseconds());
        }
        self.absences.push_back(absence);
    }

    /// A new period begins with nothing counted.
    pub(super) fn begin_period(&mut self) {
        self.older_ms = 0;
    }

    /// Known absence within `span`, less what is excused.
    pub(super) fn within(&self, span: &Span, excused: &[Span]) -> TimeDelta {
        self.pieces(span)
            .map(|absence| length(&rest(absence, excused)))
            .fold(TimeDelta::zero(), |sum, length| sum + length)
    }

    /// What counts in a period.
    pub(super) fn counted(&self, period: &Span, excused: &[Span]) -> TimeDelta {
        TimeDelta::milliseconds(self.older_ms) + self.within(period, excused)
    }

    /// When what counts in a period reached `total`, if it has.
    pub(super) fn reached(
        &self,
        total: TimeDelta,
        period: &Span,
        excused: &[Span],
    ) -> Option<Timestamp> {
        let mut left = total - TimeDelta::milliseconds(self.older_ms);
        for absence in self.pieces(period) {
            for piece in rest(absence, excused) {
                let length = piece.end.since(piece.start);
                if length >= left {
                    return Some(piece.start.plus(left.max(TimeDelta::zero())));
                }
                left -= length;
            }
        }
        None
    }

    /// The newest `count` absences of a period, oldest first.
    pub(super) fn newest(
        &self,
        count: usize,
        period: &Span,
        excused: &[Span],
    ) -> Vec<CountedAbsence> {
        let all: Vec<Span> = self.pieces(period).collect();
        let listed = all.iter().skip(all.len().saturating_sub(count));
        listed
            .map(|absence| CountedAbsence {
                from: absence.start,
                to: absence.end,
                counted_s: length(&rest(*absence, excused)).num_seconds(),
            })
            .collect()
    }

    fn pieces(&self, span: &Span) -> impl Iterator<Item = Span> {
        let first = self
            .absences
            .partition_point(|absence| absence.end <= span.start);
        let pieces = self.absences.range(first..);
        let (start, end) = (span.start, span.end);
        pieces
            .map(move |absence| absence.within(&Span { start, end }))
            .filter(|piece| !piece.is_empty())
    }
}

fn rest(absence: Span, excused: &[Span]) -> Vec<Span> {
    let mut pieces = vec![absence];
    for hole in excused {
        cut(&mut pieces, hole);
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn length(pieces: &[Span]) -> TimeDelta {
    pieces
        .iter()
        .map(|piece| piece.end.since(piece.start))
        .fold(TimeDelta::zero(), |sum, length| sum + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        let at = |minute: i64| Timestamp::from_epoch_ms(minute * 60_000).unwrap();
        Span {
            start: at(start),
            end: at(end),
        }
    }

    fn tally(absences: &[(i64, i64)]) -> Tally {
        let mut tally = Tally::default();
        for &(start, end) in absences {
            tally.add(span(start, end), &Span::always(), &[]);
        }
        tally
    }

    #[test]
    fn absences_that_touch_are_one_and_a_total_is_reached_within_one() {
        let tally = tally(&[(0, 10), (10, 20), (50, 60)]);
        let always = Span::always();
        assert_eq!(tally.newest(9, &always, &[]).len(), 2);
        assert_eq!(tally.counted(&always, &[]), TimeDelta::minutes(30));
        let reached = |minutes, excused: &[Span]| {
            tally.reached(TimeDelta::minutes(minutes), &always, excused)
        };
        assert_eq!(reached(25, &[]), Some(span(55, 55).start));
        assert_eq!(reached(20, &[]), Some(span(20, 20).start));
        assert_eq!(reached(31, &[]), None);
        assert_eq!(reached(18, &[span(5, 12)]), Some(span(55, 55).start));
    }

    #[test]
    fn only_what_lies_within_the_period_and_is_not_excused_counts() {
        let tally = tally(&[(0, 10), (20, 40), (90, 100)]);
        let period = span(30, 95);
        assert_eq!(tally.counted(&period, &[]), TimeDelta::minutes(15));
        assert_eq!(
            tally.counted(&period, &[span(0, 35)]),
            TimeDelta::minutes(10)
        );
        let newest = tally.newest(1, &period, &[span(92, 93)]);
        assert_eq!(
            (newest[0].from, newest[0].counted_s),
            (span(90, 90).start, 240)
        );
    }

    #[test]
    fn what_is_no_longer_kept_stays_counted() {
        let absences: Vec<_> = (0..600).map(|night| (night * 10, night * 10 + 1)).collect();
        let tally = tally(&absences);
        assert_eq!(tally.absences.len(), ABSENCES_KEPT);
        assert_eq!(tally.counted(&Span::always(), &[]), TimeDelta::minutes(600));
    }
}
