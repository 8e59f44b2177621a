//! Who asks.

use super::{Role, Scope, TokenId, TokenRecord, Whose};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token they showed; nothing where the installation asks for none.
    pub token: Option<TokenId>,
    /// The token's name.
    pub name: Option<String>,
    /// What they are; nothing where the installation asks for no token: then they may do everything.
    pub role: Option<Role>,
    /// Whether they may see the people whom only those named may see.
    pub specials: bool,
}

impl Caller {
    /// Anybody at all, of an installation that asks for no token.
    #[must_use]
    pub const fn anybody() -> Self {
        Self {
            token: None,
            name: None,
            role: None,
            specials: true,
        }
    }

    /// Whom they may see.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let whose = match &self.role {
            None | Some(Role::Operator | Role::Admin | Role::Auditor) => Whose::Everybody,
            Some(Role::Police(force)) => Whose::Police(force.clone()),
            Some(Role::Probation(region)) => Whose::Probation(region.clone()),
            Some(Role::Desk(queue)) => Whose::Told(queue.clone()),
        };
        Scope {
            whose,
            specials: self.specials,
        }
    }
}

impl From<&TokenRecord> for Caller {
    fn from(record: &TokenRecord) -> Self {
        Self {
            token: Some(record.id.clone()),
            name: Some(record.name.clone()),
            role: Some(record.role.clone()),
            specials: record.specials,
        }
    }
}
