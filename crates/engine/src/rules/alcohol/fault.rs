//! Readings that no body can give.

use model::{DecisionKind, Evidence, Reading, ReceivedAt, SensorFaultEvidence, Timestamp};
use serde::{Deserialize, Serialize};

use super::sample::Sample;
use super::{AlcoholRule, Scene};
use crate::Outcome;
use crate::episode::Episode;

/// An open episode of them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SensorFault {
    episode: Episode,
    evidence: SensorFaultEvidence,
    last: Timestamp,
}

impl SensorFault {
    pub(super) fn clear(self, note: &str, scene: &mut Scene<'_>) {
        let evidence = SensorFaultEvidence {
            note: Some(note.to_owned()),
            ..self.evidence
        };
        scene
            .desk
            .clear(self.episode, Evidence::SensorFault(evidence));
    }
}

impl AlcoholRule {
    /// Sets aside a reading that no body can give, which leaves everything else as it was; a later
    /// sane one ends the episode.
    pub(super) fn check_sensor(
        &mut self,
        reading: &Reading,
        sample: Sample,
        scene: &mut Scene<'_>,
    ) -> Option<Outcome> {
        let rules = &scene.policy.alcohol;
        let (min, max) = (rules.tac_min, rules.tac_max);
        if (min..=max).contains(&sample.tac) {
            if let Some(fault) = self.fault.take_if(|fault| fault.last < sample.at) {
                fault.clear("a reading in range again", scene);
            }
            return None;
        }
        if self
            .fault
            .as_ref()
            .is_some_and(|fault| sample.at <= fault.last)
        {
            return Some(Outcome::Duplicate);
        }
        if !self.in_force(sample.at) {
            return Some(Outcome::NotJudged);
        }
        self.count_fault(reading, sample, scene);
        let reason = format!("{} mg/100 mL is not between {min} and {max}", sample.tac);
        Some(Outcome::Invalid(reason))
    }

    fn count_fault(&mut self, reading: &Reading, sample: Sample, scene: &mut Scene<'_>) {
        let rules = &scene.policy.alcohol;
        let known = self.fault.as_ref().map_or(0, |fault| fault.evidence.count);
        let evidence = SensorFaultEvidence {
            policy: scene.policy.version.clone(),
            device: reading.report.device.clone(),
            tac: sample.tac,
            tac_min: rules.tac_min,
            tac_max: rules.tac_max,
            observed_at: reading.report.observed_at,
            received_at: ReceivedAt(scene.now()),
            count: known.saturating_add(1),
            note: None,
        };
        if let Some(fault) = &mut self.fault {
            fault.evidence = evidence;
            fault.last = sample.at;
            return;
        }
        let why = Evidence::SensorFault(evidence.clone());
        let episode = scene.desk.open(DecisionKind::SensorFault, sample.at, why);
        let last = sample.at;
        self.fault = Some(Box::new(SensorFault {
            episode,
            evidence,
            last,
        }));
    }
}
