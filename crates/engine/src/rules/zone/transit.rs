//! Crossings: two fixes outside an exclusion zone whose straight line runs through it.

use geometry::distance;
use model::{DecisionKind, Evidence, Metres, TransitEvidence};

use super::{Scene, ZoneRule};
use crate::trail::{Fix, Step, at_most_m, hundredths};
use crate::windows::Span;

impl ZoneRule {
    /// Tells operators of a crossing; never a breach, for nobody was seen inside.
    pub(super) fn judge_transit(&mut self, step: &Step, span: Span, scene: &mut Scene<'_>) {
        let Some(before) = step.before.filter(|before| span.contains(before.at)) else {
            return;
        };
        let after = step.fix;
        let rules = &scene.policy.zone;
        let gap_s = after.at.seconds_since(before.at);
        let needed_m = rules.transit_sigmas * before.sigma_m.max(after.sigma_m);
        // A line that is somewhere so deep in a zone, with both its ends outside, is twice as long;
        // and a jump that nobody can make runs along no line.
        let far = |moved_m: f64| moved_m >= 2.0 * needed_m;
        if gap_s > f64::from(rules.transit_window_s) || !far(at_most_m(before.point, after.point)) {
            return;
        }
        let Metres(moved_m) = distance(before.point, after.point);
        if !far(moved_m) || moved_m > rules.speed_max_mps * gap_s {
            return;
        }
        for evidence in self.crossings(&before, &after, needed_m, scene) {
            let onset = before.at;
            let why = Evidence::Transit(evidence);
            scene.desk.fact(DecisionKind::TransitPossible, onset, why);
        }
    }

    fn crossings(
        &self,
        before: &Fix,
        after: &Fix,
        needed_m: f64,
        scene: &Scene<'_>,
    ) -> Vec<TransitEvidence> {
        let mut found = Vec::new();
        for areas in &self.plan.ground.sets {
            for index in areas.near_segment(before.point, after.point, Metres(0.0)) {
                let Some(area) = areas.get(index) else {
                    continue;
                };
                let [Metres(from_m), Metres(to_m)] =
                    [before, after].map(|fix| area.signed_distance(fix.point));
                if from_m > 0.0 || to_m > 0.0 || self.tells_of(area.id(), scene) {
                    continue;
                }
                let Metres(depth_m) = area.deepest_along(before.point, after.point);
                if depth_m > needed_m {
                    found.push(TransitEvidence {
                        policy: scene.policy.version.clone(),
                        zone: area.id().clone(),
                        before: before.evidence(from_m),
                        after: after.evidence(to_m),
                        depth_m: hundredths(depth_m),
                        depth_needed_m: hundredths(needed_m),
                        gap_s: hundredths(after.at.seconds_since(before.at)),
                    });
                }
            }
        }
        found
    }

    /// Whether the zone is in breach, or possibly so.
    fn tells_of(&self, zone: &model::ZoneId, scene: &Scene<'_>) -> bool {
        let possible = scene.policy.zone.possible_score;
        self.tracks.iter().any(|track| {
            track.zone == *zone
                && (track.matters() && track.test.up.score >= possible
                    || track.test.verdict == crate::sequential::Verdict::Violating)
        })
    }
}
