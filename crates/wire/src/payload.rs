//! A native payload: one object or an array of them, oldest first.

use std::fmt;

use model::DeviceReading;
use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::body::reading;
use crate::error::{FieldError, PayloadError, ReadingError, Reason};
use crate::fields::{Element, ElementVisitor, Fields};
use crate::scalar::Scalar;
use crate::topic::NativeTopic;

/// The longest payload taken in, in bytes. A day of one fix a minute, 1,440 of about 110 bytes, is
/// 158 KB; brokers are commonly set to refuse more than a few hundred KB.
pub const PAYLOAD_BYTES_MAX: usize = 256 * 1024;

/// The most readings taken in from one payload: a day of one fix a minute (1,440) with some to
/// spare. Bounds what one message can put into one transaction.
pub const BATCH_READINGS_MAX: usize = 2_000;

/// What the text of a reading takes, about: room is made for as many.
const READING_BYTES: usize = 100;

/// One entry for each reading, in the order of the payload, and one for each thing wrong with one.
type Decoded = Vec<Result<DeviceReading, ReadingError>>;

/// Reads a payload published on `topic`, whose device and kind are what the readings are about.
///
/// The result has the readings in the order of the payload. An error stands where the reading it
/// took would have stood or, with [`ReadingError::reading_kept`], directly after the reading that
/// was kept without the field: so there may be more entries than elements.
///
/// # Errors
/// When nothing in the payload can be read: too long, not UTF-8, not JSON, neither object nor array,
/// without a reading, or with too many. A reading that cannot be used is an error in the list.
pub fn decode(topic: &NativeTopic, payload: &[u8]) -> Result<Decoded, PayloadError> {
    let text = text_of(payload)?;
    match parse(topic, text) {
        Ok(batch) => batch.finish(),
        // A value such as 1e999 ends the ordinary parse; the slow one finds out whose it is.
        Err(_ended) => parse_one_by_one(topic, text)
            .map_err(|error| PayloadError::syntax(&error))?
            .finish(),
    }
}

/// The text of a payload within the bound.
pub(crate) fn text_of(payload: &[u8]) -> Result<&str, PayloadError> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(PayloadError::TooLong(payload.len()));
    }
    let text = std::str::from_utf8(payload).map_err(|error| PayloadError::Utf8 {
        offset: error.valid_up_to(),
    })?;
    if text.trim_ascii().is_empty() {
        return Err(PayloadError::Empty);
    }
    Ok(text)
}

fn parse(topic: &NativeTopic, text: &str) -> Result<Batch, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut batch = Batch::default();
    batch.decoded.reserve(1 + text.len() / READING_BYTES);
    let fields = &mut Fields::new();
    let batch = deserializer.deserialize_any(BatchVisitor {
        topic,
        batch,
        fields,
    })?;
    deserializer.end()?;
    Ok(batch)
}

/// Finds the elements by their brackets alone, then reads each by itself.
fn parse_one_by_one(topic: &NativeTopic, text: &str) -> Result<Batch, serde_json::Error> {
    let elements: Vec<&RawValue> = if text.trim_ascii_start().starts_with('[') {
        serde_json::from_str(text)?
    } else {
        vec![serde_json::from_str(text)?]
    };
    let (mut batch, mut fields) = (Batch::default(), Fields::new());
    for raw in elements.iter().take(BATCH_READINGS_MAX) {
        let element = Element::parse_field_by_field(raw.get(), &mut fields);
        batch.take_in(topic, &element, &fields);
    }
    batch.elements = elements.len();
    Ok(batch)
}

#[derive(Default)]
struct Batch {
    decoded: Decoded,
    elements: usize,
    left_out: Vec<FieldError>,
    shape: Option<&'static str>,
}

impl Batch {
    fn finish(self) -> Result<Decoded, PayloadError> {
        if let Some(shape) = self.shape {
            return Err(PayloadError::Shape(shape));
        }
        if self.elements > BATCH_READINGS_MAX {
            return Err(PayloadError::TooMany(self.elements));
        }
        if self.elements == 0 {
            return Err(PayloadError::Empty);
        }
        Ok(self.decoded)
    }

    fn take_in(&mut self, topic: &NativeTopic, element: &Element<'_>, fields: &Fields<'_>) {
        let index = self.elements;
        self.elements += 1;
        match read_element(topic, (element, fields), &mut self.left_out) {
            Ok(reading) => {
                self.decoded.push(Ok(reading));
                let left_out = self.left_out.drain(..);
                self.decoded
                    .extend(left_out.map(|error| Err(error.at(index, true))));
            }
            Err(error) => {
                self.left_out.clear();
                self.decoded.push(Err(error.at(index, false)));
            }
        }
    }

    fn of_shape(shape: &'static str) -> Self {
        Self {
            shape: Some(shape),
            ..Self::default()
        }
    }
}

fn read_element(
    topic: &NativeTopic,
    (element, fields): (&Element<'_>, &Fields<'_>),
    left_out: &mut Vec<FieldError>,
) -> Result<DeviceReading, FieldError> {
    match element {
        Element::Object => reading(&topic.device, topic.kind, fields, left_out),
        Element::Other(value) => Err(FieldError {
            field: "reading",
            value: value.quoted(),
            reason: Reason::IsNot("a readable object"),
        }),
    }
}

struct BatchVisitor<'t, 'f, 'de> {
    topic: &'t NativeTopic,
    batch: Batch,
    /// Those of one element after the other.
    fields: &'f mut Fields<'de>,
}

impl<'de> Visitor<'de> for BatchVisitor<'_, '_, 'de> {
    type Value = Batch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reading or an array of readings")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, entries: A) -> Result<Batch, A::Error> {
        let element = ElementVisitor::<Scalar<'_>>::into(self.fields).visit_map(entries)?;
        self.batch.take_in(self.topic, &element, self.fields);
        Ok(self.batch)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Batch, A::Error> {
        while self.batch.elements < BATCH_READINGS_MAX {
            let seed = ElementVisitor::<Scalar<'_>>::into(self.fields);
            let Some(element) = items.next_element_seed(seed)? else {
                return Ok(self.batch);
            };
            self.batch.take_in(self.topic, &element, self.fields);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {
            self.batch.elements += 1;
        }
        Ok(self.batch)
    }

    fn visit_unit<E>(self) -> Result<Batch, E> {
        Ok(Batch::of_shape("null"))
    }

    fn visit_bool<E>(self, _value: bool) -> Result<Batch, E> {
        Ok(Batch::of_shape("true or false"))
    }

    fn visit_u64<E>(self, _value: u64) -> Result<Batch, E> {
        Ok(Batch::of_shape("a number"))
    }

    fn visit_i64<E>(self, _value: i64) -> Result<Batch, E> {
        Ok(Batch::of_shape("a number"))
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Batch, E> {
        Ok(Batch::of_shape("a number"))
    }

    fn visit_str<E>(self, _value: &str) -> Result<Batch, E> {
        Ok(Batch::of_shape("text"))
    }
}
