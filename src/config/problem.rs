//! A problem in a TOML file, with its place.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// What is wrong in a TOML file, and where. Prints on one line; as a `miette` report it shows the
/// lines around it.
#[derive(Debug)]
pub struct TomlProblem {
    message: String,
    line: usize,
    column: usize,
    span: std::ops::Range<usize>,
    source: NamedSource<String>,
}

impl TomlProblem {
    /// The problem that `error` found in `text`.
    #[must_use]
    pub fn new(text: &str, error: &toml::de::Error) -> Self {
        Self::at(text, error.span().unwrap_or(0..0), error.message())
    }

    /// A problem with `text` at the bytes of `span`.
    #[must_use]
    pub fn at(text: &str, span: std::ops::Range<usize>, message: &str) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Self {
            message: message.replace('\n', ", "),
            line,
            column,
            span,
            source: NamedSource::new("", text.to_owned()),
        }
    }

    /// Names the file, for reports.
    #[must_use]
    pub fn in_file(self, path: &std::path::Path) -> Self {
        let text = self.source.inner().clone();
        Self {
            source: NamedSource::new(path.display().to_string(), text),
            ..self
        }
    }
}

impl fmt::Display for TomlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}

impl std::error::Error for TomlProblem {}

impl Diagnostic for TomlProblem {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), self.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}
