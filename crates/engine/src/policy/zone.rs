//! Thresholds of fixes and zones.

use model::FixSource;
use serde::{Deserialize, Serialize};

use super::{PolicyError, positive};

/// Thresholds of fixes and zones. Sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZoneRules {
    /// Seconds into the future that a reading may be observed at.
    pub future_max_s: u32,
    /// Least standard deviation of a fix, in metres.
    pub sigma_floor_m: f64,
    /// Standard deviations within the radius claimed by satellite fixes.
    pub accuracy_k_gps: f64,
    /// Standard deviations within the radius claimed by radio beacon fixes.
    pub accuracy_k_rf: f64,
    /// Standard deviations within the radius claimed by wireless network fixes.
    pub accuracy_k_wifi: f64,
    /// Standard deviation in metres where no radius is claimed.
    pub sigma_unclaimed_m: f64,
    /// Least standard deviation in metres under a poor sky.
    pub sigma_poor_m: f64,
    /// Dilution of precision over which the sky is poor.
    pub hdop_poor: f64,
    /// Satellites under which the sky is poor.
    pub satellites_min: u8,
    /// Claimed radius in metres over which a fix is no evidence.
    pub coarse_over_m: f64,
    /// Speed in metres a second that nobody on the ground exceeds.
    pub speed_max_mps: f64,
    /// Age in seconds of the fix up to which speed is judged.
    pub speed_window_s: u32,
    /// Standard deviations within which a fix agrees with one held back.
    pub agree_sigmas: f64,
    /// Cadences without a fix after which the whereabouts are unknown.
    pub gap_cadences: u32,
    /// Least seconds without a fix after which the whereabouts are unknown.
    pub gap_min_s: u32,
    /// Share of fixes that are wrong altogether, each way.
    pub epsilon: f64,
    /// Seconds between fixes from which each counts in full.
    pub weight_full_s: u32,
    /// Sum of evidence for "possible".
    pub possible_score: f64,
    /// Sum of evidence for a breach, and for its end.
    pub breach_score: f64,
    /// The same for devices of a long cadence.
    pub breach_score_sparse: f64,
    /// Cadence in seconds over which the latter holds.
    pub sparse_cadence_s: u32,
    /// Seconds between two fixes up to which a crossing is concluded.
    pub transit_window_s: u32,
    /// Standard deviations that a crossing must run deep.
    pub transit_sigmas: f64,
    /// Cadences for which what is known stays so at the start of a duty.
    pub fresh_cadences: u32,
    /// Least seconds for which what is known stays so at the start of a duty.
    pub fresh_min_s: u32,
    /// Seconds after a duty's end, on top of the upload interval, at which it is closed.
    pub close_margin_s: u32,
    /// Seconds of not knowing that are let pass, on top of the upload interval.
    pub silence_margin_s: u32,
}

impl Default for ZoneRules {
    fn default() -> Self {
        Self {
            future_max_s: 60,
            sigma_floor_m: 15.0,
            accuracy_k_gps: 1.51,
            accuracy_k_rf: 1.51,
            accuracy_k_wifi: 1.51,
            sigma_unclaimed_m: 20.0,
            sigma_poor_m: 50.0,
            hdop_poor: 6.0,
            satellites_min: 4,
            coarse_over_m: 150.0,
            speed_max_mps: 85.0,
            speed_window_s: 120,
            agree_sigmas: 3.0,
            gap_cadences: 5,
            gap_min_s: 600,
            epsilon: 0.02,
            weight_full_s: 60,
            possible_score: 3.5,
            breach_score: 7.0,
            breach_score_sparse: 10.0,
            sparse_cadence_s: 120,
            transit_window_s: 120,
            transit_sigmas: 2.0,
            fresh_cadences: 2,
            fresh_min_s: 120,
            close_margin_s: 1800,
            silence_margin_s: 1800,
        }
    }
}

impl ZoneRules {
    /// The sum of evidence that concludes a breach, or its end, for a device of this cadence.
    #[must_use]
    pub const fn threshold(&self, cadence_s: u32) -> f64 {
        if cadence_s <= self.sparse_cadence_s {
            self.breach_score
        } else {
            self.breach_score_sparse
        }
    }

    /// The numbers that say what a fix is worth and not how evidence is compared, the others as shipped:
    /// a wearer has one trail, whatever their orders.
    pub(super) fn worth_of_a_fix(&self) -> Self {
        let shipped = Self::default();
        Self {
            epsilon: shipped.epsilon,
            possible_score: shipped.possible_score,
            breach_score: shipped.breach_score,
            breach_score_sparse: shipped.breach_score_sparse,
            sparse_cadence_s: shipped.sparse_cadence_s,
            transit_window_s: shipped.transit_window_s,
            transit_sigmas: shipped.transit_sigmas,
            fresh_cadences: shipped.fresh_cadences,
            fresh_min_s: shipped.fresh_min_s,
            close_margin_s: shipped.close_margin_s,
            ..self.clone()
        }
    }

    /// Seconds without a fix after which the whereabouts are unknown.
    #[must_use]
    pub fn gap_s(&self, cadence_s: u32) -> u32 {
        self.gap_min_s
            .max(self.gap_cadences.saturating_mul(cadence_s))
    }

    /// Seconds for which what is known is taken as still true at the start of a duty.
    #[must_use]
    pub fn fresh_s(&self, cadence_s: u32) -> u32 {
        self.fresh_min_s
            .max(self.fresh_cadences.saturating_mul(cadence_s))
    }

    /// Standard deviations within a claimed radius; nothing for sources that are never a point.
    #[must_use]
    pub const fn accuracy_k(&self, source: FixSource) -> Option<f64> {
        match source {
            FixSource::Gps => Some(self.accuracy_k_gps),
            FixSource::Rf => Some(self.accuracy_k_rf),
            FixSource::Wifi => Some(self.accuracy_k_wifi),
            FixSource::Lbs => None,
        }
    }

    pub(super) fn check(&self) -> Result<(), PolicyError> {
        for (field, value) in [
            ("zone.sigma_floor_m", self.sigma_floor_m),
            ("zone.accuracy_k_gps", self.accuracy_k_gps),
            ("zone.accuracy_k_rf", self.accuracy_k_rf),
            ("zone.accuracy_k_wifi", self.accuracy_k_wifi),
            ("zone.sigma_unclaimed_m", self.sigma_unclaimed_m),
            ("zone.sigma_poor_m", self.sigma_poor_m),
            ("zone.hdop_poor", self.hdop_poor),
            ("zone.coarse_over_m", self.coarse_over_m),
            ("zone.speed_max_mps", self.speed_max_mps),
            ("zone.agree_sigmas", self.agree_sigmas),
            ("zone.epsilon", self.epsilon),
            ("zone.weight_full_s", f64::from(self.weight_full_s)),
            ("zone.gap_min_s", f64::from(self.gap_min_s)),
            ("zone.possible_score", self.possible_score),
            ("zone.breach_score", self.breach_score),
            ("zone.breach_score_sparse", self.breach_score_sparse),
            ("zone.transit_sigmas", self.transit_sigmas),
        ] {
            positive(field, value)?;
        }
        self.check_order()
    }

    fn check_order(&self) -> Result<(), PolicyError> {
        if self.epsilon >= 0.5 {
            return Err(PolicyError::Value {
                field: "zone.epsilon",
                value: self.epsilon,
                limit: "must be under 0.5, or a fix says nothing",
            });
        }
        let least = self.breach_score.min(self.breach_score_sparse);
        if self.possible_score >= least {
            return Err(PolicyError::Value {
                field: "zone.possible_score",
                value: self.possible_score,
                limit: "must be under the breach scores",
            });
        }
        Ok(())
    }
}
