//! One JSON value as it stood, before it is known whether it fits its field.
//!
//! Taking any value in first is what keeps one bad field from ending the parse of its batch.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::cut;

/// A JSON value; objects and arrays are passed over and only named.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Compound(&'static str),
    /// JSON by its grammar, but no value that can be held: `1e999`, a lone surrogate.
    Unreadable(&'a str),
    /// Two values for one key.
    Twice,
}

impl Scalar<'_> {
    /// The value for an error message, cut to a bound.
    pub(crate) fn quoted(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Unsigned(value) => value.to_string(),
            Self::Negative(value) => value.to_string(),
            // In full, 1e300 has 301 digits.
            Self::Float(value) => cut(&value.to_string()),
            // Debug quotes the text and escapes what would break a line.
            Self::Text(text) => cut(&format!("{:?}", cut(text))),
            Self::Compound(name) => format!("({name})"),
            Self::Unreadable(raw) => cut(raw),
            Self::Twice => String::new(),
        }
    }
}

/// A way of reading a field's value.
pub(crate) trait Slot<'de>: Deserialize<'de> {
    fn scalar(self) -> Scalar<'de>;
}

impl<'de> Slot<'de> for Scalar<'de> {
    fn scalar(self) -> Self {
        self
    }
}

/// The slow way, for payloads with a value that ends an ordinary parse.
impl<'de> Slot<'de> for &'de RawValue {
    fn scalar(self) -> Scalar<'de> {
        let raw = self.get();
        serde_json::from_str(raw).unwrap_or(Scalar::Unreadable(raw))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(value).map_or(Scalar::Negative(value), Scalar::Unsigned))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound("an object"))
    }
}
