//! Reading a value as what its field means.
//!
//! A reader takes the value as it stood and gives what it means or why it means nothing. The three
//! ways of applying one say what a bad value costs: [`required`] and [`optional`] the reading,
//! [`describing`] only the field.

use model::Timestamp;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NameError, StrDeserializer};

use crate::error::{FieldError, Reason};
use crate::scalar::Scalar;

/// How many whole numbers a float can tell apart: 2^53. Above it, `1e17` may stand for another.
const WHOLE_FLOAT_MAX: f64 = 9_007_199_254_740_992.0;

const A_NUMBER: Reason = Reason::IsNot("a finite number");
const A_WHOLE_NUMBER: Reason = Reason::IsNot("a whole number");
const TEXT: Reason = Reason::IsNot("text");

/// Reads a value as `T`.
pub(crate) type Read<T> = fn(&Scalar<'_>) -> Result<T, Reason>;

/// The value of a field that must be there and right.
pub(crate) fn required<T>(
    field: &'static str,
    slot: Option<&Scalar<'_>>,
    read: Read<T>,
) -> Result<T, FieldError> {
    optional(field, slot, read)?.ok_or(FieldError::missing(field))
}

/// The value of a field that may be absent or null, but must be right if it is there.
pub(crate) fn optional<T>(
    field: &'static str,
    slot: Option<&Scalar<'_>>,
    read: Read<T>,
) -> Result<Option<T>, FieldError> {
    match slot {
        None | Some(Scalar::Null) => Ok(None),
        Some(Scalar::Twice) => Err(FieldError {
            field,
            value: String::new(),
            reason: Reason::Twice,
        }),
        Some(value) => read(value).map(Some).map_err(|reason| FieldError {
            field,
            value: value.quoted(),
            reason,
        }),
    }
}

/// The value of a field that only describes the reading: left out, and told of, when it is wrong.
pub(crate) fn describing<T>(
    field: &'static str,
    slot: Option<&Scalar<'_>>,
    read: Read<T>,
    left_out: &mut Vec<FieldError>,
) -> Option<T> {
    optional(field, slot, read).unwrap_or_else(|error| {
        left_out.push(error);
        None
    })
}

/// Any finite number.
pub(crate) fn number(value: &Scalar<'_>) -> Result<f64, Reason> {
    match *value {
        Scalar::Unsigned(number) => Ok(number as f64),
        Scalar::Negative(number) => Ok(number as f64),
        Scalar::Float(number) if number.is_finite() => Ok(number),
        Scalar::Float(_)
        | Scalar::Null
        | Scalar::Bool(_)
        | Scalar::Text(_)
        | Scalar::Compound(_)
        | Scalar::Unreadable(_)
        | Scalar::Twice => Err(A_NUMBER),
    }
}

fn within(value: &Scalar<'_>, min: f64, max: f64) -> Result<f64, Reason> {
    let number = number(value)?;
    if (min..=max).contains(&number) {
        return Ok(number);
    }
    Err(Reason::OutOfRange { min, max })
}

/// Degrees north, −90 to 90.
pub(crate) fn latitude(value: &Scalar<'_>) -> Result<f64, Reason> {
    within(value, -90.0, 90.0)
}

/// Degrees east, −180 to 180.
pub(crate) fn longitude(value: &Scalar<'_>) -> Result<f64, Reason> {
    within(value, -180.0, 180.0)
}

/// Degrees from north, 0 to 360.
pub(crate) fn bearing(value: &Scalar<'_>) -> Result<f64, Reason> {
    within(value, 0.0, 360.0)
}

/// A finite number, 0 or more.
pub(crate) fn not_negative(value: &Scalar<'_>) -> Result<f64, Reason> {
    let number = number(value)?;
    if number < 0.0 {
        return Err(Reason::Negative);
    }
    Ok(number)
}

/// A whole number, which may be written with a fraction of zero.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole and below 2^53 in magnitude, so the cast is exact"
)]
fn whole(value: &Scalar<'_>) -> Result<i128, Reason> {
    match *value {
        Scalar::Unsigned(number) => Ok(i128::from(number)),
        Scalar::Negative(number) => Ok(i128::from(number)),
        Scalar::Float(number) if number.fract() == 0.0 && number.abs() <= WHOLE_FLOAT_MAX => {
            Ok(i128::from(number as i64))
        }
        Scalar::Float(_)
        | Scalar::Null
        | Scalar::Bool(_)
        | Scalar::Text(_)
        | Scalar::Compound(_)
        | Scalar::Unreadable(_)
        | Scalar::Twice => Err(A_WHOLE_NUMBER),
    }
}

/// A sequence number.
pub(crate) fn sequence(value: &Scalar<'_>) -> Result<u64, Reason> {
    let number = whole(value)?;
    if number < 0 {
        return Err(Reason::Negative);
    }
    u64::try_from(number).map_err(|_too_large| A_WHOLE_NUMBER)
}

/// 0 to 255.
pub(crate) fn count(value: &Scalar<'_>) -> Result<u8, Reason> {
    u8::try_from(whole(value)?).map_err(|_outside| Reason::OutOfRange {
        min: 0.0,
        max: 255.0,
    })
}

/// 0 to 100.
pub(crate) fn per_cent(value: &Scalar<'_>) -> Result<u8, Reason> {
    match u8::try_from(whole(value)?) {
        Ok(pct) if pct <= 100 => Ok(pct),
        Ok(_) | Err(_) => Err(Reason::OutOfRange {
            min: 0.0,
            max: 100.0,
        }),
    }
}

/// A concentration in mg/100 mL, whatever its sign: a negative one tells of a broken sensor.
pub(crate) fn concentration(value: &Scalar<'_>) -> Result<i32, Reason> {
    i32::try_from(whole(value)?).map_err(|_outside| Reason::OutOfRange {
        min: f64::from(i32::MIN),
        max: f64::from(i32::MAX),
    })
}

/// True or false.
pub(crate) fn boolean(value: &Scalar<'_>) -> Result<bool, Reason> {
    if let Scalar::Bool(value) = *value {
        return Ok(value);
    }
    Err(Reason::IsNot("true or false"))
}

/// Text of any length.
pub(crate) fn text<'a>(value: &'a Scalar<'_>) -> Result<&'a str, Reason> {
    if let Scalar::Text(text) = value {
        return Ok(text);
    }
    Err(TEXT)
}

/// One of the names that `T` goes by in formats.
pub(crate) fn name<T: for<'de> Deserialize<'de>>(
    value: &Scalar<'_>,
    expected: &'static str,
) -> Result<T, Reason> {
    let text = text(value)?;
    let deserializer: StrDeserializer<'_, NameError> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|_unknown| Reason::IsNot(expected))
}

/// RFC 3339 with an offset, or epoch milliseconds; between the years 1970 and 9999.
pub(crate) fn instant(value: &Scalar<'_>) -> Result<Timestamp, Reason> {
    const EXPECTED: Reason = Reason::IsNot(
        "an RFC 3339 time with an offset, or epoch milliseconds, in the years 1970 to 9999",
    );
    if let Scalar::Text(text) = value {
        return Timestamp::parse(text).map_err(|_syntax_or_range| EXPECTED);
    }
    let ms = whole(value).map_err(|_not_whole| EXPECTED)?;
    i64::try_from(ms)
        .ok()
        .and_then(|ms| Timestamp::from_epoch_ms(ms).ok())
        .ok_or(EXPECTED)
}

/// Epoch seconds, as OwnTracks sends them; a fraction is kept to the millisecond.
pub(crate) fn epoch_seconds(value: &Scalar<'_>) -> Result<Timestamp, Reason> {
    const EXPECTED: Reason = Reason::IsNot("epoch seconds in the years 1970 to 9999");
    let seconds = number(value).map_err(|_not_a_number| EXPECTED)?;
    let milliseconds = Scalar::Float((seconds * 1000.0).round());
    instant(&milliseconds).map_err(|_outside| EXPECTED)
}
