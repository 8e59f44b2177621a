//! Readings from the future: a wrong clock.
//!
//! A clock that runs ahead is found by one reading from the future, by more than `future_max_s`; the
//! episode ends with the next sane one of that device. A clock that runs behind is not told of: one
//! reading of it looks just like one that was kept and sent later. Nothing is lost by that, only put
//! off and dated too early: its readings are judged at the times they claim, its uploads are contact
//! by when they come in, and as a backlog that never ends it excuses silence for one upload interval
//! only.

use std::collections::VecDeque;

use model::registry::Activation;
use model::{
    Decision, DecisionKind, DeviceEvidence, DeviceId, Evidence, Reading, ReceivedAt, Timestamp,
    WearerId,
};
use serde::{Deserialize, Serialize};

use crate::RulesPolicy;
use crate::episode::{Desk, Episode, Subject};
use crate::ledger::Ledger;

/// What is wrong with the clocks of a wearer's devices. Nothing, nearly always.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Faults(Vec<Fault>);

/// An open episode of one device.
#[derive(Debug, Serialize, Deserialize)]
struct Fault {
    device: DeviceId,
    episode: Episode,
    evidence: DeviceEvidence,
}

/// What a decision about a device needs.
#[derive(Debug)]
pub(crate) struct FaultDesk<'a> {
    pub(crate) policy: &'a RulesPolicy,
    pub(crate) wearer: &'a WearerId,
    pub(crate) now: Timestamp,
    /// When intake last resumed after a gap of its own.
    pub(crate) intake_resumed: Option<Timestamp>,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) out: &'a mut VecDeque<Decision>,
}

impl Faults {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts a reading from the future; the first of an episode opens it.
    pub(crate) fn found(&mut self, reason: &str, reading: &Reading, mut desk: FaultDesk<'_>) {
        let device = &reading.report.device;
        let open = |fault: &&mut Fault| fault.device == *device;
        if let Some(fault) = self.0.iter_mut().find(open) {
            fault.evidence.count = fault.evidence.count.saturating_add(1);
            return;
        }
        let evidence = DeviceEvidence {
            policy: desk.policy.version.clone(),
            observed_at: Some(reading.report.observed_at),
            received_at: Some(ReceivedAt(desk.now)),
            reason: reason.to_owned(),
            count: 1,
        };
        let now = desk.now;
        let episode = desk.about(device).open(
            DecisionKind::ClockSkew,
            now,
            Evidence::Device(evidence.clone()),
        );
        self.0.push(Fault {
            device: device.clone(),
            episode,
            evidence,
        });
    }

    /// A sane reading of `device` ends its episodes.
    pub(crate) fn cleared(&mut self, device: &DeviceId, mut desk: FaultDesk<'_>) {
        let (ended, open): (Vec<Fault>, Vec<Fault>) =
            self.0.drain(..).partition(|fault| fault.device == *device);
        self.0 = open;
        let mut desk = desk.about(device);
        for fault in ended {
            desk.clear(fault.episode, Evidence::Device(fault.evidence));
        }
    }
}

impl Faults {
    /// Ends what is open about devices that are no longer worn, and says why.
    pub(crate) fn taken_off(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        let mut open = Vec::with_capacity(self.0.len());
        for mut fault in self.0.drain(..) {
            let Some(note) = taken_off(&fault.device, activations, desk.now) else {
                open.push(fault);
                continue;
            };
            fault.evidence.reason = format!("{}; {note}", fault.evidence.reason);
            let why = Evidence::Device(fault.evidence);
            desk.about(&fault.device).clear(fault.episode, why);
        }
        self.0 = open;
    }
}

/// Why an episode about `device` ends, if it is worn no longer.
pub(super) fn taken_off(
    device: &DeviceId,
    activations: &[Activation],
    now: Timestamp,
) -> Option<String> {
    let of_device = || activations.iter().filter(|worn| worn.device == *device);
    if of_device().any(|worn| worn.covers(now)) {
        return None;
    }
    let ended = of_device().filter_map(|worn| worn.to);
    let ended = ended.filter(|to| *to <= now).max()?;
    Some(format!(
        "ended because the device was taken off at {ended}, not because it was put right"
    ))
}

impl FaultDesk<'_> {
    /// When silence that would mean something at `due` does: a gap in our own intake is given
    /// `margin_s` from its end.
    pub(crate) fn excused(&self, due: Timestamp, margin_s: u32) -> Timestamp {
        let resumed = self.intake_resumed;
        resumed.map_or(due, |resumed| {
            due.max(resumed.plus_seconds(margin_s.into()))
        })
    }

    pub(crate) fn about<'b>(&'b mut self, device: &'b DeviceId) -> Desk<'b> {
        Desk {
            wearer: self.wearer,
            subject: Subject::Device(device),
            now: self.now,
            ledger: self.ledger,
            out: self.out,
        }
    }
}
