//! Registry documents, read whole or refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::registry::{RegistryDocument, RegistryKey};
use model::{PolicyChange, Timestamp, ZoneSetId};
use thiserror::Error;

use crate::meter::Meter;
use crate::problem::{Problem, Problems};
use crate::read::{self, Reading, Source};

/// Why a registry document was not taken in.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A document cannot be written as the text that is read.
    #[error("the document cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The document says things that cannot be.
    #[error("{0}")]
    Problems(Problems),
}

/// What documents say, and where they say it.
#[derive(Debug, Default)]
pub struct Document(pub(crate) Reading);

impl Document {
    /// The changes that make it up, in an order in which nothing is used before it is defined.
    #[must_use]
    pub fn changes(&self) -> &[PolicyChange] {
        &self.0.changes
    }

    /// The changes alone.
    #[must_use]
    pub fn into_changes(self) -> Vec<PolicyChange> {
        self.0.changes
    }

    /// What is wrong with it as it is written, whatever else there is.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// Parts of it that are there and could not be read, or not all of them: what points at them points
    /// at something.
    #[must_use]
    pub const fn unread(&self) -> &BTreeSet<RegistryKey> {
        &self.0.unread
    }

    /// This document, where nothing is wrong with it as it is written.
    ///
    /// # Errors
    /// With everything in it that is not what it should be.
    pub fn sound(self) -> Result<Self, RegistryError> {
        if self.problems().iter().any(Problem::is_error) {
            let problems = self.0.problems.into_iter().collect();
            return Err(RegistryError::Problems(problems));
        }
        Ok(self)
    }

    /// All that is wrong with it, seen together with what is `known`, where it stands in its text: as
    /// [`check`](crate::check()) finds it, and what was seen when it was read.
    #[must_use]
    pub fn check<'a>(
        &'a self,
        known: impl IntoIterator<Item = &'a PolicyChange>,
        missing: &'a BTreeSet<RegistryKey>,
        now: Timestamp,
    ) -> Problems {
        let missing = missing.union(self.unread()).cloned().collect();
        let known: Vec<&PolicyChange> = known.into_iter().collect();
        let found = crate::check::check(known, self.changes(), &missing, now, &Meter::default());
        let found = found.into_iter().map(|problem| self.placed(problem));
        self.problems().iter().cloned().chain(found).collect()
    }

    /// Puts what was found in a part of this document where it stands in its text.
    #[must_use]
    pub fn placed(&self, problem: Problem) -> Problem {
        let Reading {
            origins, places, ..
        } = &self.0;
        let place = problem.part.as_ref().and_then(|part| places.get(part));
        match place.and_then(|place| origins.get(*place)) {
            Some(origin) if problem.at.is_none() => origin.placed(problem),
            Some(_) | None => problem,
        }
    }

    /// This document, and what another one says, too. What both say is kept once, and told of.
    pub fn join(&mut self, other: Self) {
        self.0.join(other.0);
    }
}

/// Reads the document at `path` and everything it points at, whatever is wrong with it.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path) -> Result<Document, RegistryError> {
    Ok(read_text(path, text(path)?, &Meter::default()))
}

/// Reads a document that came from `path`, and everything it points at, whatever is wrong with it. `meter`
/// counts the bytes of the parts that are read.
#[must_use]
pub fn read_text(path: &Path, text: String, meter: &Meter) -> Document {
    let source = Source::new(path.display().to_string(), text);
    Document(read::registry(source, Some(folder(path)), meter))
}

/// Reads a document that somebody sent, which must not make anybody read files, whatever is wrong with it.
#[must_use]
pub fn read_sent(text: String) -> Document {
    Document(read::registry(
        Source::new("", text),
        None,
        &Meter::default(),
    ))
}

/// Reads the part with that key on its own, whatever is wrong with it. It was put together from what
/// somebody sent, so that its lines mean nothing to them.
#[must_use]
pub fn read_part(key: &RegistryKey, part: &serde_json::Value) -> Document {
    Document(read::one(Source::unseen("", part.to_string()), key))
}

/// Reads a feature collection that came from `path`, whatever is wrong with it: zones, or all of the
/// shared set of that name. `meter` counts as for [`read_text`].
#[must_use]
pub fn read_zones(path: &Path, text: String, set: Option<&ZoneSetId>, meter: &Meter) -> Document {
    let source = Source::new(path.display().to_string(), text);
    Document(read::zones(source, set, meter))
}

/// The changes of the document at `path`, without their places.
///
/// # Errors
/// When the file cannot be read, and with everything in it that is not what it should be.
pub fn load(path: &Path) -> Result<Vec<PolicyChange>, RegistryError> {
    read(path)?.sound().map(Document::into_changes)
}

/// The changes that make up `document`. `path` is where it came from: files it names are found beside
/// it.
///
/// # Errors
/// With everything in it, or in files it names, that is not what it should be.
pub fn parse(document: &RegistryDocument, path: &Path) -> Result<Vec<PolicyChange>, RegistryError> {
    let text = serde_json::to_string(document)?;
    let source = Source::unseen(path.display().to_string(), text);
    let reading = read::registry(source, Some(folder(path)), &Meter::default());
    let document = Document(reading);
    document.sound().map(Document::into_changes)
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

pub(crate) fn text(path: &Path) -> Result<String, RegistryError> {
    std::fs::read_to_string(path).map_err(|source| RegistryError::Read {
        path: path.to_owned(),
        source,
    })
}
