//! A wearer's duty not to drink, and whether they keep to it.

use chrono::TimeDelta;
use model::registry::{Activation, Condition, DeviceKind, Duty};
use model::{ConditionId, DecisionKind, DeviceId, IdError, Timestamp, WearerId};

use crate::dice::{Dice, Stream};
use crate::life::drink::{self, Drink, Evening};
use crate::tag::{ALCOHOL_READING_S, Link};
use crate::{PlannedBreach, WorldConfig};

/// Seconds between uploads: of tags that upload as they go, and of those that do once a day.
const UPLOAD_S: u32 = 1_800;
const UPLOAD_DAILY_S: u32 = 86_400;

/// How many of the tags upload once a day. Invented.
const DAILY: f64 = 0.3;

/// Of twenty wearers this one has been drinking as the world begins, so that a short run sees it.
const EARLY: u64 = 10;

/// Readings after the first above the threshold until drinking is certain: three in all, over 55 minutes.
const MORE_READINGS: i64 = 2;

/// A duty not to drink.
#[derive(Debug, Clone)]
pub(crate) struct OwnAbstinence {
    pub(crate) device: DeviceId,
    pub(crate) link: Link,
    condition: ConditionId,
    upload_s: u32,
    drinks: Vec<Drink>,
}

impl OwnAbstinence {
    /// That of the `index`-th wearer, where they have one; `link` is that of their other tag.
    pub(super) fn new(
        config: &WorldConfig,
        index: u64,
        link: &Link,
    ) -> Result<Option<Self>, IdError> {
        let mut dice = Dice::new(config.seed, Stream::Abstinence, index, 0);
        let share = config.people.alcohol;
        let is_early = share > 0.0 && index % 20 == EARLY;
        if !is_early && !dice.chance(share) {
            return Ok(None);
        }
        let is_daily = dice.chance(DAILY) && !is_early;
        let upload_s = if is_daily { UPLOAD_DAILY_S } else { UPLOAD_S };
        let interval_ms = i64::from(upload_s) * 1000;
        Ok(Some(Self {
            device: DeviceId::new(format!("ALC-{:06}", index + 1))?,
            link: Link {
                interval_ms,
                phase_ms: dice.whole(1_000, interval_ms),
                ..link.clone()
            },
            condition: ConditionId::new(format!("C-{:06}-alcohol", index + 1))?,
            upload_s,
            drinks: drink::all(config, index, is_early),
        }))
    }

    /// TAC in mg/100 mL at an instant.
    pub(crate) fn tac(&self, at: Timestamp) -> f64 {
        self.drinks.iter().map(|drink| drink.tac(at)).sum()
    }

    pub(super) fn condition_record(&self) -> Condition {
        Condition {
            id: self.condition.clone(),
            from: None,
            to: None,
            duty: Duty::AlcoholAbstinence,
        }
    }

    pub(super) fn activation_record(&self, wearer: WearerId, from: Timestamp) -> Activation {
        Activation {
            device: self.device.clone(),
            kind: DeviceKind::Alcohol,
            wearer,
            from,
            to: None,
            cadence_s: ALCOHOL_READING_S,
            upload_interval_s: self.upload_s,
            hmu_place: None,
        }
    }

    /// What must be told of their drinking.
    pub(super) fn breaches(&self, wearer: &WearerId, config: &WorldConfig) -> Vec<PlannedBreach> {
        let evenings = self.drinks.iter().filter_map(Drink::evening);
        let planned = (1..).zip(evenings).map(|(number, evening)| PlannedBreach {
            id: format!("B-{wearer}-alcohol-{number}"),
            wearer: wearer.clone(),
            condition: Some(self.condition.clone()),
            kinds: vec![DecisionKind::AlcoholDetected],
            consequences: vec![
                DecisionKind::AlcoholConfirmed,
                DecisionKind::AlcoholProbable,
            ],
            onset: evening.onset.max(config.start),
            ends: evening.ends,
            must_alert_by: Some(self.due(evening, config)),
        });
        planned.collect()
    }

    /// From when on each reading is above the threshold, a reading may take its half hour to come, and two
    /// more must follow; then it all has to be uploaded.
    fn due(&self, evening: Evening, config: &WorldConfig) -> Timestamp {
        let reading = TimeDelta::seconds(ALCOHOL_READING_S.into());
        let certain = evening.certain.max(config.start);
        let settled = (0..=MORE_READINGS).fold(certain, |at, _reading| at.plus(reading));
        let allowance = TimeDelta::seconds(config.processing_allowance_s.into());
        self.link
            .arrives_by(self.link.next_upload(settled))
            .plus(allowance)
    }
}
