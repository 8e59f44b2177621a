//! What is wrong with a policy's text.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

/// Everything that is wrong with a policy, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct PolicyError {
    /// Never empty.
    pub problems: Vec<PolicyProblem>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// One thing wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The bytes of the text concerned.
    pub span: Range<usize>,
    /// The field, as `route[2].when.kind`, routes counted from 1; empty where the text is not TOML.
    pub field: String,
    /// The offending value as written; empty where there is none.
    pub value: String,
    /// What is wrong and what would be right, as the end of a sentence that begins with field and
    /// value.
    pub message: String,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        for part in [&self.field, &self.value] {
            if !part.is_empty() {
                write!(f, "{part} ")?;
            }
        }
        f.write_str(&self.message)
    }
}

/// Line and column, counted from 1, of a byte of `text`.
pub(crate) fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let in_line = before.get(line_start..).unwrap_or_default();
    (
        before.matches('\n').count() + 1,
        in_line.chars().count() + 1,
    )
}
