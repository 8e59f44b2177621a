//! Thresholds of device events.

use serde::{Deserialize, Serialize};

/// Thresholds of device events. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceRules {
    /// Seconds that a trouble must stay put right before its episode ends.
    pub settle_s: u32,
    /// A charge of so many per cent or less is low.
    pub battery_low_pct: u8,
    /// A charge of so many per cent or more is low no longer.
    pub battery_recovered_pct: u8,
}

impl Default for DeviceRules {
    fn default() -> Self {
        Self {
            settle_s: 1800,
            battery_low_pct: 20,
            battery_recovered_pct: 30,
        }
    }
}
