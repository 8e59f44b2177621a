//! Snapshots: the whole state as bytes.

use rmp_serde::Deserializer;
use rmp_serde::decode::ReadRefReader;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// The form of snapshots written now. Raised whenever what a snapshot holds changes its meaning or
/// its layout; another form is refused, and the state rebuilt from the journal.
const FORM: u32 = 7;

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
    /// The bytes are a snapshot of another version of its form.
    #[error("snapshot has form {found}, this engine reads form {expected}")]
    Form {
        /// The form of the bytes.
        found: u32,
        /// The form that can be read.
        expected: u32,
    },
}

/// What every snapshot begins with.
pub(crate) fn begin() -> Vec<u8> {
    FORM.to_le_bytes().to_vec()
}

/// Writes `part` behind what is written already.
pub(crate) fn push<T: Serialize>(bytes: &mut Vec<u8>, part: &T) -> Result<(), SnapshotError> {
    Ok(rmp_serde::encode::write_named(bytes, part)?)
}

pub(crate) fn write<T: Serialize>(state: &T) -> Result<Vec<u8>, SnapshotError> {
    let mut bytes = begin();
    push(&mut bytes, state)?;
    Ok(bytes)
}

pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, SnapshotError> {
    Pages::of(bytes)?.read()
}

/// A snapshot as it is read, part by part.
pub(crate) struct Pages<'a>(Deserializer<ReadRefReader<'a, [u8]>>);

impl<'a> Pages<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, SnapshotError> {
        let (head, parts) = bytes.split_at_checked(HEAD).unwrap_or((&[], bytes));
        let found = head.try_into().map_or(0, u32::from_le_bytes);
        if found != FORM {
            return Err(SnapshotError::Form {
                found,
                expected: FORM,
            });
        }
        Ok(Self(Deserializer::from_read_ref(parts)))
    }

    /// The next part.
    pub(crate) fn read<T: DeserializeOwned>(&mut self) -> Result<T, SnapshotError> {
        Ok(T::deserialize(&mut self.0)?)
    }

    /// The next `count` parts.
    pub(crate) fn read_all<T: DeserializeOwned>(
        &mut self,
        count: usize,
    ) -> Result<Vec<T>, SnapshotError> {
        (0..count).map(|_| self.read()).collect()
    }
}
