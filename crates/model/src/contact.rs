//! Attempts to reach a wearer about an alert.

use serde::{Deserialize, Serialize};

/// One attempt to reach the wearer: by which means, and who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How it was tried.
    pub means: Means,
    /// Who answered.
    pub answer: Answer,
}

/// How somebody tries to reach a wearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// By telephone.
    Call,
    /// At their door.
    Visit,
    /// In writing: a text message, or to the device they wear.
    Message,
}

impl Means {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Visit => "visit",
            Self::Message => "message",
        }
    }
}

/// Who answers when a wearer is tried to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The wearer.
    Wearer,
    /// Somebody else, such as who lives with them.
    SomebodyElse,
    /// Nobody.
    Nobody,
}

impl Answer {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wearer => "wearer",
            Self::SomebodyElse => "somebody_else",
            Self::Nobody => "nobody",
        }
    }
}
