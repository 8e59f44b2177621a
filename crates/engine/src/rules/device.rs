//! What devices say happened to them: strap, case, jamming, battery, home unit, faults.
//!
//! A trouble opens an episode at once, whatever its time and however late it comes. When it is put
//! right, the episode ends only after it has stayed so for a while: a strap that is cut again within
//! that time is the same episode with a greater count. A moved home unit and a fault have no end of
//! their own: their episodes end when it has not happened again for that while.
//!
//! A position that cannot be true is a fault too, whether the device says so or not: each one counts, and
//! only the first is told of.
//!
//! Mains that a home unit has lost are told of after a while only, because power flickers: when that has
//! passed since it was heard of, or at once when the unit's battery is low or dead as well. Mains that
//! come back before leave no trace, unless what was observed shows that they were away for that long.

use chrono::TimeDelta;
use model::registry::Activation;
use model::{
    DecisionKind, DeviceEvent, DeviceEvidence, DeviceId, EventCode, Evidence, Reading, ReceivedAt,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::fault::taken_off;
use super::{FaultDesk, seconds};
use crate::episode::{Desk, Episode};
use crate::{DeviceRules, TimerReason};

/// What is, or was, wrong with a wearer's devices: one for each device and kind that ever was.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Troubles(Vec<Trouble>);

#[derive(Debug, Serialize, Deserialize)]
struct Trouble {
    device: DeviceId,
    kind: DecisionKind,
    /// While it goes on, or is settling.
    episode: Option<Episode>,
    evidence: DeviceEvidence,
    /// The newest event about it was observed at.
    newest: Timestamp,
    /// Put right, and for good at this engine time unless it happens again.
    settles: Option<Timestamp>,
    /// Not told of yet.
    pending: Option<Pending>,
}

/// A trouble that is told of only if it lasts.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Pending {
    since: Timestamp,
    /// It is, at this engine time.
    until: Timestamp,
}

/// What an event means for a kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Begins,
    Ends,
}

impl Troubles {
    /// Takes in an event.
    pub(crate) fn on_event(
        &mut self,
        reading: &Reading,
        event: DeviceEvent,
        desk: &mut FaultDesk<'_>,
    ) {
        for (kind, turn) in meaning(event, &desk.policy.device) {
            match turn {
                Turn::Begins => self.begin(kind, reading, event, desk),
                Turn::Ends => self.end(kind, reading, event, desk),
            }
            if turn == Turn::Begins && is_battery(kind) {
                self.tell_pending(&reading.report.device, desk);
            }
        }
    }

    /// Counts a reading that cannot be true, which the device did not say.
    pub(crate) fn found(&mut self, reason: &str, reading: &Reading, desk: &mut FaultDesk<'_>) {
        let (now, settles) = (desk.now, desk.settled());
        let told = DeviceEvidence {
            policy: desk.policy.version.clone(),
            observed_at: Some(reading.report.observed_at),
            received_at: Some(ReceivedAt(now)),
            reason: reason.to_owned(),
            count: 1,
        };
        let (device, kind) = (&reading.report.device, DecisionKind::DeviceFault);
        self.meet(device, kind, Timestamp::default(), &told);
        let Some(trouble) = self.find(device, kind) else {
            return;
        };
        trouble.settles = Some(settles);
        if trouble.episode.is_some() {
            trouble.evidence.count = trouble.evidence.count.saturating_add(1);
        } else {
            trouble.evidence = told;
            trouble.open(now, &mut desk.about(device));
        }
    }

    fn begin(
        &mut self,
        kind: DecisionKind,
        reading: &Reading,
        event: DeviceEvent,
        desk: &mut FaultDesk<'_>,
    ) {
        let told = evidence(reading, event, desk);
        let settles = is_momentary(kind).then(|| desk.settled());
        // A clock that runs ahead does not put a tamper off.
        let at = reading.report.observed_at.0.min(desk.now);
        let device = &reading.report.device;
        let waits = kind == DecisionKind::HmuMainsLost && !self.is_battery_low(device);
        let until = waits.then(|| desk.lasted());
        self.meet(device, kind, at, &told);
        let Some(trouble) = self.find(device, kind) else {
            return;
        };
        let late = at < trouble.newest;
        trouble.newest = trouble.newest.max(at);
        let count = trouble.evidence.count;
        let mut desk = desk.about(device);
        if let Some(episode) = &mut trouble.episode {
            let count = count.saturating_add(1);
            trouble.evidence = DeviceEvidence { count, ..told };
            // Said again while it goes on: counted. Again after it had been put right: told.
            if !late && trouble.settles.take().is_some() {
                desk.update(episode, Evidence::Device(trouble.evidence.clone()));
                trouble.settles = settles;
            }
        } else if late {
            // It was put right since, as is known already.
            desk.fact(kind, at, Evidence::Device(told));
        } else if let Some(until) = until {
            let pending = trouble.pending.get_or_insert(Pending { since: at, until });
            if pending.since == at {
                trouble.evidence = told;
            }
        } else {
            trouble.evidence = told;
            trouble.settles = settles;
            trouble.open(at, &mut desk);
        }
    }

    fn end(
        &mut self,
        kind: DecisionKind,
        reading: &Reading,
        event: DeviceEvent,
        desk: &mut FaultDesk<'_>,
    ) {
        let at = reading.report.observed_at.0.min(desk.now);
        let told = evidence(reading, event, desk);
        let settled = desk.settled();
        let delay_s = f64::from(desk.policy.device.mains_delay_s);
        let device = &reading.report.device;
        let Some(trouble) = self.find(device, kind) else {
            return;
        };
        if at < trouble.newest {
            return;
        }
        trouble.newest = at;
        if let Some(Pending { since, .. }) = trouble.pending.take()
            && at.seconds_since(since) >= delay_s
        {
            trouble.open(since, &mut desk.about(device));
        }
        if trouble.episode.is_some() && trouble.settles.is_none() {
            trouble.settles = Some(settled);
            let count = trouble.evidence.count;
            trouble.evidence = DeviceEvidence { count, ..told };
        }
    }

    /// Tells of what has lasted.
    fn tell_pending(&mut self, device: &DeviceId, desk: &mut FaultDesk<'_>) {
        let of_device = |trouble: &&mut Trouble| trouble.device == *device;
        for trouble in self.0.iter_mut().filter(of_device) {
            if let Some(pending) = trouble.pending.take() {
                trouble.open(pending.since, &mut desk.about(device));
            }
        }
    }

    fn is_battery_low(&self, device: &DeviceId) -> bool {
        let low = |trouble: &Trouble| {
            is_battery(trouble.kind) && trouble.episode.is_some() && trouble.device == *device
        };
        self.0.iter().any(low)
    }

    /// Whether any goes on, or may.
    pub(crate) fn go_on(&self) -> bool {
        let mut all = self.0.iter();
        all.any(Trouble::goes_on)
    }

    /// Tells of what has lasted, and ends what has stayed put right.
    pub(crate) fn on_time(&mut self, desk: &mut FaultDesk<'_>) {
        let delay_s = desk.policy.device.mains_delay_s;
        for trouble in &mut self.0 {
            if let Some(pending) = &mut trouble.pending
                && pending.until <= desk.now
            {
                pending.until = desk.excused(pending.until, delay_s);
                if pending.until <= desk.now {
                    let since = pending.since;
                    trouble.pending = None;
                    let device = trouble.device.clone();
                    trouble.open(since, &mut desk.about(&device));
                }
            }
            if trouble.settles.is_some_and(|settles| settles <= desk.now)
                && let Some(episode) = trouble.episode.take()
            {
                trouble.settles = None;
                let why = Evidence::Device(trouble.evidence.clone());
                desk.about(&trouble.device).clear(episode, why);
            }
        }
    }

    /// Ends what is open about devices that are no longer worn, and says why: nobody will say that it
    /// was put right.
    pub(crate) fn taken_off(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        for trouble in &mut self.0 {
            if trouble.goes_on()
                && let Some(note) = taken_off(&trouble.device, activations, desk.now)
            {
                trouble.pending = None;
                trouble.settles = None;
                let Some(episode) = trouble.episode.take() else {
                    continue;
                };
                trouble.evidence.reason = format!("{}; {note}", trouble.evidence.reason);
                let why = Evidence::Device(trouble.evidence.clone());
                desk.about(&trouble.device).clear(episode, why);
            }
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let pending = |trouble: &Trouble| trouble.pending.map(|pending| pending.until);
        let due = |trouble: &Trouble| pending(trouble).into_iter().chain(trouble.settles).min();
        let due = self.0.iter().filter_map(due).min()?;
        Some((due, TimerReason::Settled))
    }

    /// Makes a trouble known that nothing was heard of before.
    fn meet(
        &mut self,
        device: &DeviceId,
        kind: DecisionKind,
        at: Timestamp,
        evidence: &DeviceEvidence,
    ) {
        if self.find(device, kind).is_none() {
            self.0.push(Trouble {
                device: device.clone(),
                kind,
                episode: None,
                evidence: evidence.clone(),
                newest: at,
                settles: None,
                pending: None,
            });
        }
    }

    fn find(&mut self, device: &DeviceId, kind: DecisionKind) -> Option<&mut Trouble> {
        self.0
            .iter_mut()
            .find(|trouble| trouble.kind == kind && trouble.device == *device)
    }
}

impl Trouble {
    const fn goes_on(&self) -> bool {
        self.episode.is_some() || self.pending.is_some()
    }

    fn open(&mut self, onset: Timestamp, desk: &mut Desk<'_>) {
        let why = Evidence::Device(self.evidence.clone());
        self.episode = Some(desk.open(self.kind, onset, why));
    }
}

const fn is_battery(kind: DecisionKind) -> bool {
    matches!(kind, DecisionKind::BatteryLow | DecisionKind::BatteryDead)
}

/// Whether a trouble of this kind is over as soon as it has happened: nothing will say that it ended.
const fn is_momentary(kind: DecisionKind) -> bool {
    matches!(kind, DecisionKind::HmuMoved | DecisionKind::DeviceFault)
}

impl FaultDesk<'_> {
    /// When what is put right now has stayed so for long enough.
    fn settled(&self) -> Timestamp {
        let settle = TimeDelta::seconds(self.policy.device.settle_s.into());
        self.now.plus(settle)
    }

    /// When mains that are lost now are told of.
    fn lasted(&self) -> Timestamp {
        self.now.plus(seconds(self.policy.device.mains_delay_s))
    }
}

fn evidence(reading: &Reading, event: DeviceEvent, desk: &FaultDesk<'_>) -> DeviceEvidence {
    let charge = event.pct.map(|pct| format!(", {pct} % of charge"));
    DeviceEvidence {
        policy: desk.policy.version.clone(),
        observed_at: Some(reading.report.observed_at),
        received_at: Some(ReceivedAt(desk.now)),
        reason: format!(
            "{} reported{}",
            event.code.as_str(),
            charge.unwrap_or_default()
        ),
        count: 1,
    }
}

/// Which troubles an event begins or ends.
pub(super) fn meaning(event: DeviceEvent, rules: &DeviceRules) -> Vec<(DecisionKind, Turn)> {
    use DecisionKind::{
        BatteryDead, BatteryLow, CaseOpen, DeviceFault, HmuMainsLost, HmuMoved, Jamming,
        StrapTamper,
    };
    match event.code {
        EventCode::StrapCut => vec![(StrapTamper, Turn::Begins)],
        EventCode::StrapRestored => vec![(StrapTamper, Turn::Ends)],
        EventCode::CaseOpen => vec![(CaseOpen, Turn::Begins)],
        EventCode::CaseClosed => vec![(CaseOpen, Turn::Ends)],
        EventCode::JammingStart => vec![(Jamming, Turn::Begins)],
        EventCode::JammingEnd => vec![(Jamming, Turn::Ends)],
        EventCode::MainsLost => vec![(HmuMainsLost, Turn::Begins)],
        EventCode::MainsRestored => vec![(HmuMainsLost, Turn::Ends)],
        EventCode::HmuMoved => vec![(HmuMoved, Turn::Begins)],
        EventCode::Fault => vec![(DeviceFault, Turn::Begins)],
        EventCode::BatteryLow => vec![(BatteryLow, Turn::Begins)],
        EventCode::BatteryDead => vec![(BatteryDead, Turn::Begins)],
        EventCode::ChargingStart => vec![(BatteryLow, Turn::Ends), (BatteryDead, Turn::Ends)],
        EventCode::Battery => charge(event.pct, rules),
        EventCode::ChargingEnd | EventCode::MotionStart | EventCode::MotionEnd => Vec::new(),
    }
}

/// Between the two limits a level says nothing, so that one that wavers does not flap.
fn charge(pct: Option<u8>, rules: &DeviceRules) -> Vec<(DecisionKind, Turn)> {
    match pct {
        Some(pct) if pct >= rules.battery_recovered_pct => vec![
            (DecisionKind::BatteryLow, Turn::Ends),
            (DecisionKind::BatteryDead, Turn::Ends),
        ],
        Some(pct) if pct <= rules.battery_low_pct => {
            vec![(DecisionKind::BatteryLow, Turn::Begins)]
        }
        Some(_) | None => Vec::new(),
    }
}
