//! The numbers that decisions about attendance show.

use chrono::TimeDelta;
use model::{AttendanceEvidence, Evidence, ObservedAt, Timestamp};

use super::{AttendanceRule, Scene};
use crate::windows::Span;

/// What is known of one appointment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) span: Span,
    pub(super) arrived: Option<Timestamp>,
    pub(super) left: Option<Timestamp>,
    /// Known absence that the decision rests on.
    pub(super) away: TimeDelta,
}

impl Known {
    pub(super) const fn nothing(span: Span) -> Self {
        Self {
            span,
            arrived: None,
            left: None,
            away: TimeDelta::zero(),
        }
    }
}

impl AttendanceRule {
    pub(super) fn evidence(&self, known: Known, note: Option<&str>, scene: &Scene<'_>) -> Evidence {
        let place = self.plan.place.as_ref();
        let fixes = scene.trail.since(known.span.start);
        let fixes = fixes.filter_map(|fix| Some(fix.evidence(place?.outside_m(fix.point))));
        Evidence::Attendance(AttendanceEvidence {
            policy: scene.policy.version.clone(),
            place: self.place.clone(),
            radius_m: place.map_or(0.0, |place| place.radius_m),
            appointment_start: known.span.start,
            appointment_end: known.span.end,
            arrived: known.arrived,
            left: known.left,
            away_s: known.away.num_seconds(),
            tolerance_s: scene.policy.attendance.tolerance_s,
            last_observed_at: scene.trail.last().map(|fix| ObservedAt(fix.at)),
            note: note.map(ToOwned::to_owned),
            fixes: fixes.collect(),
        })
    }
}
