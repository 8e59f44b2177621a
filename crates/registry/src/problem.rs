//! What is wrong with a document, said so that whoever wrote it can put it right.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The document is not taken in.
    Error,
    /// It is taken in, and somebody should look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Where in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1, in bytes, as JSON readers count.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file, where it was read from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where in the file, where it was read from one.
    #[serde(flatten)]
    pub at: Option<Place>,
    /// What it is about, as a path: `orders[3].conditions[0].windows[1].start`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What is written there, cut to a length that a line bears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What would be right, or where to look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    /// Whether it keeps the document from being taken in.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    /// `file:line:column: path: message (found value); help`, and `warning: ` before the path where it
    /// is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.at) {
            (Some(file), Some(at)) => write!(f, "{file}:{at}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, Some(at)) => write!(f, "{at}: ")?,
            (None, None) => {}
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if let Some(value) = &self.value {
            write!(f, " (found {value})")?;
        }
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// Problems shown in full: more would scroll the first ones, which are often the cause of the rest, off
/// any terminal. The rest is counted.
pub const PROBLEMS_SHOWN: usize = 100;

/// All that is wrong, in the order of the files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// How many keep the documents from being taken in.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.0.iter().filter(|problem| problem.is_error()).count()
    }

    /// Whether nothing is wrong at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in the order of the files.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        let mut problems: Vec<Problem> = problems.into_iter().collect();
        // Stable: what is said of one place stays in the order in which it was found.
        problems.sort_by(|one, other| (&one.file, one.at).cmp(&(&other.file, other.at)));
        Self(problems)
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    /// How many errors and warnings there are, and one a line: errors first, as many as are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.errors();
        let warnings = self.0.len() - errors;
        write!(
            f,
            "{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        )?;
        let of = |severity| {
            self.0
                .iter()
                .filter(move |problem| problem.severity == severity)
        };
        let ordered = of(Severity::Error).chain(of(Severity::Warning));
        for problem in ordered.take(PROBLEMS_SHOWN) {
            write!(f, "\n{problem}")?;
        }
        let more = self.0.len().saturating_sub(PROBLEMS_SHOWN);
        if more > 0 {
            write!(f, "\n… and {more} more")?;
        }
        Ok(())
    }
}

fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(severity: Severity, line: usize) -> Problem {
        Problem {
            severity,
            file: Some("registry.json".to_owned()),
            at: Some(Place { line, column: 7 }),
            path: "orders[3].from".to_owned(),
            message: "is not a time".to_owned(),
            value: Some("\"soon\"".to_owned()),
            help: Some("write 2026-03-01T00:00:00Z".to_owned()),
        }
    }

    #[test]
    fn errors_are_shown_before_warnings_and_each_in_the_order_of_the_file() {
        let problems: Problems = [
            problem(Severity::Warning, 1),
            problem(Severity::Error, 12),
            problem(Severity::Error, 2),
        ]
        .into_iter()
        .collect();
        let line = "orders[3].from: is not a time (found \"soon\"); write 2026-03-01T00:00:00Z";
        assert_eq!(
            problems.to_string(),
            format!(
                "2 errors, 1 warning\nregistry.json:2:7: {line}\nregistry.json:12:7: {line}\n\
                 registry.json:1:7: warning: {line}"
            )
        );
    }

    #[test]
    fn no_more_than_a_hundred_are_shown_and_the_rest_is_counted() {
        let many: Problems = (0..150)
            .map(|line| problem(Severity::Error, line))
            .collect();
        let text = many.to_string();
        assert_eq!(text.lines().count(), 1 + PROBLEMS_SHOWN + 1);
        assert!(text.ends_with("… and 50 more"), "{text}");
    }

    #[test]
    fn a_problem_is_written_flat_for_programs() {
        let json = serde_json::to_value(problem(Severity::Error, 2)).unwrap();
        assert_eq!(json["severity"], "error");
        assert_eq!((&json["line"], &json["column"]), (&2.into(), &7.into()));
        assert_eq!(json["path"], "orders[3].from");
    }
}
