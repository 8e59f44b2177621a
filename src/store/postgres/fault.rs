//! The server's errors in the store's words.

use tokio_postgres::error::SqlState;

use crate::store::StoreError;

/// What went wrong, for the caller to act on.
///
/// What may pass by itself (no connection, a full disk, a lock, a failover) is `Unavailable`; a
/// violated uniqueness is `Conflict`; what does not decode, or does not fit the schema, is `Corrupt`.
/// Says the server's message but never its detail, which quotes rows.
pub(super) fn of(error: &tokio_postgres::Error) -> StoreError {
    let Some(fault) = error.as_db_error() else {
        return undecodable(error).unwrap_or_else(|| StoreError::Unavailable(with_cause(error)));
    };
    let said = said(error);
    match Kind::of(fault.code()) {
        Kind::Conflict => StoreError::Conflict(said),
        Kind::Corrupt => StoreError::Corrupt(said),
        Kind::Unavailable => StoreError::Unavailable(said),
    }
}

/// The server's message and its code, or what kept it from being heard. Never its detail.
pub(super) fn said(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(fault) => format!("{} ({})", fault.message(), fault.code().code()),
        None => with_cause(error),
    }
}

/// What to do about an SQLSTATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unavailable,
    Conflict,
    Corrupt,
}

impl Kind {
    /// By its class, the first two characters (PostgreSQL, appendix A).
    fn of(code: &SqlState) -> Self {
        // Privileges and read-only servers are put right by people, not by giving up.
        if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            return Self::Unavailable;
        }
        match code.code().get(..2) {
            // integrity constraint violation
            Some("23") => Self::Conflict,
            // data exception; syntax error or access rule violation; data corrupted
            Some("22" | "42" | "XX") => Self::Corrupt,
            _ => Self::Unavailable,
        }
    }
}

/// Values that are not what the column should hold.
fn undecodable(error: &tokio_postgres::Error) -> Option<StoreError> {
    let said = error.to_string();
    let ours = ["error deserializing", "error serializing", "invalid column"];
    ours.iter()
        .any(|start| said.starts_with(start))
        .then(|| StoreError::Corrupt(with_cause(error)))
}

fn with_cause(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_by_itself_is_unavailable() {
        for code in [
            "08006", "53100", "53200", "53300", "57P01", "57P02", "57P03", "57014", "40001",
            "40P01", "55P03", "25006", "28P01", "42501",
        ] {
            assert_eq!(
                Kind::of(&SqlState::from_code(code)),
                Kind::Unavailable,
                "{code}"
            );
        }
    }

    #[test]
    fn a_taken_identity_is_a_conflict_and_a_schema_that_does_not_fit_is_corrupt() {
        assert_eq!(Kind::of(&SqlState::UNIQUE_VIOLATION), Kind::Conflict);
        for code in ["22021", "42P01", "42703", "XX001"] {
            assert_eq!(
                Kind::of(&SqlState::from_code(code)),
                Kind::Corrupt,
                "{code}"
            );
        }
    }
}
