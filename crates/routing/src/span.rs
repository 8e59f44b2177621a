//! Spans of time as people write them: `90s`, `4m`, `2h`, `1d`.

use chrono::TimeDelta;

/// The longest time to notify, in days: what is later than a month is a slip of the pen.
const DAYS_MAX: i64 = 31;

/// Reads a span of time; says what would be right when it is none.
pub(crate) fn parse_span(text: &str) -> Result<TimeDelta, String> {
    const EXPECTED: &str =
        "is not a time to notify: a whole number above 0 with s, m, h or d, such as \"4m\"";
    let unit = text.chars().last().and_then(seconds_in);
    let (Some(unit), Some(digits)) = (unit, text.get(..text.len().saturating_sub(1))) else {
        return Err(EXPECTED.to_owned());
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EXPECTED.to_owned());
    }
    let number: i64 = digits
        .parse()
        .map_err(|_not_a_number| EXPECTED.to_owned())?;
    let span = number.checked_mul(unit).and_then(TimeDelta::try_seconds);
    match span {
        Some(span) if span > TimeDelta::days(DAYS_MAX) => too_long(),
        Some(span) if span > TimeDelta::zero() => Ok(span),
        Some(_) => Err(EXPECTED.to_owned()),
        None => too_long(),
    }
}

fn too_long() -> Result<TimeDelta, String> {
    Err(format!("is longer than {DAYS_MAX} days"))
}

const fn seconds_in(unit: char) -> Option<i64> {
    match unit {
        's' => Some(1),
        'm' => Some(60),
        'h' => Some(3_600),
        'd' => Some(86_400),
        _ => None,
    }
}
