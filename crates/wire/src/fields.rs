//! The fields of one reading, flat, as one object held them.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::scalar::{Scalar, Slot};

macro_rules! fields {
    ($($variant:ident $slot:ident = $name:literal;)+) => {
        #[derive(Clone, Copy, Deserialize)]
        #[serde(field_identifier)]
        enum Key {
            $(#[serde(rename = $name)] $variant,)+
            #[serde(other)]
            Unknown,
        }

        /// Every field that some reading has; unknown ones were passed over.
        pub(crate) struct Fields<'a> {
            $(pub(crate) $slot: Option<Scalar<'a>>,)+
        }

        impl<'a> Fields<'a> {
            pub(crate) const fn new() -> Self {
                Self { $($slot: None,)+ }
            }

            fn clear(&mut self) {
                $(self.$slot = None;)+
            }

            const fn slot(&mut self, key: Key) -> Option<&mut Option<Scalar<'a>>> {
                match key {
                    $(Key::$variant => Some(&mut self.$slot),)+
                    Key::Unknown => None,
                }
            }
        }
    };
}

fields! {
    Device device = "device";
    Kind kind = "kind";
    ReceivedAt received_at = "received_at";
    Seq seq = "seq";
    T t = "t";
    RecordedAt recorded_at = "recorded_at";
    Lat lat = "lat";
    Lon lon = "lon";
    Acc acc = "acc";
    Sat sat = "sat";
    Hdop hdop = "hdop";
    Speed speed = "speed";
    Course course = "course";
    Src src = "src";
    InRange in_range = "in_range";
    Tac tac = "tac";
    Ir ir = "ir";
    SkinC skin_c = "skin_c";
    AmbientC ambient_c = "ambient_c";
    Code code = "code";
    Pct pct = "pct";
    Prompt prompt = "prompt";
    Identity identity = "identity";
}

/// One element of a payload. The fields of an object go where the caller wants them: they are too many to be
/// handed on for each reading.
pub(crate) enum Element<'de> {
    Object,
    /// Something else, for the error message.
    Other(Scalar<'de>),
}

impl<'de> Element<'de> {
    /// Reads `text`, which holds one JSON value.
    pub(crate) fn parse(
        text: &'de str,
        fields: &mut Fields<'de>,
    ) -> Result<Self, serde_json::Error> {
        parse_element::<Scalar<'_>>(text, fields)
    }

    /// Reads `text`, which holds one JSON value, so that a field that cannot be read does not end
    /// the parse; a value that cannot be read at all comes back as [`Scalar::Unreadable`].
    pub(crate) fn parse_field_by_field(text: &'de str, fields: &mut Fields<'de>) -> Self {
        parse_element::<&RawValue>(text, fields).unwrap_or(Self::Other(Scalar::Unreadable(text)))
    }
}

fn parse_element<'de, T: Slot<'de>>(
    text: &'de str,
    fields: &mut Fields<'de>,
) -> Result<Element<'de>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let element = deserializer.deserialize_any(ElementVisitor::<T>::into(fields))?;
    deserializer.end()?;
    Ok(element)
}

/// Reads one element into its fields, each value by way of `T`.
pub(crate) struct ElementVisitor<'f, 'de, T> {
    fields: &'f mut Fields<'de>,
    way: PhantomData<T>,
}

impl<'f, 'de, T> ElementVisitor<'f, 'de, T> {
    pub(crate) const fn into(fields: &'f mut Fields<'de>) -> Self {
        Self {
            fields,
            way: PhantomData,
        }
    }
}

impl<'de, T: Slot<'de>> serde::de::DeserializeSeed<'de> for ElementVisitor<'_, 'de, T> {
    type Value = Element<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Slot<'de>> Visitor<'de> for ElementVisitor<'_, 'de, T> {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reading")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        self.fields.clear();
        while let Some(key) = entries.next_key::<Key>()? {
            let Some(slot) = self.fields.slot(key) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            // Passed on as such: which of the two is meant cannot be known.
            let value = entries.next_value::<T>()?.scalar();
            *slot = Some(if slot.is_some() { Scalar::Twice } else { value });
        }
        Ok(Element::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Other(Scalar::Compound("an array")))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Element::Other(Scalar::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Element::Other(Scalar::Bool(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Element::Other(Scalar::Unsigned(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Element::Other(Scalar::Negative(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Element::Other(Scalar::Float(value)))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Element::Other(Scalar::Text(value.into())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Element::Other(Scalar::Text(value.to_owned().into())))
    }
}
