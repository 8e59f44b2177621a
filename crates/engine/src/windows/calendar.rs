//! The spans during which one condition is in force.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use model::Timestamp;
use model::registry::{Day, ReleaseDay, WeeklyWindow};

use super::civil;
use super::span::{Span, cut, merge};

/// Days generated on either side of the day asked about. A weekly plan without a break in more
/// than a week never has one, and the next window of any plan begins within a week.
const DAYS_AROUND: u64 = 9;
const DATES: usize = 2 * 9 + 1;

const WEEK: TimeDelta = TimeDelta::days(7);

/// A week and most of a day, so that no change of the clocks makes it fall short.
const ENDLESS_FROM: TimeDelta = TimeDelta::hours(7 * 24 + 20);

/// The spans during which a condition is in force.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    zone: Tz,
    /// Nothing: always.
    weekly: Option<Vec<WeeklyWindow>>,
    release_day: Option<ReleaseDay>,
    /// The order's and the condition's own start and end.
    bounds: Span,
    /// Authorised absences: the duty is lifted.
    lifted: Vec<Span>,
}

impl Calendar {
    /// In force throughout `bounds`.
    pub(crate) fn throughout(zone: Tz, bounds: Span) -> Self {
        Self {
            zone,
            weekly: None,
            release_day: None,
            bounds,
            lifted: Vec::new(),
        }
    }

    /// In force during weekly windows within `bounds`.
    pub(crate) fn weekly(zone: Tz, bounds: Span, windows: Vec<WeeklyWindow>) -> Self {
        Self {
            weekly: Some(windows),
            ..Self::throughout(zone, bounds)
        }
    }

    /// With other hours on one day: windows that would open on that day do not.
    pub(crate) fn with_release_day(mut self, day: Option<ReleaseDay>) -> Self {
        self.release_day = day;
        self
    }

    /// Lifted during `spans`: a window that one of them cuts through becomes two.
    pub(crate) fn set_lifted(&mut self, spans: Vec<Span>) {
        self.lifted = spans;
    }

    /// The span that contains `at`, or else the first one after it.
    pub(crate) fn at_or_after(&self, at: Timestamp) -> Option<Span> {
        let mut from = at.max(self.bounds.start);
        // A week without a span has lost it to an absence, or to the hour that a clock change skips.
        for _week in 0..self.lifted.len().saturating_mul(2).saturating_add(3) {
            let week = from.plus(WEEK);
            if let Some(span) = self.near(from).filter(|span| span.start <= week) {
                return Some(span);
            }
            let absent = self.lifted.iter().filter(|span| span.contains(week));
            from = absent.map(|span| span.end).max().unwrap_or(week);
            if from >= self.bounds.end {
                return None;
            }
        }
        // Nothing weekly is left; there may be a day of release yet.
        self.near(from)
    }

    /// The span that contains `from`, or else the first one after it, if that begins within a week; or
    /// else perhaps one that is not the first.
    fn near(&self, from: Timestamp) -> Option<Span> {
        let mut spans = self.around(from);
        merge(&mut spans);
        for span in &mut spans {
            *span = span.within(&self.bounds);
        }
        for lifted in &self.lifted {
            cut(&mut spans, lifted);
        }
        spans
            .into_iter()
            .find(|span| span.end > from && !span.is_empty())
    }

    /// Every span that matters about `at`, unmerged.
    fn around(&self, at: Timestamp) -> Vec<Span> {
        let Some(weekly) = &self.weekly else {
            return vec![Span::always()];
        };
        let today = self.date(at);
        let mut spans: Vec<Span> = dates_around(today)
            .flat_map(|date| self.opening_on(date, weekly))
            .collect();
        self.extend_endless(&mut spans, weekly, today);
        if let Some(day) = self.release_day {
            spans.extend(civil::window(self.zone, day.date, day.start, day.end));
        }
        spans
    }

    fn opening_on(&self, date: NaiveDate, weekly: &[WeeklyWindow]) -> Vec<Span> {
        if self.release_day.is_some_and(|release| release.date == date) {
            return Vec::new();
        }
        let day = Day::from(date.weekday());
        let opening = weekly.iter().filter(|window| window.days.contains(&day));
        opening
            .filter_map(|window| civil::window(self.zone, date, window.start, window.end))
            .collect()
    }

    /// A plan without a break in more than a week has none at all, but for the day of release, on which
    /// windows that would open do not.
    fn extend_endless(&self, spans: &mut Vec<Span>, weekly: &[WeeklyWindow], today: NaiveDate) {
        merge(spans);
        let first = today.checked_sub_days(Days::new(DAYS_AROUND - 1));
        let last = today.checked_add_days(Days::new(DAYS_AROUND - 1));
        let endless = |span: &&mut Span| span.end.since(span.start) >= ENDLESS_FROM;
        for span in spans.iter_mut().filter(endless) {
            let (start, end) = (self.date(span.start), self.date(span.end));
            if last.is_some_and(|day| end > day) {
                let until = self.last_end_before_release(weekly, end);
                span.end = until.unwrap_or(Timestamp::MAX);
            }
            if first.is_some_and(|day| start < day) {
                let from = self.first_start_after_release(weekly, start);
                span.start = from.unwrap_or_default();
            }
        }
    }

    /// When the windows end that open on the day before that of release, if that is not before `day`.
    fn last_end_before_release(
        &self,
        weekly: &[WeeklyWindow],
        day: NaiveDate,
    ) -> Option<Timestamp> {
        let release = self.release_day.filter(|release| release.date >= day)?;
        let before = self.opening_on(release.date.pred_opt()?, weekly);
        let end = before.into_iter().map(|span| span.end).max();
        end.or_else(|| civil::midnight(self.zone, release.date))
    }

    /// When the first window opens on the day after that of release, if that is not after `day`.
    fn first_start_after_release(
        &self,
        weekly: &[WeeklyWindow],
        day: NaiveDate,
    ) -> Option<Timestamp> {
        let release = self.release_day.filter(|release| release.date <= day)?;
        let after = release.date.succ_opt()?;
        let opening = self.opening_on(after, weekly);
        let start = opening.into_iter().map(|span| span.start).min();
        start.or_else(|| civil::midnight(self.zone, after))
    }

    fn date(&self, at: Timestamp) -> NaiveDate {
        civil::date(self.zone, at)
    }
}

fn dates_around(today: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let first = today
        .checked_sub_days(Days::new(DAYS_AROUND))
        .unwrap_or(NaiveDate::MIN);
    first.iter_days().take(DATES)
}

#[cfg(test)]
mod tests;
