//! Deadlines of wearers, earliest first, re-armed lazily.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use model::Timestamp;
use serde::{Deserialize, Serialize};

/// Why the engine wants to be called at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimerReason {
    /// A duty begins while the wearer is known to violate it.
    WindowStart,
    /// The absence let pass is used up.
    Grace,
    /// A budget of time out is, or nearly is, used up.
    Budget,
    /// A duty ends.
    WindowEnd,
    /// What should be heard has not been for too long.
    Silence,
    /// A device is to ask its wearer to check in.
    Prompt,
    /// A check-in is given up, or forgotten.
    Answer,
    /// A trouble has lasted, or stayed put right, for long enough.
    Settled,
    /// Evidence that came late is to be judged.
    LateEvidence,
    /// Perhaps nobody watches an order, or a device has been put on or taken off.
    Unwatched,
}

impl TimerReason {
    /// The name in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WindowStart => "window_start",
            Self::Grace => "grace",
            Self::Budget => "budget",
            Self::WindowEnd => "window_end",
            Self::Silence => "silence",
            Self::Prompt => "prompt",
            Self::Answer => "answer",
            Self::Settled => "settled",
            Self::LateEvidence => "late_evidence",
            Self::Unwatched => "unwatched",
        }
    }
}

/// The earliest of several deadlines; of those at one time, that of the first reason.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Earliest(Option<(Timestamp, TimerReason)>);

impl Earliest {
    /// With one more, if there is one.
    #[must_use]
    pub(crate) fn or(self, due: Option<Timestamp>, reason: TimerReason) -> Self {
        self.or_that(due.map(|due| (due, reason)))
    }

    /// With one more, if there is one.
    #[must_use]
    pub(crate) fn or_that(self, other: Option<(Timestamp, TimerReason)>) -> Self {
        match (self.0, other) {
            (Some(this), Some(other)) => Self(Some(this.min(other))),
            (this, other) => Self(this.or(other)),
        }
    }

    pub(crate) const fn get(self) -> Option<(Timestamp, TimerReason)> {
        self.0
    }
}

/// Deadlines by wearer. Every wearer with a deadline has an entry at or before it: a fix that puts
/// a deadline off, as most do, leaves the old entry where it is, to be looked at when it comes up.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The entry of each wearer that stands; others in the heap are void.
    armed: Vec<Option<Timestamp>>,
}

impl Timers {
    /// Makes sure that `wearer` comes up at `deadline` at the latest.
    pub(crate) fn arm(&mut self, wearer: usize, deadline: Option<Timestamp>) {
        let Some(deadline) = deadline else {
            return;
        };
        if self.armed.len() <= wearer {
            self.armed.resize(wearer + 1, None);
        }
        if let Some(armed) = self.armed.get_mut(wearer)
            && armed.is_none_or(|armed| deadline < armed)
        {
            *armed = Some(deadline);
            self.heap.push(Reverse((deadline, wearer)));
        }
    }

    /// The entry that comes up first.
    pub(crate) fn first(&mut self) -> Option<(Timestamp, usize)> {
        while let Some(&Reverse((at, wearer))) = self.heap.peek() {
            if self.armed.get(wearer).copied().flatten() == Some(at) {
                return Some((at, wearer));
            }
            self.heap.pop();
        }
        None
    }

    /// Takes out the entry that comes up first.
    pub(crate) fn pop(&mut self) -> Option<(Timestamp, usize)> {
        let first = self.first()?;
        self.heap.pop();
        if let Some(armed) = self.armed.get_mut(first.1) {
            *armed = None;
        }
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_epoch_ms(second * 1000).unwrap()
    }

    #[test]
    fn only_an_earlier_deadline_makes_an_entry() {
        let mut timers = Timers::default();
        for second in [50, 60, 40, 70] {
            timers.arm(0, Some(at(second)));
        }
        assert_eq!(timers.heap.len(), 2);
        assert_eq!(timers.pop(), Some((at(40), 0)));
        assert_eq!(timers.pop(), None);
    }

    #[test]
    fn equal_deadlines_come_up_in_the_order_of_wearers() {
        let mut timers = Timers::default();
        for wearer in [2, 0, 1] {
            timers.arm(wearer, Some(at(5)));
        }
        let order: Vec<usize> = std::iter::from_fn(|| timers.pop())
            .map(|(_, wearer)| wearer)
            .collect();
        assert_eq!(order, [0, 1, 2]);
    }
}
