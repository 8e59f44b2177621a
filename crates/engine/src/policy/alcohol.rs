//! Thresholds of alcohol.

use serde::{Deserialize, Serialize};

use super::{PolicyError, positive};

/// Thresholds of alcohol. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlcoholRules {
    /// THR, mg/100 mL: readings from here on count.
    pub tac_threshold: i32,
    /// mg/100 mL: a lower reading is a sensor's fault.
    pub tac_min: i32,
    /// mg/100 mL: a higher reading is a sensor's fault.
    pub tac_max: i32,
    /// RUN_N: readings of a sustained run.
    pub run_readings: u32,
    /// RUN_SPAN, seconds.
    pub run_span_s: u32,
    /// CLOSE_BELOW, readings.
    pub close_readings: u32,
    /// CLOSE_BELOW, seconds.
    pub close_span_s: u32,
    /// BUMP at least, mg/100 mL.
    pub bump_min: f64,
    /// BUMP as a share of the tail's last reading.
    pub bump_share: f64,
    /// TAIL_MIN, readings.
    pub tail_readings: u32,
    /// TAIL_MIN, seconds.
    pub tail_span_s: u32,
    /// FALL_LO, mg/100 mL an hour.
    pub fall_low_per_h: f64,
    /// FALL_HI, mg/100 mL an hour.
    pub fall_high_per_h: f64,
    /// FALL_HI from a high peak, mg/100 mL an hour.
    pub fall_high_peak_per_h: f64,
    /// The peak from which that holds, mg/100 mL.
    pub high_peak: i32,
    /// ENV_FALL, mg/100 mL an hour.
    pub drop_max_per_h: f64,
    /// Seconds of a plateau.
    pub plateau_s: u32,
    /// GAP, seconds.
    pub gap_s: u32,
    /// MERGE, seconds.
    pub merge_s: u32,
    /// Readings that make the first infra-red baseline.
    pub ir_baseline_readings: u32,
    /// Weight of a reading in the infra-red baseline.
    pub ir_alpha: f64,
    /// IR_DEV, per cent of the baseline.
    pub ir_band_pct: f64,
    /// IR_HOLD, seconds.
    pub ir_hold_s: u32,
    /// °C between skin and air off the body.
    pub off_body_c: f64,
    /// Seconds of it.
    pub off_body_hold_s: u32,
    /// Seconds between uploads at most.
    pub upload_s: u32,
    /// Seconds that an upload may be late.
    pub upload_margin_s: u32,
    /// Seconds without a reading.
    pub silence_s: u32,
}

impl Default for AlcoholRules {
    fn default() -> Self {
        Self {
            tac_threshold: 20,
            tac_min: 0,
            tac_max: 600,
            run_readings: 3,
            run_span_s: 3300,
            close_readings: 2,
            close_span_s: 2700,
            bump_min: 10.0,
            bump_share: 0.25,
            tail_readings: 3,
            tail_span_s: 3600,
            fall_low_per_h: 2.0,
            fall_high_per_h: 25.0,
            fall_high_peak_per_h: 35.0,
            high_peak: 150,
            drop_max_per_h: 100.0,
            plateau_s: 21_600,
            gap_s: 9000,
            merge_s: 10_800,
            ir_baseline_readings: 6,
            ir_alpha: 0.02,
            ir_band_pct: 12.0,
            ir_hold_s: 28_800,
            off_body_c: 1.0,
            off_body_hold_s: 7200,
            upload_s: 86_400,
            upload_margin_s: 7200,
            silence_s: 172_800,
        }
    }
}

impl AlcoholRules {
    /// The fastest fall of elimination from `peak`.
    pub(crate) const fn fall_high(&self, peak: i32) -> f64 {
        if peak < self.high_peak {
            self.fall_high_per_h
        } else {
            self.fall_high_peak_per_h
        }
    }

    pub(super) fn check(&self) -> Result<(), PolicyError> {
        for (field, value) in [
            ("alcohol.tac_threshold", f64::from(self.tac_threshold)),
            ("alcohol.run_readings", f64::from(self.run_readings)),
            ("alcohol.close_readings", f64::from(self.close_readings)),
            ("alcohol.bump_min", self.bump_min),
            ("alcohol.bump_share", self.bump_share),
            ("alcohol.tail_readings", f64::from(self.tail_readings)),
            ("alcohol.fall_low_per_h", self.fall_low_per_h),
            ("alcohol.fall_high_per_h", self.fall_high_per_h),
            ("alcohol.fall_high_peak_per_h", self.fall_high_peak_per_h),
            ("alcohol.drop_max_per_h", self.drop_max_per_h),
            ("alcohol.gap_s", f64::from(self.gap_s)),
            (
                "alcohol.ir_baseline_readings",
                f64::from(self.ir_baseline_readings),
            ),
            ("alcohol.ir_alpha", self.ir_alpha),
            ("alcohol.ir_band_pct", self.ir_band_pct),
            ("alcohol.off_body_c", self.off_body_c),
            ("alcohol.upload_s", f64::from(self.upload_s)),
            ("alcohol.silence_s", f64::from(self.silence_s)),
        ] {
            positive(field, value)?;
        }
        self.check_order()
    }

    fn check_order(&self) -> Result<(), PolicyError> {
        let wrong = |field, value, limit| {
            Err(PolicyError::Value {
                field,
                value,
                limit,
            })
        };
        if self.tac_max <= self.tac_threshold {
            let value = f64::from(self.tac_max);
            return wrong("alcohol.tac_max", value, "must be over tac_threshold");
        }
        if self.tac_min > self.tac_threshold {
            let value = f64::from(self.tac_min);
            return wrong("alcohol.tac_min", value, "must not be over tac_threshold");
        }
        if self.fall_low_per_h >= self.fall_high_per_h {
            let value = self.fall_low_per_h;
            return wrong(
                "alcohol.fall_low_per_h",
                value,
                "must be under fall_high_per_h",
            );
        }
        if self.ir_alpha > 1.0 {
            return wrong("alcohol.ir_alpha", self.ir_alpha, "must not be over 1");
        }
        Ok(())
    }
}
