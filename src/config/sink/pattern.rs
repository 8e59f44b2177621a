//! Which queues.

use std::fmt;

use model::Recipient;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name of a queue, `police/*` for all whose name begins with `police/`, or `*` for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QueuePattern {
    /// What a name begins with, or is.
    text: String,
    /// Whether anything may follow.
    open: bool,
}

/// Why a text names no queues.
#[derive(Debug, Error)]
#[error("{text:?} is no queue, no group of queues such as police/*, and not *")]
pub struct PatternError {
    text: String,
}

impl QueuePattern {
    /// Whether it is about that queue.
    #[must_use]
    pub fn matches(&self, queue: &Recipient) -> bool {
        self.covers(queue.as_str())
    }

    /// Whether a queue could match both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.covers(&other.text) || other.covers(&self.text)
    }

    fn covers(&self, name: &str) -> bool {
        if self.open {
            name.starts_with(&self.text)
        } else {
            name == self.text
        }
    }
}

impl TryFrom<String> for QueuePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        let known = |name: &str| Recipient::new(name).is_ok();
        match text.strip_suffix('*') {
            Some("") => Ok(Self {
                text: String::new(),
                open: true,
            }),
            Some(group) if group.strip_suffix('/').is_some_and(known) => Ok(Self {
                text: group.to_owned(),
                open: true,
            }),
            None if known(&text) => Ok(Self { text, open: false }),
            Some(_) | None => Err(PatternError { text }),
        }
    }
}

impl From<QueuePattern> for String {
    fn from(pattern: QueuePattern) -> Self {
        pattern.to_string()
    }
}

impl fmt::Display for QueuePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.open { "*" } else { "" };
        write!(f, "{}{star}", self.text)
    }
}
