//! What devices say happened to them: strap, case, jamming, battery, home unit, faults.
//!
//! A trouble opens an episode at once, whatever its time and however late it comes. When it is put
//! right, the episode ends only after it has stayed so for a while: a strap that is cut again within
//! that time is the same episode with a greater count. A moved home unit and a fault have no end of
//! their own: their episodes end when it has not happened again for that while.

use chrono::TimeDelta;
use model::registry::Activation;
use model::{
    DecisionKind, DeviceEvent, DeviceEvidence, DeviceId, EventCode, Evidence, Reading, ReceivedAt,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::FaultDesk;
use super::fault::taken_off;
use crate::episode::Episode;
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
        let Some(trouble) = self.find(device, kind) else {
            let episode = desk
                .about(device)
                .open(kind, at, Evidence::Device(told.clone()));
            self.0.push(Trouble {
                device: device.clone(),
                kind,
                episode: Some(episode),
                evidence: told,
                newest: at,
                settles,
            });
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
        } else {
            let episode = desk.open(kind, at, Evidence::Device(told.clone()));
            trouble.episode = Some(episode);
            trouble.evidence = told;
            trouble.settles = settles;
        }
    }

    fn end(
        &mut self,
        kind: DecisionKind,
        reading: &Reading,
        event: DeviceEvent,
        desk: &FaultDesk<'_>,
    ) {
        let at = reading.report.observed_at.0.min(desk.now);
        let told = evidence(reading, event, desk);
        let Some(trouble) = self.find(&reading.report.device, kind) else {
            return;
        };
        if at < trouble.newest {
            return;
        }
        trouble.newest = at;
        if trouble.episode.is_some() && trouble.settles.is_none() {
            trouble.settles = Some(desk.settled());
            let count = trouble.evidence.count;
            trouble.evidence = DeviceEvidence { count, ..told };
        }
    }

    /// Ends what has stayed put right.
    pub(crate) fn on_time(&mut self, desk: &mut FaultDesk<'_>) {
        for trouble in &mut self.0 {
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
            if trouble.episode.is_some()
                && let Some(note) = taken_off(&trouble.device, activations, desk.now)
                && let Some(episode) = trouble.episode.take()
            {
                trouble.settles = None;
                trouble.evidence.reason = format!("{}; {note}", trouble.evidence.reason);
                let why = Evidence::Device(trouble.evidence.clone());
                desk.about(&trouble.device).clear(episode, why);
            }
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let settles = self.0.iter().filter_map(|trouble| trouble.settles).min()?;
        Some((settles, TimerReason::Settled))
    }

    fn find(&mut self, device: &DeviceId, kind: DecisionKind) -> Option<&mut Trouble> {
        self.0
            .iter_mut()
            .find(|trouble| trouble.kind == kind && trouble.device == *device)
    }
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
