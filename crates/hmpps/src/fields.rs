//! One JSON object, read field by field, that knows which of its fields nobody asked for.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use model::Timestamp;
use serde_json::{Map, Value};

use crate::findings::Findings;
use crate::local::{DATE_FORM, Edge, FORM, Moment};

/// What a field says of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// Nothing, or nothing that can be read.
    Absent,
    /// That there is no end.
    Open,
    /// The instant.
    At(Timestamp),
}

impl Given {
    pub(crate) const fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Absent | Self::Open => None,
        }
    }
}

/// A stretch of time, open where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Span {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

/// An object of the service's. It sends `""` and `null` alike for what is absent, and strings for
/// everything else.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
    taken: BTreeSet<String>,
}

impl<'a> Fields<'a> {
    /// Opens `value`, which stands at `path`; a fault where it is no object.
    pub(crate) fn open(path: &str, value: &'a Value, findings: &mut Findings) -> Option<Self> {
        let Value::Object(map) = value else {
            findings.fault(path, value, "should be an object");
            return None;
        };
        Some(Self {
            path: path.to_owned(),
            map,
            taken: BTreeSet::new(),
        })
    }

    /// The path of one of its fields.
    pub(crate) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// A text; nothing where it is absent or blank.
    pub(crate) fn text(&mut self, key: &str, findings: &mut Findings) -> Option<&'a str> {
        self.taken.insert(key.to_owned());
        match self.map.get(key)? {
            Value::Null => None,
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            value @ (Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                findings.fault(self.path(key), value, "should be a text");
                None
            }
        }
    }

    /// The entries of a list, each with its path; none where it is absent.
    pub(crate) fn list(&mut self, key: &str, findings: &mut Findings) -> Vec<(String, &'a Value)> {
        self.taken.insert(key.to_owned());
        match self.map.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) if text.trim().is_empty() => Vec::new(),
            Some(Value::Array(entries)) => entries
                .iter()
                .enumerate()
                .map(|(index, entry)| (format!("{}[{index}]", self.path(key)), entry))
                .collect(),
            Some(value) => {
                findings.fault(self.path(key), value, "should be a list");
                Vec::new()
            }
        }
    }

    /// `Yes`/`No` or `true`/`false`, as the service writes one or the other; nothing where it is absent.
    pub(crate) fn yes(&mut self, key: &str, findings: &mut Findings) -> Option<bool> {
        let text = self.text(key, findings)?;
        let (yes, no) = (["yes", "true"], ["no", "false"]);
        if yes.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Some(true);
        }
        if !no.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            findings.fault(self.path(key), quoted(text), "should be \"Yes\" or \"No\"");
            return None;
        }
        Some(false)
    }

    /// An instant, sent as a local time or date.
    pub(crate) fn moment(&mut self, key: &str, edge: Edge, findings: &mut Findings) -> Given {
        let Some(text) = self.text(key, findings) else {
            return Given::Absent;
        };
        match crate::local::moment(text, edge) {
            Some(Moment::Open) => Given::Open,
            Some(Moment::At(instant)) => {
                if let Some(oddity) = instant.oddity {
                    let note = format!("{text}: {}", oddity.note(edge));
                    findings.note(self.path(key), note);
                }
                Given::At(instant.at)
            }
            None => {
                findings.fault(self.path(key), quoted(text), FORM);
                Given::Absent
            }
        }
    }

    /// A date, or that of a local time.
    pub(crate) fn date(&mut self, key: &str, findings: &mut Findings) -> Option<NaiveDate> {
        let text = self.text(key, findings)?;
        let date = crate::local::date_of(text);
        if date.is_none() {
            findings.fault(self.path(key), quoted(text), DATE_FORM);
        }
        date
    }

    /// From one field to another.
    pub(crate) fn span(&mut self, start: &str, end: &str, findings: &mut Findings) -> Span {
        let from = self.moment(start, Edge::Start, findings).at();
        let to = self.moment(end, Edge::End, findings).at();
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            let right = format!("should be after `{start}`");
            findings.fault(self.path(end), self.raw(end), right);
        }
        Span { from, to }
    }

    /// What stands there, for a fault to quote.
    pub(crate) fn raw(&self, key: &str) -> Value {
        self.map.get(key).cloned().unwrap_or(Value::Null)
    }

    /// Marks a field as seen to elsewhere.
    pub(crate) fn pass(&mut self, key: &str) {
        self.taken.insert(key.to_owned());
    }

    /// Names the fields that hold something and were not asked for.
    pub(crate) fn leave(self, findings: &mut Findings) {
        let unused: Vec<&str> = self
            .map
            .iter()
            .filter(|(key, value)| !self.taken.contains(*key) && holds_something(value))
            .map(|(key, _)| key.as_str())
            .collect();
        if !unused.is_empty() {
            findings.note(
                self.path,
                format!("kept but not used: {}", unused.join(", ")),
            );
        }
    }
}

fn holds_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A text as JSON writes it.
pub(crate) fn quoted(text: &str) -> Value {
    Value::from(text)
}
