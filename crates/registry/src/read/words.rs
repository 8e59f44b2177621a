//! What a JSON reader says, in the words of those who write the documents.

use chrono_tz::TZ_VARIANTS;

/// What is wrong, and what would be right.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) about: About,
}

/// What of the place a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// The value, which is to be shown.
    Value,
    /// The member's name, which the message says.
    Name,
    /// The value, which the message says, or which is too much to be shown.
    Nothing,
}

/// Puts a message of serde's into the words of the field.
pub(crate) fn reworded(message: &str) -> Said {
    let message = without_place(message);
    unknown(message)
        .or_else(|| missing_or_twice(message))
        .or_else(|| wrong_type(message))
        .or_else(|| no_time_zone(message))
        .or_else(|| no_date(message))
        .unwrap_or_else(|| Said {
            message: message.to_owned(),
            help: None,
            about: if message.contains('"') {
                About::Nothing
            } else {
                About::Value
            },
        })
}

/// Without serde's line and column, which count within the part that was read.
fn without_place(message: &str) -> &str {
    match message.rfind(" at line ") {
        Some(end) => message.get(..end).unwrap_or(message),
        None => message,
    }
}

fn unknown(message: &str) -> Option<Said> {
    let (what, about, rest) = match message.strip_prefix("unknown field `") {
        Some(rest) => ("field", About::Name, rest),
        None => {
            let rest = message.strip_prefix("unknown variant `")?;
            ("word", About::Nothing, rest)
        }
    };
    let (name, expected) = rest.split_once('`')?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    Some(Said {
        message: format!("unknown {what} `{name}`"),
        help: Some(instead(name, &known)),
        about,
    })
}

fn missing_or_twice(message: &str) -> Option<Said> {
    let named = |before: &str| message.strip_prefix(before)?.strip_suffix('`');
    let message = match (named("missing field `"), named("duplicate field `")) {
        (Some(name), _) => format!("the field `{name}` is missing"),
        (None, Some(name)) => format!("the field `{name}` is here twice"),
        (None, None) => return None,
    };
    Some(Said {
        message,
        help: None,
        about: About::Nothing,
    })
}

fn wrong_type(message: &str) -> Option<Said> {
    let rest = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .or_else(|| message.strip_prefix("invalid length "))?;
    let (_found, expected) = rest.split_once(", expected ")?;
    Some(Said {
        message: format!("should be {}", in_words(expected)),
        help: None,
        about: About::Value,
    })
}

fn no_time_zone(message: &str) -> Option<Said> {
    let name = message
        .strip_prefix("failed to parse timezone: '")?
        .strip_suffix('\'')?;
    let near = nearest(name, TZ_VARIANTS.iter().map(|zone| zone.name()));
    Some(Said {
        message: "is no time zone".to_owned(),
        help: near.map(|near| format!("did you mean {near}?")),
        about: About::Value,
    })
}

/// What chrono says of a text that is no date, which does not say that it should be one.
const NO_DATE: [&str; 5] = [
    "input contains invalid characters",
    "input is out of range",
    "no possible date and time matching input",
    "premature end of input",
    "trailing input",
];

fn no_date(message: &str) -> Option<Said> {
    NO_DATE.contains(&message).then(|| Said {
        message: format!("should be {}", in_words("a formatted date string")),
        help: None,
        about: About::Value,
    })
}

/// A type as serde names it, for people.
fn in_words(expected: &str) -> String {
    let words = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "f64" => "a number",
        "a string" | "string" | "str" | "a borrowed string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" | "string or map" => "an object",
        "a tuple of size 2" => "a list of two",
        "a formatted date string" => "a date such as 1990-01-31",
        other if other.starts_with("struct ") => "an object",
        other if other.starts_with("enum ") => "a word",
        other if other.starts_with("tuple of ") || other.contains("tuple of size 2") => {
            "a list of two"
        }
        other => other,
    };
    words.to_owned()
}

/// What may be meant by `name`, which is none of `known`.
pub(crate) fn instead(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The one of `known` that `name` is a slip of the pen away from.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // One slip in four letters, as in `zonse`; more, and it may well be another word.
    let slips_most = 1 + name.chars().count() / 4;
    known
        .map(|known| (slips(name, known), known))
        .filter(|(slips, _)| *slips <= slips_most)
        .min()
        .map(|(_, known)| known)
}

fn slips(one: &str, other: &str) -> usize {
    strsim::osa_distance(&one.to_lowercase(), &other.to_lowercase())
}
