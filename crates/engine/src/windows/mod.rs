//! When a duty is in force: weekly windows in local civil time become spans of real time.
//!
//! Civil time is resolved in favour of one unbroken span: where a window's edge falls into the hour
//! that a clock change skips, it moves to the first instant after it; where it falls into the hour
//! that comes twice, a start is the first of the two and an end the second. Lengths of spans are
//! therefore elapsed time, an hour more or less in those nights.

mod calendar;
mod civil;
mod diary;
mod span;

pub(crate) use calendar::Calendar;
pub(crate) use civil::{date, hours, midnight};
pub(crate) use diary::Diary;
pub(crate) use span::{Span, cut};
