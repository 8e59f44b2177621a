//! What a wearer's strap goes through, and what a tag's firmware says of it.

use chrono::TimeDelta;
use model::{DecisionKind, EventCode, Timestamp, WearerId};

use crate::civil;
use crate::dice::{Dice, Stream};
use crate::tag::{Link, TagEvent};
use crate::{FirmwareBug, PlannedBreach, WorldConfig};

/// Hours of the local day, in minutes, between which a strap is cut.
const CUT_MIN: (i64, i64) = (9 * 60, 22 * 60);

/// A strap that was cut stays so.
const STAYS_CUT: TimeDelta = TimeDelta::days(2);

/// Seconds after which a tag with the bug takes back what it said.
const TAKEN_BACK_S: (i64, i64) = (30, 120);

/// How long after that an alert of it may still begin: none does, but a clear comes later.
const MAY_SINCE: TimeDelta = TimeDelta::minutes(5);

/// Events of a strap, in order.
#[derive(Debug, Clone)]
pub(crate) struct Straps {
    pub(crate) events: Vec<TagEvent>,
    /// When a strap is truly cut.
    cuts: Vec<Timestamp>,
    /// When a tag says so though it is not.
    untrue: Vec<Timestamp>,
}

impl Straps {
    /// Those of the `index`-th wearer.
    pub(super) fn new(config: &WorldConfig, index: u64) -> Self {
        let cuts = cuts(config, index);
        let untrue: Vec<Timestamp> = (1..)
            .zip(&config.firmware_bugs)
            .filter_map(|(number, bug)| said_untruly(config, index, number, *bug))
            .collect();
        let mut dice = Dice::new(config.seed, Stream::Strap, index, 0);
        let event = |at, code| TagEvent {
            at,
            code,
            pct: None,
        };
        let mut events: Vec<TagEvent> = cuts
            .iter()
            .map(|at| event(*at, EventCode::StrapCut))
            .collect();
        for at in &untrue {
            let back = TimeDelta::seconds(dice.whole(TAKEN_BACK_S.0, TAKEN_BACK_S.1));
            events.push(event(*at, EventCode::StrapCut));
            events.push(event(at.plus(back), EventCode::StrapRestored));
        }
        events.sort();
        Self {
            events,
            cuts,
            untrue,
        }
    }

    /// What must be told of them, and what may be.
    pub(super) fn breaches(
        &self,
        wearer: &WearerId,
        link: &Link,
        config: &WorldConfig,
    ) -> Vec<PlannedBreach> {
        let allowance = TimeDelta::seconds(config.processing_allowance_s.into());
        let planned = |number: usize, onset: Timestamp, ends, must_alert_by| PlannedBreach {
            id: format!("B-{wearer}-strap-{number}"),
            wearer: wearer.clone(),
            condition: None,
            kinds: vec![DecisionKind::StrapTamper],
            consequences: Vec::new(),
            onset,
            ends,
            must_alert_by,
        };
        let cut = |(number, at): (usize, &Timestamp)| {
            let due = link.arrives_by(link.signal_at(*at)).plus(allowance);
            planned(number, *at, at.plus(STAYS_CUT), Some(due))
        };
        let untrue = |(number, at): (usize, &Timestamp)| {
            let ends = link.signal_at(*at).plus(MAY_SINCE);
            planned(number, *at, ends, None)
        };
        let cuts = (1..).zip(&self.cuts).map(cut);
        cuts.chain((1..).zip(&self.untrue).map(untrue)).collect()
    }
}

/// One cut at most, on a day for which breaches are planned.
fn cuts(config: &WorldConfig, index: u64) -> Vec<Timestamp> {
    let first = civil::date_of(config.start);
    let days = first.iter_days().zip(1..=u64::from(config.plan_days));
    let cut = |(date, day)| {
        let mut dice = Dice::new(config.seed, Stream::Strap, index, day);
        let happens = dice.chance(config.people.strap_cuts_per_wearer_day);
        let second = TimeDelta::seconds(dice.whole(0, 59));
        let at = civil::instant(date, dice.whole(CUT_MIN.0, CUT_MIN.1)).plus(second);
        (happens && at > config.start).then_some(at)
    };
    days.filter_map(cut).take(1).collect()
}

/// When a tag says that its strap was cut because of a bug, where it does.
fn said_untruly(
    config: &WorldConfig,
    index: u64,
    number: u64,
    bug: FirmwareBug,
) -> Option<Timestamp> {
    let mut dice = Dice::new(config.seed, Stream::FirmwareBug, index, number);
    let has_it = dice.chance(bug.share);
    let length_s = bug.to.since(bug.from).num_seconds();
    let at = bug.from.plus(TimeDelta::seconds(dice.whole(0, length_s)));
    has_it.then_some(at)
}
