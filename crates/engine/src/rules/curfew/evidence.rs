//! The numbers that decisions about curfews show.

use chrono::TimeDelta;
use model::{CurfewEvidence, Evidence, FixEvidence, ObservedAt, Timestamp};

use super::{CurfewRule, Scene};
use crate::windows::Span;

/// An absence within a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absence {
    pub(super) span: Span,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    /// Known absence within the window.
    pub(super) length: TimeDelta,
}

impl CurfewRule {
    pub(super) fn evidence(
        &self,
        absence: Absence,
        note: Option<String>,
        scene: &Scene<'_>,
    ) -> Evidence {
        let since = self.away.since;
        let fixes_from = absence.from.unwrap_or(since).min(since);
        Evidence::Curfew(CurfewEvidence {
            policy: scene.policy.version.clone(),
            place: self.place.clone(),
            radius_m: self.plan.place.as_ref().map_or(0.0, |place| place.radius_m),
            window_start: absence.span.start,
            window_end: absence.span.end,
            presence: self.presence(),
            presence_since: (since > Timestamp::default()).then_some(since),
            absent_from: absence.from,
            absent_to: absence.to,
            absent_s: absence.length.num_seconds(),
            grace_s: scene.policy.curfew.grace_s,
            last_observed_at: scene.trail.last().map(|fix| ObservedAt(fix.at)),
            note,
            fixes: self.fixes_since(fixes_from, scene),
        })
    }

    fn fixes_since(&self, from: Timestamp, scene: &Scene<'_>) -> Vec<FixEvidence> {
        let Some(place) = &self.plan.place else {
            return Vec::new();
        };
        let fixes = scene.trail.since(from);
        fixes
            .map(|fix| fix.evidence(place.outside_m(fix.point)))
            .collect()
    }
}
