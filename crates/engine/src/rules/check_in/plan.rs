//! What a check-in condition demands, and when it asks.

use chrono::{Days, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use model::registry::{Duty, TimeOfDay};
use model::{PlaceId, Timestamp, WearerId};

use super::super::Planning;
use super::super::curfew::{Address, address};
use super::jitter;
use crate::CheckInRules;
use crate::windows::{Span, date, hours};

/// Local days looked at for the next prompt, from the one before today: more than one in a row
/// without any does not occur, since no change of the clocks skips a window on two days.
const DAYS: usize = 5;

/// What a check-in condition demands, and when it asks. Empty until the condition is equipped.
#[derive(Debug, Default)]
pub(super) struct Plan {
    asks: Option<Asks>,
    bounds: Option<Span>,
    lifted: Vec<Span>,
    pub(super) answer_within: TimeDelta,
    pub(super) place: Option<(PlaceId, Address)>,
    /// Why there is no place, where there should be.
    pub(super) problem: Option<String>,
}

/// When it asks.
#[derive(Debug)]
struct Asks {
    zone: Tz,
    prompts: u32,
    between: (TimeOfDay, TimeOfDay),
    wearer: WearerId,
    condition: String,
}

/// One prompt to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) at: Timestamp,
    /// Names the prompt.
    pub(super) id: String,
}

impl Plan {
    pub(super) fn new(planning: &Planning<'_>) -> Self {
        let Duty::CheckIn {
            prompts_per_day,
            between,
            answer_within_s,
            place,
        } = &planning.condition.duty
        else {
            return Self::default();
        };
        let found = place.as_ref().map(|id| (id, address(planning, id)));
        let (place, problem) = match found {
            None => (None, None),
            Some((id, Ok(address))) => (Some((id.clone(), address)), None),
            Some((_, Err(problem))) => (None, Some(problem)),
        };
        Self {
            asks: Some(Asks {
                zone: planning.order.time_zone,
                prompts: u32::from(*prompts_per_day),
                between: *between,
                wearer: planning.order.wearer.clone(),
                condition: planning.condition.id.to_string(),
            }),
            bounds: Some(planning.bounds()),
            lifted: planning.lifted.clone(),
            answer_within: TimeDelta::seconds(i64::from(*answer_within_s)),
            place,
            problem,
        }
    }

    /// Whether a prompt that may be answered during `span` is demanded: all of it is within the
    /// order's and the condition's time, and no absence is authorised in it.
    pub(super) fn demands(&self, span: &Span) -> bool {
        let bounds = self.bounds.as_ref();
        bounds.is_some_and(|bounds| bounds.contains(span.start) && span.end <= bounds.end)
            && !self
                .lifted
                .iter()
                .any(|lifted| span.start < lifted.end && lifted.start <= span.end)
    }

    pub(super) fn ends(&self) -> Timestamp {
        self.bounds
            .map_or_else(Timestamp::default, |bounds| bounds.end)
    }

    /// The first prompt after `at`, while the condition lasts.
    pub(super) fn after(&self, at: Timestamp, rules: &CheckInRules) -> Option<Slot> {
        let (asks, bounds) = (self.asks.as_ref()?, self.bounds.as_ref()?);
        // One that falls on the first instant of the condition is after the instant before it.
        let at = at.max(bounds.start.minus(TimeDelta::milliseconds(1)));
        let first = date(asks.zone, at).checked_sub_days(Days::new(1))?;
        let slots = first
            .iter_days()
            .take(DAYS)
            .flat_map(|date| asks.on(date, rules));
        slots
            .into_iter()
            .find(|slot| slot.at > at)
            .filter(|slot| slot.at < bounds.end)
    }
}

impl Asks {
    /// The prompts of one local day, in order.
    fn on(&self, date: NaiveDate, rules: &CheckInRules) -> impl Iterator<Item = Slot> {
        let (start, end) = self.between;
        let hours = hours(self.zone, date, start, end);
        let slot = move |hours: Span, ordinal: u32| {
            let (wearer, condition) = (&self.wearer, &self.condition);
            let name = format!(
                "{}/{wearer}/{condition}/{date}/{ordinal}",
                rules.prompt_seed
            );
            let offset = jitter::offset(&name, hours, ordinal, self.prompts, rules.jitter_percent);
            Slot {
                at: hours.start.plus(offset),
                id: format!(
                    "{date}.{}.{:016x}",
                    ordinal + 1,
                    jitter::hash(&format!("{name}/id"))
                ),
            }
        };
        let ordinals = 0..self.prompts;
        hours
            .into_iter()
            .flat_map(move |hours| ordinals.clone().map(move |ordinal| slot(hours, ordinal)))
    }
}
