//! What people do about an alert: steps, each by somebody, at some time, for some reason.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AbsenceId, Contact, Recipient, Timestamp};

/// One step. Steps are never changed or taken back: a later one says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Counts the steps about an alert from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// By whom; `tagwatch` where nobody did anything in time.
    pub actor: String,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What.
    #[serde(flatten)]
    pub action: Action,
}

/// What somebody does about an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Somebody has it: nobody else need be told that nobody has.
    Acknowledge,
    /// A remark.
    Comment,
    /// An attempt to reach the wearer.
    Contact(Contact),
    /// What it was.
    Adjudicate {
        /// What it was.
        finding: Finding,
        /// The time for which the wearer is excused, where they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        excused: Option<Excused>,
    },
    /// Others are told by hand.
    Escalate {
        /// Whom.
        to: Vec<Recipient>,
    },
    /// Nobody had acknowledged it by its notify-by time, or by that of a rung of the ladder.
    Overdue {
        /// The rung of the policy's ladder that it goes up to, counted from 1; 0 where there is none left.
        rung: u32,
        /// Who is told there.
        to: Vec<Recipient>,
    },
    /// It is dealt with.
    Resolve {
        /// What came of it.
        outcome: Outcome,
    },
    /// It is not dealt with after all.
    Reopen,
}

impl Action {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Comment => "comment",
            Self::Contact(_) => "contact",
            Self::Adjudicate { .. } => "adjudicate",
            Self::Escalate { .. } => "escalate",
            Self::Overdue { .. } => "overdue",
            Self::Resolve { .. } => "resolve",
            Self::Reopen => "reopen",
        }
    }
}

/// What a breach is found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// They had a good reason.
    ReasonableExcuse,
    /// They had been allowed to.
    AuthorisedAbsence,
    /// They did not do it: the equipment says so wrongly.
    EquipmentFault,
    /// They had no good reason.
    Unreasonable,
}

impl Finding {
    /// Whether what happened is not held against the wearer.
    #[must_use]
    pub const fn excuses(self) -> bool {
        match self {
            Self::ReasonableExcuse | Self::AuthorisedAbsence | Self::EquipmentFault => true,
            Self::Unreasonable => false,
        }
    }

    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReasonableExcuse => "reasonable_excuse",
            Self::AuthorisedAbsence => "authorised_absence",
            Self::EquipmentFault => "equipment_fault",
            Self::Unreasonable => "unreasonable",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A time for which a wearer is excused: the absence that was registered for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excused {
    /// The absence.
    pub absence: AbsenceId,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// What came of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing had to be done.
    NoAction,
    /// There had been nothing to tell of.
    FalseAlert,
    /// The wearer was spoken to.
    Contacted,
    /// The wearer was warned.
    Warned,
    /// The equipment was seen to.
    EquipmentSeenTo,
    /// Reported as a breach to the court or the supervising authority.
    BreachReported,
    /// Recalled to prison.
    Recalled,
    /// Arrested.
    Arrested,
}

impl Outcome {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAction => "no_action",
            Self::FalseAlert => "false_alert",
            Self::Contacted => "contacted",
            Self::Warned => "warned",
            Self::EquipmentSeenTo => "equipment_seen_to",
            Self::BreachReported => "breach_reported",
            Self::Recalled => "recalled",
            Self::Arrested => "arrested",
        }
    }
}

/// Where the work on an alert stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has acknowledged it.
    #[default]
    New,
    /// Somebody has it.
    Acknowledged,
    /// It is dealt with.
    Resolved,
}

impl Stage {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

/// The work on an alert, after its newest step.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Triage {
    /// Where it stands.
    pub stage: Stage,
    /// How many steps there are.
    pub steps: u32,
    /// Who acknowledged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
    /// When they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Timestamp>,
    /// What it was found to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// The time for which the wearer is excused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excused: Option<Excused>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Whether the time by which somebody had to be told has passed with nobody acknowledging it.
    #[serde(default)]
    pub late: bool,
    /// The rung of the policy's ladder that it has come to; 0: none.
    #[serde(default)]
    pub rung: u32,
}

/// Who is told next when nobody acknowledges an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// Who is told.
    pub to: Vec<Recipient>,
    /// Seconds until the next rung, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_s: Option<u32>,
    /// The route whose ladder it is of.
    pub route: String,
}
