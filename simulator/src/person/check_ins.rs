//! A wearer's duty to answer prompts on a device that is carried, and which they ignore.

use chrono::TimeDelta;
use model::registry::{Activation, Condition, DeviceKind, Duty, TimeOfDay};
use model::{ConditionId, DecisionKind, DeviceCommand, DeviceId, IdError, Timestamp, WearerId};

use crate::dice::{Dice, Stream};
use crate::{PlannedBreach, WorldConfig, millis};

/// Prompts a day, between these local hours, each to be answered within so many seconds.
const PROMPTS_PER_DAY: u8 = 4;
const BETWEEN: (&str, &str) = ("08:00", "22:00");
const ANSWER_WITHIN_S: u32 = 900;

/// Seconds that somebody takes to answer. Invented.
const TAKES_S: (f64, f64) = (40.0, 420.0);

/// How long after the last moment an answer may still be under way before a prompt counts as missed, in
/// minutes: the service's default.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// Seconds after which such a device says that it is there.
const UPLOAD_S: u32 = 86_400;

/// A duty to answer prompts.
#[derive(Debug, Clone)]
pub(crate) struct OwnCheckIns {
    pub(crate) device: DeviceId,
    condition: ConditionId,
    between: (TimeOfDay, TimeOfDay),
    ignored: f64,
    allowance: TimeDelta,
    seed: u64,
    index: u64,
}

/// What becomes of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Response {
    /// It is answered at this instant.
    Answered(Timestamp),
    /// It is not, which must be told.
    Ignored(Box<PlannedBreach>),
}

impl OwnCheckIns {
    /// That of the `index`-th wearer, where they have one.
    pub(super) fn new(config: &WorldConfig, index: u64) -> Result<Option<Self>, IdError> {
        let mut dice = Dice::new(config.seed, Stream::CheckIn, index, 0);
        let has_one = dice.chance(config.people.check_ins);
        let hours = TimeOfDay::parse(BETWEEN.0)
            .ok()
            .zip(TimeOfDay::parse(BETWEEN.1).ok());
        let Some(between) = hours.filter(|_hours| has_one) else {
            return Ok(None);
        };
        Ok(Some(Self {
            device: DeviceId::new(format!("NFD-{:06}", index + 1))?,
            condition: ConditionId::new(format!("C-{:06}-check-in", index + 1))?,
            between,
            ignored: config.people.ignored_prompts,
            allowance: TimeDelta::seconds(config.processing_allowance_s.into()),
            seed: config.seed,
            index,
        }))
    }

    pub(super) fn condition_record(&self) -> Condition {
        Condition {
            id: self.condition.clone(),
            from: None,
            to: None,
            duty: Duty::CheckIn {
                prompts_per_day: PROMPTS_PER_DAY,
                between: self.between,
                answer_within_s: ANSWER_WITHIN_S,
                place: None,
            },
        }
    }

    pub(super) fn activation_record(&self, wearer: WearerId, from: Timestamp) -> Activation {
        Activation {
            device: self.device.clone(),
            kind: DeviceKind::NonFitted,
            wearer,
            from,
            to: None,
            cadence_s: UPLOAD_S,
            upload_interval_s: UPLOAD_S,
            hmu_place: None,
        }
    }

    /// What the wearer makes of a prompt: the same of the same, however often it comes.
    pub(crate) fn response(&self, wearer: &WearerId, command: &DeviceCommand) -> Response {
        let part = command.at.epoch_ms().unsigned_abs();
        let mut dice = Dice::new(self.seed, Stream::CheckIn, self.index, part);
        if !dice.chance(self.ignored) {
            let takes = TimeDelta::milliseconds(millis(dice.between(TAKES_S.0, TAKES_S.1)));
            return Response::Answered(command.at.plus(takes));
        }
        let missed = command.answer_by.plus(MARGIN);
        Response::Ignored(Box::new(PlannedBreach {
            id: format!("B-{wearer}-{}", command.prompt),
            wearer: wearer.clone(),
            condition: Some(self.condition.clone()),
            kinds: vec![DecisionKind::CheckInMissed],
            consequences: Vec::new(),
            onset: command.at,
            ends: missed,
            must_alert_by: Some(missed.plus(self.allowance)),
        }))
    }
}
