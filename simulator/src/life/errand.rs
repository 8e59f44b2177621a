//! An errand: from home, somewhere, and back; and what it amounts to.

use chrono::TimeDelta;
use model::Timestamp;

use crate::civil::Window;
use crate::town::Spot;

/// A stretch of an errand: on the way along a straight line, or staying.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Leg {
    pub(crate) from: Spot,
    pub(crate) to: Spot,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) indoors: bool,
}

impl Leg {
    /// Whether one moves on it.
    pub(crate) fn is_moving(&self) -> bool {
        self.from != self.to
    }

    /// Where one is on it at an instant; at its ends before and after.
    pub(crate) fn at(&self, at: Timestamp) -> Spot {
        let whole = self.end.seconds_since(self.start);
        let part = at.seconds_since(self.start);
        if whole <= 0.0 {
            return self.to;
        }
        self.from.towards(self.to, (part / whole).clamp(0.0, 1.0))
    }

    /// Metres a second.
    pub(crate) fn speed(&self) -> f64 {
        let seconds = self.end.seconds_since(self.start);
        if seconds > 0.0 {
            self.from.distance(self.to) / seconds
        } else {
            0.0
        }
    }
}

/// Away from home: legs without a gap, beginning and ending at home.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Errand {
    pub(crate) legs: Vec<Leg>,
    /// The breach it is, if it is one.
    pub(crate) fault: Option<Fault>,
}

/// What an errand amounts to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// Into the exclusion zone.
    Trespass,
    /// Away when this curfew starts, home before it ends.
    OutPastStart(Window),
    /// Home when this curfew started, then away.
    LeftDuring(Window),
    /// Away for the whole of this curfew.
    AbsentThroughout(Window),
}

impl Fault {
    /// The curfew it is against.
    pub(crate) const fn window(&self) -> Option<Window> {
        match self {
            Self::Trespass => None,
            Self::OutPastStart(window)
            | Self::LeftDuring(window)
            | Self::AbsentThroughout(window) => Some(*window),
        }
    }
}

impl Errand {
    /// When one leaves home.
    pub(crate) fn start(&self) -> Timestamp {
        self.legs.first().map_or(Timestamp::MAX, |leg| leg.start)
    }

    /// When one is home again.
    pub(crate) fn end(&self) -> Timestamp {
        self.legs.last().map_or(Timestamp::default(), |leg| leg.end)
    }

    /// The first and last second at which `holds` of where one is.
    pub(crate) fn span(&self, holds: impl Fn(Spot) -> bool) -> Option<(Timestamp, Timestamp)> {
        let mut span: Option<(Timestamp, Timestamp)> = None;
        let mut see = |at: Timestamp, spot: Spot| {
            if holds(spot) {
                span = Some((span.map_or(at, |(first, _)| first), at));
            }
        };
        for leg in &self.legs {
            see(leg.start, leg.from);
            if leg.is_moving() {
                let mut at = leg.start;
                while at < leg.end {
                    see(at, leg.at(at));
                    at = at.plus(TimeDelta::seconds(1));
                }
            }
            see(leg.end, leg.to);
        }
        span
    }

    /// Whether one is somewhere on it at `at`.
    pub(crate) fn covers(&self, at: Timestamp) -> bool {
        self.start() <= at && at < self.end()
    }
}
