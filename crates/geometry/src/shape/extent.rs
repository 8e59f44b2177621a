//! An upright box in a frame.

use crate::frame::Local;

/// The box from `low` to `high`, both included, in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Extent {
    pub(crate) low: Local,
    pub(crate) high: Local,
}

impl Extent {
    /// The box that holds nothing and grows by what it is given.
    pub(crate) const EMPTY: Self = Self {
        low: Local {
            x: f64::INFINITY,
            y: f64::INFINITY,
        },
        high: Local {
            x: f64::NEG_INFINITY,
            y: f64::NEG_INFINITY,
        },
    };

    /// The smallest box holding both points.
    pub(crate) fn around(a: Local, b: Local) -> Self {
        Self::EMPTY.with(a).with(b)
    }

    /// This box grown to hold `point`.
    pub(crate) fn with(self, point: Local) -> Self {
        Self {
            low: Local {
                x: self.low.x.min(point.x),
                y: self.low.y.min(point.y),
            },
            high: Local {
                x: self.high.x.max(point.x),
                y: self.high.y.max(point.y),
            },
        }
    }

    /// This box grown to hold `other`.
    pub(crate) fn merged(self, other: Self) -> Self {
        self.with(other.low).with(other.high)
    }

    /// This box grown by `margin` on every side.
    pub(crate) fn grown(self, margin: f64) -> Self {
        Self {
            low: Local {
                x: self.low.x - margin,
                y: self.low.y - margin,
            },
            high: Local {
                x: self.high.x + margin,
                y: self.high.y + margin,
            },
        }
    }

    /// Whether the two have a point in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.low.x <= other.high.x
            && other.low.x <= self.high.x
            && self.low.y <= other.high.y
            && other.low.y <= self.high.y
    }

    /// The squared gap between the two; 0 when they meet.
    pub(crate) fn gap_2(&self, other: &Self) -> f64 {
        let dx = (other.low.x - self.high.x)
            .max(self.low.x - other.high.x)
            .max(0.0);
        let dy = (other.low.y - self.high.y)
            .max(self.low.y - other.high.y)
            .max(0.0);
        dx * dx + dy * dy
    }

    /// East to west, in metres.
    pub(crate) fn width(&self) -> f64 {
        self.high.x - self.low.x
    }

    /// South to north, in metres.
    pub(crate) fn height(&self) -> f64 {
        self.high.y - self.low.y
    }

    /// The middle.
    pub(crate) fn centre(&self) -> Local {
        self.low.towards(self.high, 0.5)
    }
}
