//! What a change changes, in words.

use std::collections::BTreeSet;
use std::fmt;

use model::registry::RegistryKey;
use serde::Serialize;
use serde_json::Value;

use crate::store::registry::{Edit, Registered};

/// One part that is changed, and how.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The part.
    pub key: RegistryKey,
    /// The version before; absent, where it was not registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<u32>,
    /// The version it makes; absent, where it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub becomes: Option<u32>,
    /// What is different in it, field by field; nothing, where it is new or removed.
    pub fields: Vec<FieldChange>,
}

/// One field that is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// Where it is, as a JSON pointer: `/conditions/0/place`.
    pub at: String,
    /// What it was; absent, where it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<Value>,
    /// What it is; absent, where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub becomes: Option<Value>,
}

impl Change {
    /// What `edit` changes of `old`.
    pub(super) fn of(edit: &Edit, old: Option<&Registered>) -> Self {
        let was = old.and_then(|old| old.change.as_ref());
        let fields = match (was, &edit.change) {
            (Some(was), Some(becomes)) => fields(&json(was), &json(becomes)),
            (None, _) | (_, None) => Vec::new(),
        };
        Self {
            key: edit.key.clone(),
            was: old
                .filter(|old| old.change.is_some())
                .map(|old| old.version),
            becomes: edit.change.as_ref().map(|_| edit.version),
            fields,
        }
    }
}

/// As people write it, without the word that says what it is.
fn json(change: &model::PolicyChange) -> Value {
    match serde_json::to_value(change) {
        Ok(Value::Object(tagged)) => tagged.into_iter().next().map_or(Value::Null, |(_, v)| v),
        Ok(other) => other,
        Err(_) => Value::Null,
    }
}

/// Where two values differ, the elements of a list by their places.
fn fields(was: &Value, becomes: &Value) -> Vec<FieldChange> {
    let mut found = Vec::new();
    compare(String::new(), Some(was), Some(becomes), &mut found);
    found
}

fn compare(at: String, was: Option<&Value>, becomes: Option<&Value>, found: &mut Vec<FieldChange>) {
    match (was, becomes) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                compare(format!("{at}/{name}"), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for index in 0..old.len().max(new.len()) {
                compare(
                    format!("{at}/{index}"),
                    old.get(index),
                    new.get(index),
                    found,
                );
            }
        }
        _ if was == becomes => {}
        _ => found.push(FieldChange {
            at,
            was: was.cloned(),
            becomes: becomes.cloned(),
        }),
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.was, self.becomes) {
            (None, Some(version)) => write!(f, "+ {} (version {version})", self.key)?,
            (Some(version), None) => write!(f, "- {} (was version {version})", self.key)?,
            (Some(was), Some(becomes)) => {
                write!(f, "~ {} (version {was} → {becomes})", self.key)?;
            }
            (None, None) => write!(f, "  {}", self.key)?,
        }
        self.fields
            .iter()
            .try_for_each(|field| write!(f, "\n{field}"))
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<Value>| {
            value
                .as_ref()
                .map_or_else(|| "(none)".to_owned(), ToString::to_string)
        };
        write!(
            f,
            "    {}: {} → {}",
            self.at,
            text(&self.was),
            text(&self.becomes)
        )
    }
}
