//! What is found out on the way: what is wrong, and what is kept but not used.

use std::fmt;

/// Something that keeps an order from being taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON path such as `$.monitoring_order.order_start`.
    pub path: String,
    /// The value found there, as JSON.
    pub value: String,
    /// What would be right.
    pub right: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.path, self.value, self.right)
    }
}

/// Something that an operator should know of an order that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where: a JSON path.
    pub path: String,
    /// What there is to know.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// A text that is not taken in: everything that is wrong with it. It quotes values, so it is for whoever
/// imports the order and never for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub Vec<Fault>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refused {}

/// Both, as they come up.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) faults: Vec<Fault>,
    pub(crate) notes: Vec<Note>,
}

impl Findings {
    pub(crate) fn fault(
        &mut self,
        path: impl Into<String>,
        value: impl fmt::Display,
        right: impl Into<String>,
    ) {
        self.faults.push(Fault {
            path: path.into(),
            value: value.to_string(),
            right: right.into(),
        });
    }

    pub(crate) fn note(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.notes.push(Note {
            path: path.into(),
            text: text.into(),
        });
    }
}
