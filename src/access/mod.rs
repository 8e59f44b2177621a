//! Who may do what: roles, the one table of what each may do, whom each may see, and the tokens that
//! programs and people show.
//!
//! Architecture invariant: pure but for the drawing of a token's secret. Nothing here reads the store or
//! the clock; `web` asks it before every answer.

mod caller;
mod facts;
mod role;
mod rules;
mod scope;
mod token;

#[cfg(test)]
mod tests;

pub use caller::Caller;
pub use facts::Facts;
pub use role::{Area, Role, RoleError};
pub use rules::{Action, Denied, may};
pub use scope::{SPECIALS_FLAGS, SPECIALS_QUEUE, Scope, Whose};
pub use token::{SecretHash, Token, TokenError, TokenId, TokenRecord};
