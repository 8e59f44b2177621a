//! Times from and until.

use model::Timestamp;
use model::registry::{Activation, Condition, Order};

/// From an instant until before another; open where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) to: Option<Timestamp>,
}

impl Span {
    pub(super) fn of_order(order: &Order) -> Self {
        Self {
            from: order.from,
            to: order.to,
        }
    }

    /// A condition's own time within its order's.
    pub(super) fn of_condition(order: &Order, condition: &Condition) -> Self {
        let whole = Self::of_order(order);
        whole.within(Self {
            from: condition.from.unwrap_or(whole.from),
            to: condition.to.or(whole.to),
        })
    }

    pub(super) const fn of_activation(worn: &Activation) -> Self {
        Self {
            from: worn.from,
            to: worn.to,
        }
    }

    /// The part of this one that lies in the other.
    pub(super) fn within(self, other: Self) -> Self {
        let to = match (self.to, other.to) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self {
            from: self.from.max(other.from),
            to,
        }
    }

    /// Whether it ends no later than it begins.
    pub(super) fn is_empty(self) -> bool {
        self.to.is_some_and(|to| to <= self.from)
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        !self.within(other).is_empty()
    }

    pub(super) fn contains(self, at: Timestamp) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}
