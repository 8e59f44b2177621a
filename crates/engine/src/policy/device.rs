//! Thresholds of what devices say happened to them, and of not hearing from them.

use serde::{Deserialize, Serialize};

use super::{PolicyError, positive};

/// Thresholds of devices' health. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceRules {
    /// Seconds that a trouble must stay put right before its episode ends.
    pub settle_s: u32,
    /// A charge of so many per cent or less is low.
    pub battery_low_pct: u8,
    /// A charge of so many per cent or more is low no longer.
    pub battery_recovered_pct: u8,
    /// A battery that is low is to be charged within so many seconds.
    pub charge_within_s: u32,
    /// So many failures to do so within the period are told.
    pub charge_failures: u32,
    /// That period, in seconds.
    pub charge_period_s: u32,
    /// Seconds for which a home unit's mains must be lost to be told of.
    pub mains_delay_s: u32,
    /// Seconds waited for an upload beyond the device's interval.
    pub contact_margin_s: u32,
    /// Seconds waited for a fix beyond the device's interval, while it is in contact.
    pub fix_margin_s: u32,
}

impl DeviceRules {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        positive("device.charge_failures", self.charge_failures.into())
    }
}

impl Default for DeviceRules {
    fn default() -> Self {
        Self {
            settle_s: 1800,
            battery_low_pct: 20,
            battery_recovered_pct: 30,
            charge_within_s: 14_400,
            charge_failures: 2,
            charge_period_s: 604_800,
            mains_delay_s: 300,
            contact_margin_s: 3600,
            fix_margin_s: 21_600,
        }
    }
}
