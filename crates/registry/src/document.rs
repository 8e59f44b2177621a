//! Registry documents, read whole or refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use model::registry::{RegistryDocument, RegistryKey};
use model::{PolicyChange, Timestamp, ZoneSetId};
use thiserror::Error;

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
pub struct Document(Reading);

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

    /// What is wrong with it and was seen when it was read. In one document these are warnings; of several
    /// that were joined they may be errors, where they contradict each other.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
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
        let found = crate::check::check(known, self.changes(), missing, now);
        let found = found.into_iter().map(|problem| self.placed(problem));
        self.problems().iter().cloned().chain(found).collect()
    }

    /// Puts what was found in a part of this document where it stands in its text.
    #[must_use]
    pub fn placed(&self, problem: Problem) -> Problem {
        let Reading {
            origins, places, ..
        } = &self.0;
        let origin = problem.part.as_ref().and_then(|part| places.get(part));
        match origin.and_then(|place| origins.get(*place)?.spot()) {
            Some(spot) if problem.at.is_none() => spot.placed(problem),
            Some(_) | None => problem,
        }
    }

    /// This document, and what another one says, too. What both say is kept once, and told of.
    pub fn join(&mut self, other: Self) {
        self.0.join(other.0);
    }

    pub(crate) fn settled(reading: Reading) -> Result<Self, RegistryError> {
        if reading.problems.iter().any(Problem::is_error) {
            return Err(RegistryError::Problems(
                reading.problems.into_iter().collect(),
            ));
        }
        Ok(Self(reading))
    }
}

/// Reads the document at `path` and everything it points at.
///
/// # Errors
/// When the file cannot be read, and with everything in it that is not what it should be.
pub fn read(path: &Path) -> Result<Document, RegistryError> {
    read_text(path, text(path)?)
}

/// Reads a document that came from `path`, and everything it points at.
///
/// # Errors
/// With everything in it that is not what it should be.
pub fn read_text(path: &Path, text: String) -> Result<Document, RegistryError> {
    let source = Source::new(path.display().to_string(), text);
    Document::settled(read::registry(source, Some(folder(path))))
}

/// Reads a document that somebody sent, which must not make anybody read files.
///
/// # Errors
/// With everything in it that is not what it should be.
pub fn read_value(document: &serde_json::Value) -> Result<Document, RegistryError> {
    let source = Source::unseen("", document.to_string());
    Document::settled(read::registry(source, None))
}

/// Reads a feature collection that came from `path`: zones, or all of the shared set of that name.
///
/// # Errors
/// With everything in it that is not what it should be.
pub fn read_zones(
    path: &Path,
    text: String,
    set: Option<&ZoneSetId>,
) -> Result<Document, RegistryError> {
    let source = Source::new(path.display().to_string(), text);
    Document::settled(read::zones(source, set))
}

/// The changes of the document at `path`, without their places.
///
/// # Errors
/// As for [`read`].
pub fn load(path: &Path) -> Result<Vec<PolicyChange>, RegistryError> {
    read(path).map(Document::into_changes)
}

/// The changes that make up `document`. `path` is where it came from: files it names are found beside
/// it.
///
/// # Errors
/// With everything in it, or in files it names, that is not what it should be.
pub fn parse(document: &RegistryDocument, path: &Path) -> Result<Vec<PolicyChange>, RegistryError> {
    let text = serde_json::to_string(document)?;
    let source = Source::unseen(path.display().to_string(), text);
    Document::settled(read::registry(source, Some(folder(path)))).map(Document::into_changes)
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
