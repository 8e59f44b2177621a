//! Snapshots: the whole state as bytes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The form of snapshots written now. Raised whenever what a snapshot holds changes its meaning or
/// its layout; another form is refused, and the state rebuilt from the journal.
const FORM: u32 = 5;

/// What every form begins with.
#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    form: u32,
    state: T,
}

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

pub(crate) fn write<T: Serialize>(state: &T) -> Result<Vec<u8>, SnapshotError> {
    Ok(rmp_serde::to_vec_named(&Envelope { form: FORM, state })?)
}

pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SnapshotError> {
    let Envelope { form, .. } = rmp_serde::from_slice::<Envelope<serde::de::IgnoredAny>>(bytes)?;
    if form != FORM {
        return Err(SnapshotError::Form {
            found: form,
            expected: FORM,
        });
    }
    Ok(rmp_serde::from_slice::<Envelope<T>>(bytes)?.state)
}
