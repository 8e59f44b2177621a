//! The numbers that decisions about curfews show.

use chrono::TimeDelta;
use model::{CurfewEvidence, Evidence, FixEvidence, ObservedAt, RfEvidence, Timestamp};

use super::unit::Unit;
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
        let (presence, since, source) = self.standing(scene);
        let fixes_from = absence.from.unwrap_or(since).min(since);
        Evidence::Curfew(CurfewEvidence {
            policy: scene.policy.version.clone(),
            place: self.place.clone(),
            radius_m: self.plan.place.as_ref().map_or(0.0, |place| place.radius_m),
            window_start: absence.span.start,
            window_end: absence.span.end,
            presence,
            presence_since: (since > Timestamp::default()).then_some(since),
            absent_from: absence.from,
            absent_to: absence.to,
            absent_s: absence.length.num_seconds(),
            grace_s: scene.policy.curfew.grace_s,
            source,
            rf: self.rf_evidence(),
            last_observed_at: self.last_observed(scene).map(ObservedAt),
            note,
            fixes: self.fixes_since(fixes_from, scene),
        })
    }

    /// What the home unit heard last says.
    pub(super) fn rf_evidence(&self) -> Option<RfEvidence> {
        self.units.newest().and_then(Unit::evidence)
    }

    /// When the newest reading about it was observed.
    pub(super) fn last_observed(&self, scene: &Scene<'_>) -> Option<Timestamp> {
        let heard = self.units.newest().map(Unit::newest);
        heard.max(scene.trail.last().map(|fix| fix.at))
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
