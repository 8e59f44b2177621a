//! A copy of the store while it is in use.
//!
//! By `VACUUM INTO`: one read transaction, so the copy is one state of the store, and nobody who writes
//! waits for it. The online-backup interface copies page by page and begins anew whenever another
//! process has written in between, which here is many times a second; and it copies what lies in free
//! pages, where something erased may still stand.

use std::io;
use std::path::{Path, PathBuf};

use super::connection;
use crate::store::StoreError;

/// Copies the store at `from` into a new file, readable to its owner only and synced to the disk.
/// Blocks while it does so.
///
/// # Errors
/// [`StoreError::Unavailable`] when there is no store, the file exists already or cannot be written.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |error: io::Error| StoreError::Unavailable(format!("{}: {error}", to.display()));
    let folder = match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    };
    // Under another name until it is whole, and gone if it does not become so.
    let copy = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
    let name = copy.path().to_str().ok_or_else(|| {
        StoreError::Unavailable(format!("{}: not a name for SQLite", copy.path().display()))
    })?;
    connection::reading(from)?.execute("VACUUM INTO ?1", [name])?;
    copy.as_file().sync_all().map_err(failed)?;
    copy.persist_noclobber(to)
        .map_err(|error| failed(error.error))?;
    connection::sync_names(to).map_err(failed)
}
