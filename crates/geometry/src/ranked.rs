//! Something to look at next, ranked by the most it could yield.

use std::cmp::Ordering;

/// An item in a [`std::collections::BinaryHeap`]: the greatest bound comes out first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ranked<T> {
    pub(crate) bound: f64,
    pub(crate) item: T,
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound)
    }
}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Ranked<T> {}
