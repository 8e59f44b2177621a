//! A calendar that remembers its last answer, since fixes come far more often than windows change.

use model::Timestamp;

use super::{Calendar, Span};

/// A calendar and its last answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Diary {
    calendar: Option<Calendar>,
    asked: Option<(Timestamp, Option<Span>)>,
}

impl Diary {
    pub(crate) fn new(calendar: Calendar) -> Self {
        Self {
            calendar: Some(calendar),
            asked: None,
        }
    }

    /// The span that contains `at`, or else the first one after it.
    pub(crate) fn at_or_after(&mut self, at: Timestamp) -> Option<Span> {
        if let Some((from, answer)) = self.asked
            && from <= at
            && answer.is_none_or(|span| at < span.end)
        {
            return answer;
        }
        let answer = self
            .calendar
            .as_ref()
            .and_then(|calendar| calendar.at_or_after(at));
        self.asked = Some((at, answer));
        answer
    }

    /// The span that contains `at`.
    pub(crate) fn at(&mut self, at: Timestamp) -> Option<Span> {
        self.at_or_after(at).filter(|span| span.contains(at))
    }
}
