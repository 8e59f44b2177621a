//! A text that documents are read from, and where in it something stands.

use std::sync::OnceLock;

use serde_json::value::RawValue;

use crate::problem::Place;

/// A file's name and its text.
#[derive(Debug)]
pub(crate) struct Source {
    name: String,
    text: String,
    /// Whether it is a text that somebody wrote and can look at.
    written: bool,
    /// Where each line starts; found out when somebody asks.
    lines: OnceLock<Vec<usize>>,
}

/// What some editors put before a text in UTF-8. It is no part of the JSON.
const BYTE_ORDER_MARK: char = '\u{feff}';

impl Source {
    pub(crate) fn new(name: impl Into<String>, text: String) -> Self {
        let text = match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        Self {
            name: name.into(),
            text,
            written: true,
            lines: OnceLock::new(),
        }
    }

    /// The same for a text that was made only to be read: its lines mean nothing to anybody.
    pub(crate) fn unseen(name: impl Into<String>, text: String) -> Self {
        Self {
            written: false,
            ..Self::new(name, text)
        }
    }

    /// The file's name, to be shown.
    pub(crate) fn file(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| self.name.clone())
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where in the text a part of it starts, in bytes.
    pub(crate) fn offset(&self, part: &str) -> usize {
        let offset = part.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        offset.min(self.text.len())
    }

    /// The line and column of an offset, where they mean something.
    pub(crate) fn shown(&self, offset: usize) -> Option<Place> {
        self.written.then(|| self.place(offset))
    }

    /// The line and column of an offset.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let lines = self.lines.get_or_init(|| self.line_starts());
        let line = lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| lines.get(index));
        Place {
            line: line.max(1),
            column: offset - start.copied().unwrap_or(0) + 1,
        }
    }

    fn line_starts(&self) -> Vec<usize> {
        let after = self.text.match_indices('\n').map(|(at, _)| at + 1);
        std::iter::once(0).chain(after).collect()
    }

    /// Where the name of the member starts whose value is `value`; that of the value, where it is no
    /// member called `name`.
    pub(crate) fn name_offset(&self, value: &RawValue, name: &str) -> usize {
        let offset = self.offset(value.get());
        let before = self.text.get(..offset).unwrap_or_default();
        let quoted = format!("\"{name}\"");
        before
            .trim_end()
            .strip_suffix(':')
            .and_then(|before| before.trim_end().strip_suffix(&quoted))
            .map_or(offset, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_from_one() {
        let source = Source::new("here", "{\n  \"a\": 1\n}\n".to_owned());
        let places = [(0, (1, 1)), (4, (2, 3)), (9, (2, 8)), (11, (3, 1))];
        for (offset, (line, column)) in places {
            assert_eq!(source.place(offset), Place { line, column }, "{offset}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let source = Source::new("here", "\u{feff}{}".to_owned());
        assert_eq!(source.text(), "{}");
    }
}
