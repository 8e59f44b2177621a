//! The numbers that decisions about alcohol show.

use model::{
    AlcoholEvidence, AlcoholThresholds, DeviceId, Evidence, ObstructionEvidence, Timestamp,
};

use super::drinking::Drinking;
use super::sample::{Sample, round};
use super::wear::Blocked;
use super::{AlcoholRule, Scene};
use crate::policy::AlcoholRules;

/// What is said of an episode besides its own numbers.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) closed: Option<Timestamp>,
    pub(super) goes_on_from: Option<Timestamp>,
    pub(super) note: Option<String>,
}

impl AlcoholRule {
    pub(super) fn evidence(
        &self,
        drinking: &Drinking,
        device: &DeviceId,
        about: About,
        scene: &Scene<'_>,
    ) -> Evidence {
        let rules = &scene.policy.alcohol;
        let drop = about.closed.and_then(|_| drinking.drop_per_h(rules));
        Evidence::Alcohol(Box::new(AlcoholEvidence {
            policy: scene.policy.version.clone(),
            device: device.clone(),
            limit: self.plan.limit,
            thresholds: thresholds(rules, drinking.peak),
            readings_used: drinking.readings,
            peak: drinking.peak,
            peak_at: drinking.peak_at,
            run_readings: drinking.best.readings,
            run_span_s: drinking.best.span_s(),
            tail: drinking.tail.evidence(),
            closed: about.closed,
            drop_per_h: drop.map(round),
            plateau: drinking.plateau,
            ir: self.wear.newest.and_then(|newest| newest.ir),
            ir_baseline: self.wear.baseline.map(round),
            qualified: drinking.qualified.clone(),
            gap_s: drinking.gap_s,
            goes_on_from: about.goes_on_from,
            note: about.note,
            readings: drinking.shown.iter().map(Sample::evidence).collect(),
        }))
    }

    pub(super) fn obstruction_evidence(
        &self,
        blocked: Blocked,
        device: &DeviceId,
        (at, note): (Timestamp, Option<&str>),
        scene: &Scene<'_>,
    ) -> Evidence {
        let rules = &scene.policy.alcohol;
        let newest = self.wear.newest;
        let hold_s = match blocked.cause {
            model::AlcoholQualification::OffBody => rules.off_body_hold_s,
            model::AlcoholQualification::Obstruction | model::AlcoholQualification::Strap => {
                rules.ir_hold_s
            }
        };
        Evidence::Obstruction(ObstructionEvidence {
            policy: scene.policy.version.clone(),
            device: device.clone(),
            cause: blocked.cause,
            ir: newest.and_then(|newest| newest.ir),
            ir_baseline: self.wear.baseline.map(round),
            ir_band_pct: rules.ir_band_pct,
            out_s: at.seconds_since(blocked.since),
            hold_s,
            skin_c: newest.and_then(|newest| newest.skin_c),
            ambient_c: newest.and_then(|newest| newest.ambient_c),
            note: note.map(str::to_owned),
        })
    }
}

const fn thresholds(rules: &AlcoholRules, peak: i32) -> AlcoholThresholds {
    AlcoholThresholds {
        tac: rules.tac_threshold,
        run_readings: rules.run_readings,
        run_span_s: rules.run_span_s,
        tail_readings: rules.tail_readings,
        tail_span_s: rules.tail_span_s,
        fall_low_per_h: rules.fall_low_per_h,
        fall_high_per_h: rules.fall_high(peak),
        drop_max_per_h: rules.drop_max_per_h,
        gap_s: rules.gap_s,
    }
}
