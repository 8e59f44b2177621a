//! What attendance demands, where and when.

use model::registry::Appointment;
use model::{PlaceId, Timestamp};

use super::super::Planning;
use super::super::curfew::{Address, address};
use crate::windows::{Span, cut};

/// What attendance demands, where and when. Empty until the condition is equipped.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) place: Option<Address>,
    /// Why there is no place.
    pub(super) problem: Option<String>,
    /// In order, none overlapping another; parts of them where an absence was authorised.
    appointments: Vec<Span>,
    /// The last of them ends.
    pub(super) ends: Timestamp,
}

impl Plan {
    pub(super) fn new(
        planning: &Planning<'_>,
        place: &PlaceId,
        appointments: &[Appointment],
    ) -> Self {
        let (place, problem) = match address(planning, place) {
            Ok(address) => (Some(address), None),
            Err(problem) => (None, Some(problem)),
        };
        let appointments = in_force(planning, appointments);
        Self {
            place,
            problem,
            ends: appointments
                .last()
                .map_or_else(Timestamp::default, |last| last.end),
            appointments,
        }
    }

    /// The first appointment that ends after `at`.
    pub(super) fn ending_after(&self, at: Timestamp) -> Option<Span> {
        let past = self.appointments.partition_point(|span| span.end <= at);
        self.appointments.get(past).copied()
    }
}

/// Appointments that touch stay apart, those that overlap become one.
fn in_force(planning: &Planning<'_>, appointments: &[Appointment]) -> Vec<Span> {
    let bounds = planning.bounds();
    let spans = appointments
        .iter()
        .map(|&Appointment { start, end }| Span { start, end });
    let mut spans: Vec<Span> = spans
        .map(|span| span.within(&bounds))
        .filter(|span| !span.is_empty())
        .collect();
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let overlap = next.start < kept.end;
        if overlap {
            kept.end = kept.end.max(next.end);
        }
        overlap
    });
    for absence in &planning.lifted {
        cut(&mut spans, absence);
    }
    spans
}
