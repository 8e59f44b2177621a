//! `SQLite`'s errors in the store's words.

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// What went wrong, for the caller to act on.
///
/// What may pass by itself (a full disk, a lock, a failing device) is `Unavailable`; a violated
/// uniqueness is `Conflict`; what does not decode, or is not a database, is `Corrupt`.
pub(super) fn of(error: &rusqlite::Error) -> StoreError {
    if is_undecodable(error) {
        return StoreError::Corrupt(error.to_string());
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict(error.to_string()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt(error.to_string())
        }
        _ => StoreError::Unavailable(error.to_string()),
    }
}

fn is_undecodable(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
    )
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn fault(code: i32) -> StoreError {
        of(&rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn what_may_pass_by_itself_is_unavailable() {
        for code in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_BUSY,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_IOERR,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_READONLY,
        ] {
            assert!(matches!(fault(code), StoreError::Unavailable(_)), "{code}");
        }
    }

    #[test]
    fn a_broken_file_is_corrupt_and_a_taken_identity_a_conflict() {
        assert!(matches!(fault(ffi::SQLITE_CORRUPT), StoreError::Corrupt(_)));
        assert!(matches!(fault(ffi::SQLITE_NOTADB), StoreError::Corrupt(_)));
        assert!(matches!(
            fault(ffi::SQLITE_CONSTRAINT_UNIQUE),
            StoreError::Conflict(_)
        ));
    }
}
