//! Reading values of a policy, each wrong one noted with its place.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NameError, StrDeserializer};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::matching::AnyOf;
use crate::problem::{PolicyProblem, line_and_column};

/// The longest piece of a wrong value that a problem quotes, in characters.
const QUOTED_CHARS_MAX: usize = 80;

pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// The text and what was found wrong with it so far.
pub(crate) struct Reader<'t> {
    pub(crate) text: &'t str,
    pub(crate) problems: Vec<PolicyProblem>,
}

impl Reader<'_> {
    pub(crate) fn problem(
        &mut self,
        span: Range<usize>,
        field: &str,
        value: &str,
        message: String,
    ) {
        let (line, column) = line_and_column(self.text, span.start);
        self.problems.push(PolicyProblem {
            line,
            column,
            span,
            field: field.to_owned(),
            value: value.to_owned(),
            message,
        });
    }

    /// A problem with `value`, which is quoted as written.
    pub(crate) fn wrong(&mut self, value: &Value<'_>, field: &str, message: impl Into<String>) {
        let written = self.text.get(value.span()).unwrap_or_default();
        let first_line = written.lines().next().unwrap_or_default();
        let written: String = first_line.chars().take(QUOTED_CHARS_MAX).collect();
        self.problem(value.span(), field, &written, message.into());
    }

    pub(crate) fn known_fields(&mut self, table: &DeTable<'_>, path: &str, known: &[&str]) {
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let field = if path.is_empty() {
                    key.get_ref().to_string()
                } else {
                    format!("{path}.{}", key.get_ref())
                };
                let message = format!("is not a field here; known are {}", known.join(", "));
                self.problem(key.span(), &field, "", message);
            }
        }
    }

    pub(crate) fn array<'v>(
        &mut self,
        value: &'v Value<'_>,
        field: &str,
        example: &str,
    ) -> Option<&'v DeArray<'v>> {
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong(value, field, format!("is not a list, such as {example}"));
        }
        array
    }

    pub(crate) fn boolean(&mut self, value: &Value<'_>, field: &str) -> Option<bool> {
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong(value, field, "is not true or false");
        }
        boolean
    }

    pub(crate) fn word<T>(
        &mut self,
        value: &Value<'_>,
        field: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(value, field, "is not text in quotes");
            return None;
        };
        read(text)
            .map_err(|message| self.wrong(value, field, message))
            .ok()
    }

    pub(crate) fn words<T: Ord>(
        &mut self,
        table: &DeTable<'_>,
        path: &str,
        name: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> AnyOf<T> {
        let field = format!("{path}.{name}");
        let items = self.array(table.get(name)?, &field, "[\"…\", \"…\"]")?;
        let mut set = BTreeSet::new();
        for item in items.iter() {
            set.extend(self.word(item, &field, &read));
        }
        Some(set)
    }

    pub(crate) fn whole(
        &mut self,
        value: &Value<'_>,
        field: &str,
        min: u32,
        max: u32,
    ) -> Option<u32> {
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok())
            .filter(|number| (min..=max).contains(number));
        if number.is_none() {
            let message = format!("is not a whole number from {min} to {max}");
            self.wrong(value, field, message);
        }
        number
    }

    pub(crate) fn numbers(
        &mut self,
        table: &DeTable<'_>,
        path: &str,
        name: &str,
        max: u8,
    ) -> AnyOf<u8> {
        let field = format!("{path}.{name}");
        let items = self.array(table.get(name)?, &field, "[2, 3]")?;
        let mut set = BTreeSet::new();
        for item in items.iter() {
            let number = item
                .get_ref()
                .as_integer()
                .and_then(|integer| u8::from_str_radix(integer.as_str(), integer.radix()).ok());
            match number {
                Some(number) if (1..=max).contains(&number) => {
                    set.insert(number);
                }
                Some(_) | None => {
                    self.wrong(
                        item,
                        &field,
                        format!("is not a whole number from 1 to {max}"),
                    );
                }
            }
        }
        Some(set)
    }
}

/// One of the names that `T` goes by in formats; serde's message lists them all.
pub(crate) fn read_name<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    let deserializer: StrDeserializer<'_, NameError> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|error| format!("is not known: {error}"))
}
