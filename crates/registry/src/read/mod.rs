//! From texts to changes, with the place of everything that is wrong.
//!
//! A document is taken apart level by level into `RawValue`s, which are slices of the text: where
//! something stands is where its slice starts, so that no position is kept for what is right. A path
//! is followed into the text only where there is something to tell of it.

mod features;
mod lists;
mod members;
mod path;
mod reading;
mod source;
mod words;

#[cfg(test)]
mod tests;

use std::path::Path as FilePath;
use std::sync::Arc;

pub(crate) use features::{part, whole};
pub(crate) use lists::{document, known_once, members};
pub(crate) use path::Path;
pub(crate) use reading::{Origin, Reading, Spot, fault};
pub(crate) use source::Source;

/// Reads a registry document.
pub(crate) fn registry(name: &FilePath, text: String) -> Reading {
    let source = Arc::new(Source::new(name.display().to_string(), text));
    let folder = name.parent().unwrap_or(FilePath::new(""));
    let mut reading = Reading::default();
    if let Some(spot) = whole(&source, &mut reading) {
        document(&spot, folder, &mut reading);
    }
    reading
}
