//! Snapshots: the whole state as bytes, taken in one go or slice by slice beside the work.
//!
//! A snapshot is a run of sections, one for each wearer, zone, set and place and one for all else, in any
//! order: so a wearer who is about to change is written before the others, and what is read is the state of
//! one moment however long the writing took.

mod section;
mod taking;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// The form of snapshots written now. Raised whenever what a snapshot holds changes its meaning or
/// its layout; another form is refused, and the state rebuilt from the journal.
const FORM: u32 = 9;

/// What every form begins with: its number, in four bytes, the lowest first.
const HEAD: usize = size_of::<u32>();

/// Why a snapshot cannot be taken or restored.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The state could not be written.
    #[error("cannot write a snapshot")]
    Write(#[from] rmp_serde::encode::Error),
    /// The bytes are not a snapshot.
    #[error("not a snapshot")]
    Read(#[from] rmp_serde::decode::Error),
    /// A state kept for late evidence cannot be unpacked.
    #[error("not a compressed state")]
    Packed(#[from] lz4_flex::block::DecompressError),
    /// Bytes are missing at the end, or in between.
    #[error("a snapshot of {expected} parts of a state has {found}")]
    Incomplete {
        /// How many were written.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The bytes are a snapshot of another version of its form.
    #[error("snapshot has form {found}, this engine reads form {expected}")]
    Form {
        /// The form of the bytes.
        found: u32,
        /// The form that can be read.
        expected: u32,
    },
}

pub(crate) use taking::Taking;

pub(crate) fn write<T: Serialize>(state: &T) -> Result<Vec<u8>, SnapshotError> {
    let mut bytes = head();
    rmp_serde::encode::write_named(&mut bytes, state)?;
    Ok(bytes)
}

fn head() -> Vec<u8> {
    FORM.to_le_bytes().to_vec()
}

/// What follows the head.
fn body(bytes: &[u8]) -> Result<&[u8], SnapshotError> {
    let (head, body) = bytes.split_at_checked(HEAD).unwrap_or((&[], bytes));
    let found = head.try_into().map_or(0, u32::from_le_bytes);
    if found != FORM {
        return Err(SnapshotError::Form {
            found,
            expected: FORM,
        });
    }
    Ok(body)
}

pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SnapshotError> {
    Ok(rmp_serde::from_slice(body(bytes)?)?)
}
