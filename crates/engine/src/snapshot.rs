//! Snapshots: the whole state as bytes.

use thiserror::Error;

/// Why a snapshot cannot be taken or restored.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The state could not be written.
    #[error("cannot write a snapshot")]
    Write(#[from] rmp_serde::encode::Error),
    /// The bytes are not a snapshot.
    #[error("not a snapshot")]
    Read(#[from] rmp_serde::decode::Error),
    /// The bytes are a snapshot of another version of its form.
    #[error("snapshot has form {found}, this engine reads form {expected}")]
    Form {
        /// The form of the bytes.
        found: u32,
        /// The form that can be read.
        expected: u32,
    },
}
