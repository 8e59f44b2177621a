//! The readings files of `tagwatch replay`: one reading a line, in order of arrival.
//!
//! Stricter than a device's payload: people look at these, so a field that makes no sense is an
//! error even where a payload's reading would have been kept without it.

use model::{DeviceId, DeviceReading, ReadingKind, ReceivedAt};
use serde_json::value::RawValue;

use crate::body::reading;
use crate::check::{instant, optional, required, text};
use crate::encode::Object;
use crate::error::{FieldError, PayloadError, Reason};
use crate::fields::{Element, Fields};
use crate::payload::text_of;
use crate::scalar::Scalar;

/// One line: what a device reported, and when it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReading {
    /// When this system took it in; the line may leave it out, and then it is the time observed.
    pub received_at: ReceivedAt,
    /// What the device reported.
    pub report: DeviceReading,
}

/// Reads one line.
///
/// # Errors
/// When the line is not a JSON object, or a field is missing or cannot be used: the error names it
/// and its value. File and line are for the caller to add.
pub fn parse_line(line: &str) -> Result<FileReading, PayloadError> {
    let text = text_of(line.as_bytes())?;
    let mut fields = Fields::new();
    let element = match Element::parse(text, &mut fields) {
        Ok(element) => element,
        // Names the field, where the line is JSON but for one value that cannot be held.
        Err(error) => match serde_json::from_str::<&RawValue>(text) {
            Ok(_grammatical) => Element::parse_field_by_field(text, &mut fields),
            Err(_syntax) => return Err(PayloadError::syntax(&error)),
        },
    };
    match element {
        Element::Object => file_reading(&fields).map_err(|error| error.at(0, false).into()),
        Element::Other(value) => Err(PayloadError::NotAnObject(value.quoted())),
    }
}

fn file_reading(object: &Fields<'_>) -> Result<FileReading, FieldError> {
    let device = required("device", object.device.as_ref(), device)?;
    let kind = required("kind", object.kind.as_ref(), kind)?;
    let mut left_out = Vec::new();
    let report = reading(&device, kind, object, &mut left_out)?;
    if let Some(error) = left_out.into_iter().next() {
        return Err(error);
    }
    let received_at = optional("received_at", object.received_at.as_ref(), instant)?;
    Ok(FileReading {
        received_at: ReceivedAt(received_at.unwrap_or(report.observed_at.0)),
        report,
    })
}

fn device(value: &Scalar<'_>) -> Result<DeviceId, Reason> {
    DeviceId::new(text(value)?).map_err(|_not_an_id| {
        Reason::IsNot("a device id: up to 96 bytes, no space, control character, '/', '+' or '#'")
    })
}

fn kind(value: &Scalar<'_>) -> Result<ReadingKind, Reason> {
    ReadingKind::parse(text(value)?).ok_or(Reason::IsNot(
        "one of position, presence, alcohol, event, check-in",
    ))
}

/// The line, without its end, that [`parse_line`] reads back as `reading`.
#[must_use]
pub fn to_line(reading: &FileReading) -> String {
    let mut out = String::with_capacity(256);
    let mut object = Object::open(&mut out);
    object.text("device", reading.report.device.as_str());
    object.word("kind", reading.report.body.kind());
    object.word("received_at", reading.received_at);
    object.reading(&reading.report).close();
    out
}
