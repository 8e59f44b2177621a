//! Whole orders.
