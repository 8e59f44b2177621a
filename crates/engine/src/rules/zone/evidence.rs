//! The numbers that decisions about zones show.

use model::{Evidence, FixEvidence, Timestamp, ZoneEvidence};

use super::{Scene, Standing, Track, ZoneRule};
use crate::sequential::Sum;
use crate::trail::hundredths;

/// Evidence in the making.
pub(super) struct Told(pub(super) ZoneEvidence);

impl Told {
    pub(super) fn in_force_from(mut self, from: Option<Timestamp>) -> Self {
        self.0.in_force_from = from;
        self
    }
}

impl ZoneRule {
    /// Of a breach, from the sum that led to it.
    pub(super) fn evidence(&self, track: &Track, scene: &Scene<'_>) -> Told {
        let basis = Sum {
            onset: track.test.since,
            ..track.test.basis
        };
        self.tell(track, &basis, scene.threshold(), scene)
    }

    /// Of what may be one, from the sum so far.
    pub(super) fn possible_evidence(&self, track: &Track, scene: &Scene<'_>) -> Told {
        self.tell(
            track,
            &track.test.up,
            scene.policy.zone.possible_score,
            scene,
        )
    }

    /// Of the end of `breach`, from the mirror sum.
    pub(super) fn exit_evidence(
        &self,
        track: &Track,
        breach: &Standing,
        scene: &Scene<'_>,
    ) -> Evidence {
        let Told(mut told) = self.evidence(track, scene);
        let (onset, left) = (breach.episode.onset, track.test.since);
        told.deepest_m = told.deepest_m.max(breach.told.deepest_m);
        told.in_force_from = breach.told.in_force_from;
        told.ended = Some(left.max(onset));
        told.note = (left <= onset)
            .then(|| "later fixes show that it had ended before the duty began".to_owned());
        Evidence::Zone(told)
    }

    fn tell(&self, track: &Track, sum: &Sum, threshold: f64, scene: &Scene<'_>) -> Told {
        let fixes = scene.trail.since(sum.onset).filter_map(|fix| {
            let distance_m = self.plan.violation(track, fix.point)?;
            Some(fix.evidence(distance_m))
        });
        let fixes: Vec<FixEvidence> = fixes.collect();
        Told(ZoneEvidence {
            policy: scene.policy.version.clone(),
            zone: track.zone.clone(),
            score: hundredths(sum.score),
            threshold: hundredths(threshold),
            fixes_used: sum.fixes,
            deepest_m: hundredths(sum.deepest_m),
            sigma_m: fixes.last().map_or(0.0, |fix| fix.sigma_m),
            cadence_s: scene.pace.cadence_s,
            in_force_from: None,
            ended: None,
            note: None,
            fixes,
        })
    }
}
