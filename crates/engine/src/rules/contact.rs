//! Devices that are worn and not heard from, and devices that are heard from and give no fix.
//!
//! Both go by engine time: by when something came in, whatever it was and whenever it was observed.
//! A backlog that comes in is contact. Waiting begins when the device was fitted, when we heard that it
//! was, or when it was last heard from, whichever is last; a gap in our own intake puts it off.
//!
//! - `no_contact`: nothing has come in for the device's upload interval and a margin. It ends with the
//!   first thing that comes in.
//! - `no_fix`, of GPS tags: in contact, and no fix that counts as evidence for the device's interval and
//!   a margin. Contact that is regained begins the wait anew. It ends with a fix; that contact is
//!   lost meanwhile does not end it.
//!
//! Each device has at most one episode of each open; both end when the device is no longer worn.
//! Non-fitted devices answer prompts only, and uploads of alcohol tags have a rule of their own: neither
//! is watched here.

use model::registry::{Activation, DeviceKind};
use model::{
    ContactEvidence, DecisionKind, DeviceId, EventCode, Evidence, Reading, ReadingBody, ReceivedAt,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::FaultDesk;
use crate::TimerReason;
use crate::episode::Episode;

/// What is known of hearing from a wearer's devices.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Contacts(Vec<Contact>);

#[derive(Debug, Serialize, Deserialize)]
struct Contact {
    device: DeviceId,
    /// When we heard that it is worn. This and the next two are engine time.
    known: Timestamp,
    heard: Option<Timestamp>,
    /// A fix came in, or contact began.
    fixed: Timestamp,
    last_event: Option<EventCode>,
    no_contact: Option<Box<Missed>>,
    no_fix: Option<Box<Missed>>,
    due: Option<Timestamp>,
}

/// An open episode. Rare, so a wearer without one does not carry the room for it.
#[derive(Debug, Serialize, Deserialize)]
struct Missed {
    episode: Episode,
    evidence: ContactEvidence,
}

impl Contacts {
    /// Takes in that a device is worn, or that it is worn otherwise than was known.
    pub(crate) fn note(&mut self, activation: &Activation, is_news: bool, now: Timestamp) {
        let same = |contact: &&mut Contact| contact.device == activation.device;
        match self.0.iter_mut().find(same) {
            Some(contact) if is_news => contact.known = now,
            Some(_) => {}
            None if is_watched(activation.kind) => {
                self.0.reserve_exact(1);
                self.0.push(Contact::new(&activation.device, now));
            }
            None => {}
        }
    }

    /// Something came in; `is_fix` if it is a fix that counts.
    pub(crate) fn hear(
        &mut self,
        reading: &Reading,
        is_fix: bool,
        activations: &[Activation],
        desk: &mut FaultDesk<'_>,
    ) {
        let device = &reading.report.device;
        if let Some(contact) = self.0.iter_mut().find(|known| known.device == *device) {
            contact.hear(reading, is_fix, desk);
            contact.review(activations, desk);
        }
    }

    /// Whether it is told of `device` that nothing, or no fix, comes from it.
    pub(crate) fn is_told(&self, device: &DeviceId) -> bool {
        let told = |contact: &Contact| contact.no_contact.is_some() || contact.no_fix.is_some();
        let mut all = self.0.iter();
        all.any(|known| told(known) && known.device == *device)
    }

    /// Takes in that fixes have come from `device`, the last one at `heard`. Deadlines stay as early as they were.
    pub(crate) fn catch_up(&mut self, device: &DeviceId, heard: Timestamp) {
        if let Some(contact) = self.0.iter_mut().find(|known| known.device == *device) {
            contact.heard = Some(heard);
            contact.fixed = heard;
        }
    }

    /// Does what is due.
    pub(crate) fn on_time(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        for contact in &mut self.0 {
            contact.review(activations, desk);
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let due = self.0.iter().filter_map(|contact| contact.due).min()?;
        Some((due, TimerReason::Silence))
    }
}

impl Contact {
    fn new(device: &DeviceId, now: Timestamp) -> Self {
        Self {
            device: device.clone(),
            known: now,
            heard: None,
            fixed: now,
            last_event: None,
            no_contact: None,
            no_fix: None,
            due: None,
        }
    }

    fn hear(&mut self, reading: &Reading, is_fix: bool, desk: &mut FaultDesk<'_>) {
        let regained = self.heard.is_none() || self.no_contact.is_some();
        if is_fix || regained {
            self.fixed = desk.now;
        }
        self.heard = Some(desk.now);
        if let ReadingBody::Event(event) = &reading.report.body {
            self.last_event = Some(event.code);
        }
        self.clear(DecisionKind::NoContact, "heard from again", desk);
        if is_fix {
            self.clear(DecisionKind::NoFix, "a fix came in", desk);
        }
    }

    /// Opens what is due, and works out when to look again.
    fn review(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        let now = desk.now;
        let mine = |known: &&Activation| known.device == self.device && is_watched(known.kind);
        let worn = activations.iter().filter(mine);
        let Some(worn) = worn.clone().find(|known| known.covers(now)) else {
            self.due = worn
                .map(|known| known.from)
                .filter(|from| *from > now)
                .min();
            let note = "the device is no longer worn";
            self.clear(DecisionKind::NoContact, note, desk);
            self.clear(DecisionKind::NoFix, note, desk);
            return;
        };
        let contact = self.watch_contact(worn, desk);
        let fix = self.watch_fix(worn, desk);
        let is_told = self.no_contact.is_some() || self.no_fix.is_some();
        let ends = worn.to.filter(|_| is_told);
        self.due = [contact, fix, ends].into_iter().flatten().min();
    }

    /// Gives when to look again.
    fn watch_contact(&mut self, worn: &Activation, desk: &mut FaultDesk<'_>) -> Option<Timestamp> {
        if self.no_contact.is_some() {
            return None;
        }
        let begun = worn.from.max(self.known);
        let since = self.heard.map_or(begun, |heard| heard.max(begun));
        let margin_s = desk.policy.device.contact_margin_s;
        let wait = (since, worn.upload_interval_s, margin_s);
        let missed = self.miss(DecisionKind::NoContact, wait, desk);
        missed.map_or_else(Some, |missed| {
            self.no_contact = Some(Box::new(missed));
            None
        })
    }

    /// Gives when to look again: not while nothing is heard from the device at all.
    fn watch_fix(&mut self, worn: &Activation, desk: &mut FaultDesk<'_>) -> Option<Timestamp> {
        let begun = worn.from.max(self.known);
        let in_contact =
            self.no_contact.is_none() && self.heard.is_some_and(|heard| heard >= begun);
        if self.no_fix.is_some() || !in_contact || worn.kind != DeviceKind::Gps {
            return None;
        }
        let margin_s = desk.policy.device.fix_margin_s;
        let wait = (self.fixed.max(begun), worn.cadence_s, margin_s);
        let missed = self.miss(DecisionKind::NoFix, wait, desk);
        missed.map_or_else(Some, |missed| {
            self.no_fix = Some(Box::new(missed));
            None
        })
    }

    /// Opens an episode when it is due, or else says when it is.
    fn miss(
        &self,
        kind: DecisionKind,
        (since, planned_s, margin_s): (Timestamp, u32, u32),
        desk: &mut FaultDesk<'_>,
    ) -> Result<Missed, Timestamp> {
        let due = since.plus_seconds(u64::from(planned_s) + u64::from(margin_s));
        let due = desk.excused(due, margin_s);
        if due > desk.now {
            return Err(due);
        }
        let evidence = ContactEvidence {
            policy: desk.policy.version.clone(),
            device: self.device.clone(),
            since,
            planned_s,
            margin_s,
            heard_at: self.heard.map(ReceivedAt),
            last_event: self.last_event,
            note: None,
        };
        let why = Evidence::Contact(evidence.clone());
        let episode = desk.about(&self.device).open_unheard(kind, since, why);
        Ok(Missed { episode, evidence })
    }

    fn clear(&mut self, kind: DecisionKind, note: &str, desk: &mut FaultDesk<'_>) {
        let missed = if kind == DecisionKind::NoFix {
            self.no_fix.take()
        } else {
            self.no_contact.take()
        };
        if let Some(missed) = missed {
            let Missed { episode, evidence } = *missed;
            let why = ContactEvidence {
                heard_at: self.heard.map(ReceivedAt),
                last_event: self.last_event,
                note: Some(note.to_owned()),
                ..evidence
            };
            let mut desk = desk.about(&self.device);
            desk.clear(episode, Evidence::Contact(why));
        }
    }
}

const fn is_watched(kind: DeviceKind) -> bool {
    match kind {
        DeviceKind::Gps | DeviceKind::Rf => true,
        DeviceKind::Alcohol | DeviceKind::NonFitted => false,
    }
}
