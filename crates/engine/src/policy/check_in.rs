//! Thresholds of check-ins.

use serde::{Deserialize, Serialize};

use super::{PolicyError, positive};

/// Thresholds of check-ins. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckInRules {
    /// Seconds waited for an answer to arrive after the last moment to give it.
    pub answer_margin_s: u32,
    /// Seconds after that moment during which an answer still counts as late evidence.
    pub late_answer_s: u32,
    /// Per cent of its share of the day within which a prompt may fall.
    pub jitter_percent: u32,
    /// Makes the times of prompts this installation's own.
    pub prompt_seed: u32,
}

impl Default for CheckInRules {
    fn default() -> Self {
        Self {
            answer_margin_s: 300,
            late_answer_s: 86_400,
            jitter_percent: 75,
            prompt_seed: 0,
        }
    }
}

impl CheckInRules {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let jitter = f64::from(self.jitter_percent);
        positive("check_in.jitter_percent", jitter)?;
        if self.jitter_percent > 100 {
            return Err(PolicyError::Value {
                field: "check_in.jitter_percent",
                value: jitter,
                limit: "must be 100 at most",
            });
        }
        if self.late_answer_s < self.answer_margin_s {
            return Err(PolicyError::Value {
                field: "check_in.late_answer_s",
                value: f64::from(self.late_answer_s),
                limit: "must not be under answer_margin_s",
            });
        }
        Ok(())
    }
}
