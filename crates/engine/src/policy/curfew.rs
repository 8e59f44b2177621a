//! Thresholds of curfews.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::PolicyError;

/// Thresholds of curfews. Units and sources stand in the shipped file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CurfewRules {
    /// Seconds of absence let pass.
    pub grace_s: u32,
    /// Seconds of not knowing that are let pass, on top of the upload interval.
    pub silence_margin_s: u32,
    /// A home unit not heard for so many times its cadence says nothing any more.
    pub rf_silent_cadences: u32,
    /// The same, in seconds, at least.
    pub rf_silent_min_s: u32,
    /// Minutes out of curfew that may be used up in a period; nought for no budget.
    pub atv_budget_min: u32,
    /// Per cent of the budget at which it is warned of; nought for no warning.
    pub atv_warning_pct: u32,
    /// Local days to a period; nought for the whole condition.
    pub atv_period_days: u32,
    /// Whether only orders of home detention curfew have a budget.
    pub atv_hdc_only: bool,
}

impl Default for CurfewRules {
    fn default() -> Self {
        Self {
            grace_s: 900,
            silence_margin_s: 1800,
            rf_silent_cadences: 5,
            rf_silent_min_s: 1800,
            atv_budget_min: 120,
            atv_warning_pct: 75,
            atv_period_days: 0,
            atv_hdc_only: true,
        }
    }
}

impl CurfewRules {
    /// Seconds after which a home unit that plans to report every `cadence_s` has fallen silent.
    #[must_use]
    pub fn rf_silent_s(&self, cadence_s: u32) -> u32 {
        self.rf_silent_min_s
            .max(self.rf_silent_cadences.saturating_mul(cadence_s))
    }

    /// Time out of curfew that an order may use up in a period, if it has a budget.
    #[must_use]
    pub fn atv_budget(&self, hdc: bool) -> Option<TimeDelta> {
        let has_one = self.atv_budget_min > 0 && (hdc || !self.atv_hdc_only);
        has_one.then(|| TimeDelta::minutes(i64::from(self.atv_budget_min)))
    }

    /// Time out of curfew at which it is warned of, if it is.
    #[must_use]
    pub fn atv_warning(&self, hdc: bool) -> Option<TimeDelta> {
        let budget = self.atv_budget(hdc).filter(|_| self.atv_warning_pct > 0)?;
        let ms = budget.num_milliseconds() * i64::from(self.atv_warning_pct) / 100;
        Some(TimeDelta::milliseconds(ms))
    }

    pub(super) fn check(&self) -> Result<(), PolicyError> {
        if self.atv_warning_pct < 100 {
            return Ok(());
        }
        Err(PolicyError::Value {
            field: "curfew.atv_warning_pct",
            value: f64::from(self.atv_warning_pct),
            limit: "must be under 100",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_for_home_detention_curfew_unless_the_policy_says_all() {
        let shipped = CurfewRules::default();
        assert_eq!(shipped.atv_budget(true), Some(TimeDelta::minutes(120)));
        assert_eq!(shipped.atv_warning(true), Some(TimeDelta::minutes(90)));
        assert_eq!(
            (shipped.atv_budget(false), shipped.atv_warning(false)),
            (None, None)
        );
        let all = CurfewRules {
            atv_hdc_only: false,
            atv_warning_pct: 0,
            ..shipped
        };
        assert_eq!(all.atv_budget(false), Some(TimeDelta::minutes(120)));
        assert_eq!(all.atv_warning(false), None);
    }

    #[test]
    fn a_warning_at_or_over_the_budget_is_refused() {
        let rules = CurfewRules {
            atv_warning_pct: 100,
            ..CurfewRules::default()
        };
        assert!(rules.check().is_err());
    }
}
