//! What orders of HMPPS leave open, and an installation has to settle.

use model::registry::TimeOfDay;
use serde::{Deserialize, Serialize};

/// What orders of the Create an Electronic Monitoring Order service leave open. Each use of one is told at
/// the import. All of them are policy: none is the law's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HmppsConfig {
    /// The police force, as it names a queue, of wearers whose order names none. Without it, what is
    /// for their police goes to the operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub police_force: Option<String>,
    /// The greatest transdermal concentration, in mg/100 mL, under an order that limits alcohol without
    /// saying to what.
    pub alcohol_peak_mg_per_100ml: u32,
    /// How many times a day a non-fitted device asks its wearer to check in.
    pub prompts_per_day: u8,
    /// The local hours within which it asks.
    pub prompts_between: (TimeOfDay, TimeOfDay),
    /// Seconds within which an answer is due.
    pub answer_within_s: u32,
}

impl HmppsConfig {
    /// The same, as the translation takes it.
    #[must_use]
    pub fn settings(&self) -> hmpps::Settings {
        hmpps::Settings {
            police_force: self.police_force.clone(),
            alcohol_peak_mg_per_100ml: self.alcohol_peak_mg_per_100ml,
            prompts_per_day: self.prompts_per_day,
            prompts_between: self.prompts_between,
            answer_within_s: self.answer_within_s,
        }
    }
}

impl Default for HmppsConfig {
    fn default() -> Self {
        let hmpps::Settings {
            police_force,
            alcohol_peak_mg_per_100ml,
            prompts_per_day,
            prompts_between,
            answer_within_s,
        } = hmpps::Settings::default();
        Self {
            police_force,
            alcohol_peak_mg_per_100ml,
            prompts_per_day,
            prompts_between,
            answer_within_s,
        }
    }
}
