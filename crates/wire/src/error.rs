//! What can be wrong with a payload, and with one reading of it.

use thiserror::Error;

use crate::payload::{BATCH_READINGS_MAX, PAYLOAD_BYTES_MAX};

/// The longest piece of an offending value that an error quotes, in characters: enough to
/// recognise it, and a bound on what a hostile device can make a dead letter's reason hold.
pub(crate) const QUOTED_CHARS_MAX: usize = 80;

/// Why nothing in a payload can be read.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PayloadError {
    /// No bytes, or an array without elements.
    #[error("payload holds no reading")]
    Empty,
    /// Longer than [`PAYLOAD_BYTES_MAX`].
    #[error("payload of {0} bytes is longer than {PAYLOAD_BYTES_MAX}")]
    TooLong(usize),
    /// More elements than [`BATCH_READINGS_MAX`].
    #[error("batch of {0} readings is larger than {BATCH_READINGS_MAX}")]
    TooMany(usize),
    /// Not UTF-8.
    #[error("payload is not UTF-8 at byte {offset}")]
    Utf8 {
        /// The first byte that is not, counted from 0.
        offset: usize,
    },
    /// Not JSON.
    #[error("payload is not JSON: {message}")]
    Syntax {
        /// What the parser says, with line and column.
        message: String,
        /// The line, counted from 1.
        line: usize,
        /// The column in bytes, counted from 1.
        column: usize,
    },
    /// JSON, but neither an object nor an array.
    #[error("payload is {0}, neither an object nor an array of objects")]
    Shape(&'static str),
    /// A line of a readings file that is JSON, but no object.
    #[error("{0} is not a readable object")]
    NotAnObject(String),
    /// Encrypted by the sender with a key of its own.
    #[error("payload is encrypted by the device, which tagwatch cannot read")]
    Encrypted,
    /// The only reading in it cannot be used.
    #[error(transparent)]
    Reading(#[from] ReadingError),
}

impl PayloadError {
    pub(crate) fn syntax(error: &serde_json::Error) -> Self {
        Self::Syntax {
            message: error.to_string(),
            line: error.line(),
            column: error.column(),
        }
    }
}

/// What is wrong with one reading of a payload.
#[derive(Debug, Clone, PartialEq, Error)]
pub struct ReadingError {
    /// Which element of the batch, counted from 0.
    pub index: usize,
    /// Which field; safe to log and to count by.
    pub field: &'static str,
    /// The offending value as it stood, cut to 80 characters; empty where there was none. May be
    /// part of a position: not for logs.
    pub value: String,
    /// Why it cannot be used.
    pub reason: Reason,
    /// Whether the reading was taken in without this field. If not, the reading is lost.
    pub reading_kept: bool,
}

impl std::fmt::Display for ReadingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "reading {}: {}", self.index, self.field)?;
        if !self.value.is_empty() {
            write!(f, " {}", self.value)?;
        }
        write!(f, " {}", self.reason)?;
        if self.reading_kept {
            f.write_str("; the reading was taken in without it")?;
        }
        Ok(())
    }
}

/// Why a value cannot be used, as the end of a sentence that begins with field and value.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Reason {
    /// A required field is absent or null.
    #[error("is missing")]
    Missing,
    /// The same key stands twice in one object, so it is not known which is meant.
    #[error("stands twice")]
    Twice,
    /// Not of the kind expected.
    #[error("is not {0}")]
    IsNot(&'static str),
    /// Outside what the field can mean.
    #[error("is not between {min} and {max}")]
    OutOfRange {
        /// The least value allowed.
        min: f64,
        /// The greatest value allowed.
        max: f64,
    },
    /// Below zero.
    #[error("is below 0")]
    Negative,
    /// Longer than the system keeps.
    #[error("is longer than {0} bytes")]
    TooLong(usize),
    /// (0, 0).
    #[error("is what a receiver without a fix reports")]
    NullIsland,
}

/// What is wrong with a field, before it is known where the reading stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldError {
    pub(crate) field: &'static str,
    pub(crate) value: String,
    pub(crate) reason: Reason,
}

impl FieldError {
    pub(crate) const fn missing(field: &'static str) -> Self {
        Self {
            field,
            value: String::new(),
            reason: Reason::Missing,
        }
    }

    pub(crate) fn at(self, index: usize, reading_kept: bool) -> ReadingError {
        ReadingError {
            index,
            field: self.field,
            value: self.value,
            reason: self.reason,
            reading_kept,
        }
    }
}

/// `text` cut to what an error may quote.
pub(crate) fn cut(text: &str) -> String {
    let mut chars = text.chars();
    let mut kept: String = chars.by_ref().take(QUOTED_CHARS_MAX).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}
