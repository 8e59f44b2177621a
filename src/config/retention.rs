//! How long what is personal is kept.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Shorter than this is refused: late evidence is decided from readings of weeks ago, and a complaint
/// about a decision comes weeks after it.
const READINGS_DAYS_MIN: u16 = 42;

/// How long what is personal is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// Days after which readings, acknowledged notifications and dead letters are let go of, once a
    /// day; 0 keeps them for ever. How long is for the controller of the data to say: this default is
    /// a policy's, not the law's.
    pub readings_days: u16,
}

impl RetentionConfig {
    /// How long readings are kept; `None` for ever.
    #[must_use]
    pub fn readings(&self) -> Option<TimeDelta> {
        let days = self.readings_days;
        (days > 0).then(|| TimeDelta::days(days.max(READINGS_DAYS_MIN).into()))
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let days = self.readings_days;
        (days > 0 && days < READINGS_DAYS_MIN).then(|| {
            format!("retention.readings_days is {days}: take {READINGS_DAYS_MIN} or more, or 0")
        })
    }
}
