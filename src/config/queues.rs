//! The recipients' queues.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// How notifications are handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueuesConfig {
    /// How often a notification is tried before it is given up: claims that were given back, or whose
    /// lease ran out. 20 take about a quarter of an hour: whatever still fails then is not about the
    /// line, and one that is not given up holds up all later ones about its wearer.
    pub attempts_max: NonZeroU32,
}

impl Default for QueuesConfig {
    fn default() -> Self {
        Self {
            attempts_max: NonZeroU32::MIN.saturating_add(19),
        }
    }
}
