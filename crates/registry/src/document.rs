//! Registry documents, read whole or refused.

use std::path::{Path, PathBuf};

use model::PolicyChange;
use model::registry::RegistryDocument;
use thiserror::Error;

use crate::problem::{Problem, Problems};
use crate::read::{self, Origin, Reading};

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

/// What a document says, and where it says it.
#[derive(Debug, Default)]
pub struct Document {
    changes: Vec<PolicyChange>,
    origins: Vec<Origin>,
    warnings: Vec<Problem>,
}

impl Document {
    /// The changes that make it up, in an order in which nothing is used before it is defined.
    #[must_use]
    pub fn changes(&self) -> &[PolicyChange] {
        &self.changes
    }

    /// The changes alone.
    #[must_use]
    pub fn into_changes(self) -> Vec<PolicyChange> {
        self.changes
    }

    /// What is not wrong enough to refuse it, and was seen already when it was read.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// This document, and what another one says, too.
    pub fn join(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.origins.extend(other.origins);
        self.warnings.extend(other.warnings);
    }

    pub(crate) fn settled(reading: Reading) -> Result<Self, RegistryError> {
        let Reading {
            changes,
            origins,
            problems,
            ..
        } = reading;
        if problems.iter().any(Problem::is_error) {
            return Err(RegistryError::Problems(problems.into_iter().collect()));
        }
        Ok(Self {
            changes,
            origins,
            warnings: problems,
        })
    }
}

/// Reads the document at `path` and everything it points at.
///
/// # Errors
/// When the file cannot be read, and with everything in it that is not what it should be.
pub fn read(path: &Path) -> Result<Document, RegistryError> {
    Document::settled(read::registry(path, text(path)?))
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
    let text = serde_json::to_string_pretty(document)?;
    Document::settled(read::registry(path, text)).map(Document::into_changes)
}

pub(crate) fn text(path: &Path) -> Result<String, RegistryError> {
    std::fs::read_to_string(path).map_err(|source| RegistryError::Read {
        path: path.to_owned(),
        source,
    })
}
