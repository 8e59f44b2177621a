//! Thresholds of curfews.

use serde::{Deserialize, Serialize};

/// Thresholds of curfews. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CurfewRules {
    /// Seconds of absence let pass.
    pub grace_s: u32,
    /// Seconds of not knowing that are let pass, on top of the upload interval.
    pub silence_margin_s: u32,
}

impl Default for CurfewRules {
    fn default() -> Self {
        Self {
            grace_s: 900,
            silence_margin_s: 1800,
        }
    }
}
