//! Home units: what RF says of one place.
//!
//! A unit reports when the tag comes into its range and goes out of it, and in between that nothing
//! has changed. What it said last holds until it says otherwise, falls silent, or is disturbed. A unit
//! that lost its mains says nothing until they are back or it hears the tag. One that was moved says
//! nothing until it hears the tag: and not even then while positions show the wearer elsewhere, since it
//! may be where they are.

use std::cmp::Ordering;

use model::registry::Activation;
use model::{DeviceId, EventCode, ObservedAt, RfEvidence, Timestamp};
use serde::{Deserialize, Serialize};

use crate::CurfewRules;

/// The home units at one place, in the order in which they were first heard.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Units(Vec<Unit>);

/// One home unit.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unit {
    device: DeviceId,
    /// Whether it hears the tag; nothing while what it says cannot be relied on.
    hears: Option<bool>,
    /// Since when it has said so without a break.
    pub(super) since: Timestamp,
    /// Its newest presence reading.
    heard: Option<Timestamp>,
    disturbed: Option<Disturbance>,
    cadence_s: u32,
    /// Worn until.
    ends: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Disturbance {
    Mains,
    Moved,
}

impl Unit {
    pub(super) fn is_in_range(&self) -> bool {
        self.hears == Some(true)
    }

    /// The newest time at which it is known to have said what it says.
    pub(super) fn newest(&self) -> Timestamp {
        self.heard.unwrap_or(self.since)
    }

    /// What it says holds for so long, exclusively, if it says nothing else.
    pub(super) fn holds_until(&self, rules: &CurfewRules) -> Timestamp {
        let silent_s = rules.rf_silent_s(self.cadence_s);
        self.newest().plus_seconds(silent_s.into()).min(self.ends)
    }

    /// As it stands in evidence.
    pub(super) fn evidence(&self) -> Option<RfEvidence> {
        Some(RfEvidence {
            device: self.device.clone(),
            in_range: self.hears?,
            since: self.since,
            observed_at: ObservedAt(self.newest()),
        })
    }

    fn hear(&mut self, in_range: bool, at: Timestamp, elsewhere: bool, rules: &CurfewRules) {
        let trusted = match self.disturbed {
            None => true,
            Some(Disturbance::Mains) => in_range,
            Some(Disturbance::Moved) => in_range && !elsewhere,
        };
        let hears = trusted.then_some(in_range);
        if hears != self.hears || at >= self.holds_until(rules) {
            self.since = at;
        }
        self.hears = hears;
        self.heard = Some(at);
        if trusted {
            self.disturbed = None;
        }
    }

    fn happened(&mut self, code: EventCode, at: Timestamp) {
        let disturbed = match (code, self.disturbed) {
            (EventCode::HmuMoved, _) => Some(Disturbance::Moved),
            (EventCode::MainsLost, None) => Some(Disturbance::Mains),
            (_, Some(Disturbance::Mains)) if code == EventCode::MainsRestored => None,
            (_, disturbed) => disturbed,
        };
        if disturbed != self.disturbed {
            self.disturbed = disturbed;
            self.hears = None;
            self.since = at;
        }
    }
}

impl Units {
    /// What is said at `at`, and by which unit: one that hears the tag outranks those that do not.
    pub(super) fn says(&self, at: Timestamp, rules: &CurfewRules) -> Option<&Unit> {
        let speaking = self.0.iter().filter(|unit| {
            unit.hears.is_some() && unit.newest() <= unit.ends && at < unit.holds_until(rules)
        });
        speaking.max_by_key(|unit| (unit.hears, unit.heard))
    }

    /// Whether none has ever said anything.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a unit is known to have heard the tag at `at`, before and after.
    pub(super) fn heard_throughout(&self, at: Timestamp) -> bool {
        let held = |unit: &Unit| unit.since <= at && at <= unit.newest();
        self.0.iter().any(|unit| unit.is_in_range() && held(unit))
    }

    /// Until when a unit is known to have said where the wearer is, and until when it may go on to hold.
    pub(super) fn known_until(&self, rules: &CurfewRules) -> Option<(Timestamp, Timestamp)> {
        let known = self.0.iter().map(|unit| {
            if unit.hears.is_some() {
                (unit.newest(), unit.holds_until(rules))
            } else {
                (unit.since, unit.since)
            }
        });
        known.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))
    }

    /// The newest reading of a unit that can be relied on.
    pub(super) fn newest(&self) -> Option<&Unit> {
        let speaking = self.0.iter().filter(|unit| unit.hears.is_some());
        speaking.max_by_key(|unit| unit.heard)
    }

    /// How a presence reading at `at` stands to the newest one of its device.
    pub(super) fn order(&self, device: &DeviceId, at: Timestamp) -> Ordering {
        let heard = self.find(device).and_then(|unit| unit.heard);
        heard.map_or(Ordering::Greater, |heard| at.cmp(&heard))
    }

    /// Takes in a presence reading; `elsewhere` when positions show the wearer to be elsewhere.
    pub(super) fn hear(
        &mut self,
        worn: &Activation,
        in_range: bool,
        at: Timestamp,
        elsewhere: bool,
        rules: &CurfewRules,
    ) {
        if let Some(unit) = self.unit(worn, at) {
            unit.hear(in_range, at, elsewhere, rules);
        }
    }

    /// Takes in what happened to a unit; nothing that is older than what it said last.
    pub(super) fn happened(&mut self, worn: &Activation, code: EventCode, at: Timestamp) {
        if let Some(unit) = self.unit(worn, at)
            && unit.newest() <= at
        {
            unit.happened(code, at);
        }
    }

    /// Takes in until when units are worn, and forgets those that no more are.
    pub(super) fn refit(&mut self, activations: &[Activation], now: Timestamp) {
        for unit in &mut self.0 {
            let worn = activations
                .iter()
                .find(|known| known.device == unit.device && known.covers(unit.newest()));
            if let Some(to) = worn.and_then(|worn| worn.to) {
                unit.ends = to;
            }
        }
        self.0.retain(|unit| now < unit.ends);
    }

    fn find(&self, device: &DeviceId) -> Option<&Unit> {
        self.0.iter().find(|unit| unit.device == *device)
    }

    fn unit(&mut self, worn: &Activation, at: Timestamp) -> Option<&mut Unit> {
        let ends = worn.to.unwrap_or(Timestamp::MAX);
        if self.find(&worn.device).is_none() {
            self.0.push(Unit {
                device: worn.device.clone(),
                hears: None,
                since: at,
                heard: None,
                disturbed: None,
                cadence_s: worn.cadence_s,
                ends,
            });
        }
        let mut units = self.0.iter_mut();
        let unit = units.find(|unit| unit.device == worn.device)?;
        unit.cadence_s = worn.cadence_s;
        unit.ends = ends;
        Some(unit)
    }
}
