//! The rules policy: every threshold, written by people in TOML.
//!
//! Defaults are the shipped file, `default.toml`, where each number stands with its unit and source.

mod alcohol;
mod attendance;
mod check_in;
mod cohort;
mod curfew;
mod device;
mod late;
mod oversight;
mod zone;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use alcohol::AlcoholRules;
pub use attendance::AttendanceRules;
pub use check_in::CheckInRules;
pub use cohort::{Cohort, Who};
pub(crate) use cohort::{Cohorts, Membership};
pub use curfew::CurfewRules;
pub use device::DeviceRules;
pub use late::LateRules;
pub use oversight::OversightRules;
pub use zone::ZoneRules;

/// Every threshold the engine compares a reading against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RulesPolicy {
    /// Names this policy in the evidence of every decision made under it.
    pub version: String,
    /// Validity of fixes, and zones.
    pub zone: ZoneRules,
    /// Curfews.
    pub curfew: CurfewRules,
    /// Attendance.
    pub attendance: AttendanceRules,
    /// Check-ins.
    pub check_in: CheckInRules,
    /// Alcohol.
    pub alcohol: AlcoholRules,
    /// What devices say happened to them.
    pub device: DeviceRules,
    /// Evidence that comes late.
    pub late: LateRules,
    /// Not being watched.
    pub oversight: OversightRules,
    /// Thresholds that differ for some, in order of preference.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cohort: Vec<Cohort>,
}

impl Default for RulesPolicy {
    fn default() -> Self {
        Self {
            version: "shipped-1".to_owned(),
            zone: ZoneRules::default(),
            curfew: CurfewRules::default(),
            attendance: AttendanceRules::default(),
            check_in: CheckInRules::default(),
            alcohol: AlcoholRules::default(),
            device: DeviceRules::default(),
            late: LateRules::default(),
            oversight: OversightRules::default(),
            cohort: Vec::new(),
        }
    }
}

/// Why a text is not a rules policy.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// Not TOML, an unknown field, or a value of the wrong type; names line and column.
    #[error(transparent)]
    Syntax(#[from] toml::de::Error),
    /// A cohort's thresholds cannot be: a field that there is not, or a number that no rule can work
    /// with.
    #[error("rules policy cohort {name:?}: {problem}")]
    Cohort {
        /// The cohort.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A number that no rule can work with.
    #[error("rules policy {field} = {value} {limit}")]
    Value {
        /// The field, with its table.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        limit: &'static str,
    },
}

impl RulesPolicy {
    /// The policy as shipped, with every number's unit and source in comments.
    pub const SHIPPED_TOML: &str = include_str!("default.toml");

    /// Reads a policy; fields that are left out keep their shipped value.
    ///
    /// # Errors
    /// When `text` is not TOML of this form (with line and column), or a number is one that no rule
    /// can work with.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text)?;
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), PolicyError> {
        self.check_numbers()?;
        Cohorts::of(self).map(|_| ())
    }

    fn check_numbers(&self) -> Result<(), PolicyError> {
        self.zone.check()?;
        self.curfew.check()?;
        self.check_in.check()?;
        self.alcohol.check()?;
        self.device.check()?;
        self.late.check()
    }
}

/// Refuses `value` unless it is finite and over nought.
fn positive(field: &'static str, value: f64) -> Result<(), PolicyError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(PolicyError::Value {
        field,
        value,
        limit: "must be over 0",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_the_default() {
        assert_eq!(
            RulesPolicy::parse(RulesPolicy::SHIPPED_TOML).unwrap(),
            RulesPolicy::default()
        );
    }

    #[test]
    fn the_shipped_file_names_every_field() {
        let file: toml::Table = RulesPolicy::SHIPPED_TOML.parse().unwrap();
        let all = toml::Table::try_from(RulesPolicy::default()).unwrap();
        for (table, fields) in &all {
            for field in fields.as_table().into_iter().flat_map(toml::Table::keys) {
                assert!(file[table].get(field).is_some(), "{table}.{field}");
            }
        }
    }

    #[test]
    fn what_is_left_out_keeps_its_shipped_value() {
        let policy = RulesPolicy::parse("version = \"x\"\n[zone]\nbreach_score = 9.0\n").unwrap();
        assert!(policy.zone.breach_score > 8.9);
        assert_eq!(policy.curfew, CurfewRules::default());
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_line() {
        let error = RulesPolicy::parse("[zone]\nbreach_scor = 9.0\n").unwrap_err();
        let text = error.to_string();
        assert!(text.contains("line 2"), "{text}");
        assert!(text.contains("breach_scor"), "{text}");
    }

    #[test]
    fn a_cohort_has_the_thresholds_of_everybody_but_for_those_it_names() {
        let policy = RulesPolicy::parse(
            "version = \"x\"\n[curfew]\nsilence_margin_s = 5\n\
             [[cohort]]\nname = \"hdc\"\nwhen = { hdc = true }\n[cohort.curfew]\ngrace_s = 60\n",
        )
        .unwrap();
        let cohorts = Cohorts::of(&policy).unwrap();
        let order = |hdc| -> model::registry::Order {
            serde_json::from_value(serde_json::json!({
                "id": "O-1", "wearer": "W-1", "type": "POST_RELEASE", "hdc": hdc,
                "from": "2026-01-01T00:00:00Z",
            }))
            .unwrap()
        };
        let of = |hdc| {
            let membership = cohorts.membership(&order(hdc), &crate::wearer::Profile::default());
            cohorts.policy(membership, &policy)
        };
        assert_eq!(of(true).curfew.grace_s, 60);
        assert_eq!(of(true).curfew.silence_margin_s, 5);
        assert_eq!(of(true).version, "x/hdc");
        assert_eq!(of(false), &policy);
    }

    #[test]
    fn what_is_wrong_with_a_cohort_is_said_with_its_name() {
        for (text, wanted) in [
            ("[cohort.curfew]\ngrace = 1", "unknown field `grace`"),
            ("[cohort.zone]\nsigma_floor_m = 3.0", "what a fix is worth"),
            ("[cohort.zone]\nbreach_score = -1.0", "must be"),
            ("[cohort.device]\nsettle_s = 1", "unknown field `device`"),
        ] {
            let text = format!("[[cohort]]\nname = \"night\"\n{text}\n");
            let error = RulesPolicy::parse(&text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn numbers_that_no_rule_can_work_with_are_refused() {
        for text in [
            "sigma_floor_m = 0.0",
            "epsilon = 0.5",
            "breach_score = -1.0",
            "weight_full_s = 0",
            "possible_score = 8.0",
            "speed_max_mps = nan",
        ] {
            assert!(
                RulesPolicy::parse(&format!("[zone]\n{text}\n")).is_err(),
                "{text}"
            );
        }
    }
}
