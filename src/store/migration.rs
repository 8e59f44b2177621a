//! How a schema gets from one release to the next.

/// A step of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its number and name: `V1__first_tables`.
    pub name: String,
    /// What it runs.
    pub sql: String,
}
