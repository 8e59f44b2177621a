//! Alerts and recipients: who is told, and how urgently.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How urgent an alert is. Ordered: `Critical` is the greatest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For the record.
    Low,
    /// To be looked at in working hours.
    #[default]
    Medium,
    /// To be looked at now.
    High,
    /// Somebody may be in danger.
    Critical,
}

impl Severity {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Where the episode behind an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// The breach goes on.
    Open,
    /// The breach has ended; the alert stays on the list until somebody deals with it.
    Cleared,
    /// Later evidence showed that there was no breach.
    Withdrawn,
}

impl AlertState {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cleared => "cleared",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Why a text does not name a recipient's queue.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not a recipient: lower-case letters, digits and '-' in one or two parts joined by '/'"
)]
pub struct RecipientError(String);

/// A recipient, and so the name of their queue: `police/staffordshire`, `operators`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(String);

impl Recipient {
    /// Takes the name of a queue.
    ///
    /// # Errors
    /// When it is not one or two parts of lower-case letters, digits and `-`.
    pub fn new(text: impl Into<String>) -> Result<Self, RecipientError> {
        let text = text.into();
        let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let good = |part: &str| !part.is_empty() && part.len() <= 64 && part.bytes().all(letter);
        if text.split('/').count() <= 2 && text.split('/').all(good) {
            return Ok(Self(text));
        }
        Err(RecipientError(text))
    }

    /// The monitoring centre's own operators, who get what nobody else takes.
    #[must_use]
    pub fn operators() -> Self {
        Self("operators".to_owned())
    }

    /// The name of the queue.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Recipient {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        Self::new(text)
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_one_or_two_plain_parts() {
        for good in [
            "operators",
            "police/staffordshire",
            "probation/west-midlands",
        ] {
            assert!(Recipient::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "police/",
            "/x",
            "a/b/c",
            "Police/x",
            "police/{police_force}",
            "a b",
        ] {
            assert!(Recipient::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn critical_is_the_greatest_severity() {
        assert!(Severity::Critical > Severity::High && Severity::Low < Severity::Medium);
    }
}
