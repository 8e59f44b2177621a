//! What somebody is to an installation.

use std::fmt;
use std::str::FromStr;

use model::Recipient;
use thiserror::Error;

/// What somebody is to an installation. Written `operator`, `police/staffordshire`,
/// `desk/offender-managers/kent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The monitoring centre's own operators.
    Operator,
    /// A police force.
    Police(Area),
    /// A probation region.
    Probation(Area),
    /// Another recipient, who sees what their queue was told.
    Desk(Recipient),
    /// Who looks into what was done.
    Auditor,
    /// Who runs the installation.
    Admin,
}

/// A police force or a probation region, as it names a queue: `staffordshire`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area(String);

/// Why a text does not name a role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is not a role: operator, police/FORCE, probation/REGION, desk/QUEUE, auditor or admin"
)]
pub struct RoleError(String);

impl Area {
    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Role {
    /// The queue that is this role's own: what it may claim from.
    #[must_use]
    pub fn queue(&self) -> Option<Recipient> {
        match self {
            Self::Operator => Some(Recipient::operators()),
            Self::Police(_) | Self::Probation(_) => Recipient::new(self.to_string()).ok(),
            Self::Desk(queue) => Some(queue.clone()),
            Self::Auditor | Self::Admin => None,
        }
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let refuse = || RoleError(text.to_owned());
        let area = |name: &str| {
            // A queue of two parts: the area is the second.
            let whole = !name.contains('/') && Recipient::new(name).is_ok();
            whole.then(|| Area(name.to_owned())).ok_or_else(refuse)
        };
        match text.split_once('/') {
            None if text == "operator" => Ok(Self::Operator),
            None if text == "auditor" => Ok(Self::Auditor),
            None if text == "admin" => Ok(Self::Admin),
            Some(("police", force)) => area(force).map(Self::Police),
            Some(("probation", region)) => area(region).map(Self::Probation),
            Some(("desk", queue)) => {
                let queue = Recipient::new(queue).map_err(|_not_a_queue| refuse())?;
                Ok(Self::Desk(queue))
            }
            None | Some(_) => Err(refuse()),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Police(force) => write!(f, "police/{}", force.as_str()),
            Self::Probation(region) => write!(f, "probation/{}", region.as_str()),
            Self::Desk(queue) => write!(f, "desk/{queue}"),
            Self::Auditor => f.write_str("auditor"),
            Self::Admin => f.write_str("admin"),
        }
    }
}
