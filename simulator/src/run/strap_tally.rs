//! The oracle of a load: each strap that was cut is told of once, and nobody is accused of anything
//! else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use hdrhistogram::CreationError;
use model::{AlertId, Decision, DecisionKind, Evidence, Phase, Recipient, WearerId};

use super::listening::Tally;
use super::stretches::{Stretches, Took};
use crate::installation::{Claimed, Heard, InstallationClock, News};
use crate::oracle::is_notice;
use crate::report::{KindTally, Stretch, Telling};

/// Straps that were cut, and what was heard of them.
#[derive(Debug)]
pub(super) struct StrapTally {
    began: Instant,
    clock: InstallationClock,
    cut: BTreeMap<WearerId, Cut>,
    known: BTreeSet<AlertId>,
    ids: BTreeSet<String>,
    false_alerts: BTreeMap<DecisionKind, u64>,
    notices: u64,
    repeated: u64,
    stretches: Stretches,
}

#[derive(Debug)]
struct Cut {
    number: usize,
    /// When it was due.
    due: Instant,
    /// When its message was handed over.
    handed: Instant,
    measured: bool,
    /// In whose queues the stream says that a notification is.
    told: Option<BTreeSet<Recipient>>,
    /// From whose queues one came.
    claimed: BTreeSet<Recipient>,
}

impl Cut {
    fn is_found(&self) -> bool {
        self.told
            .as_ref()
            .is_some_and(|told| !told.is_empty() && told.is_subset(&self.claimed))
    }
}

impl Tally for StrapTally {
    fn take(&mut self, news: News) -> Result<(), CreationError> {
        match news {
            News::Heard(heard) => {
                self.heard(*heard);
                Ok(())
            }
            News::Claimed(claimed) => self.claimed(*claimed),
        }
    }
}

impl StrapTally {
    pub(super) fn new(began: Instant, clock: InstallationClock) -> Result<Self, CreationError> {
        Ok(Self {
            began,
            clock,
            cut: BTreeMap::new(),
            known: BTreeSet::new(),
            ids: BTreeSet::new(),
            false_alerts: BTreeMap::new(),
            notices: 0,
            repeated: 0,
            stretches: Stretches::new()?,
        })
    }

    /// A strap is cut: it was due then, and its message is handed over now.
    pub(super) fn cut(
        &mut self,
        (number, wearer): (usize, WearerId),
        due: Instant,
        measured: bool,
    ) {
        let cut = Cut {
            number,
            due,
            handed: Instant::now(),
            measured,
            told: None,
            claimed: BTreeSet::new(),
        };
        self.cut.insert(wearer, cut);
    }

    /// Whose strap was cut, by number.
    pub(super) fn numbers(&self) -> Vec<usize> {
        self.cut.values().map(|cut| cut.number).collect()
    }

    /// Whether each was told of and taken over from every queue.
    pub(super) fn is_complete(&self) -> bool {
        self.cut.values().all(Cut::is_found)
    }

    fn heard(&mut self, heard: Heard) {
        let Heard {
            decision,
            recipients,
            ..
        } = heard;
        if decision.phase != Phase::Opened || !self.known.insert(decision.alert) {
            return;
        }
        if is_notice(decision.kind) {
            self.notices += 1;
            return;
        }
        match self.cut.get_mut(&decision.wearer) {
            Some(cut) if decision.kind == DecisionKind::StrapTamper => {
                cut.told = Some(recipients.into_iter().collect());
            }
            Some(_) | None => *self.false_alerts.entry(decision.kind).or_default() += 1,
        }
    }

    fn claimed(&mut self, claimed: Claimed) -> Result<(), CreationError> {
        let Claimed {
            id,
            decision,
            recipient,
            at,
        } = claimed;
        if !self.ids.insert(id) {
            self.repeated += 1;
            return Ok(());
        }
        let is_cut = decision.kind == DecisionKind::StrapTamper && decision.phase == Phase::Opened;
        let Some(cut) = self.cut.get_mut(&decision.wearer).filter(|_cut| is_cut) else {
            return Ok(());
        };
        if !cut.claimed.insert(recipient) || !cut.measured {
            return Ok(());
        }
        let took = Took {
            at: at.duration_since(self.began),
            from_event: Some(self.clock.there(at.duration_since(cut.due))),
            from_publish: Some(at.duration_since(cut.handed)),
            from_receipt: since_receipt(&decision, at, &self.clock),
        };
        self.stretches.take(took)
    }

    pub(super) fn stretches(&self) -> Vec<Stretch> {
        self.stretches.each()
    }

    pub(super) fn telling(&self) -> Telling {
        let (from_event, from_publish, from_receipt) = self.stretches.in_all();
        let planned = u64::try_from(self.cut.len()).unwrap_or(u64::MAX);
        let found = self.cut.values().filter(|cut| cut.is_found()).count();
        let found = u64::try_from(found).unwrap_or(u64::MAX);
        let straps = KindTally {
            kind: DecisionKind::StrapTamper.to_string(),
            planned,
            found,
            missed: planned - found,
            false_alerts: self
                .false_alerts
                .get(&DecisionKind::StrapTamper)
                .copied()
                .unwrap_or_default(),
        };
        let others = self
            .false_alerts
            .iter()
            .filter(|(kind, _)| **kind != DecisionKind::StrapTamper);
        let others = others.map(|(kind, count)| KindTally {
            kind: kind.to_string(),
            planned: 0,
            found: 0,
            missed: 0,
            false_alerts: *count,
        });
        Telling {
            from_event,
            from_publish,
            from_receipt,
            alerts: std::iter::once(straps).chain(others).collect(),
            notices: self.notices,
            notifications: u64::try_from(self.ids.len()).unwrap_or(u64::MAX),
            repeated: self.repeated,
        }
    }
}

/// How long ago, by this machine's clock, the installation took in what a decision rests on.
fn since_receipt(decision: &Decision, at: Instant, clock: &InstallationClock) -> Option<Duration> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of a strap there is one form of evidence"
    )]
    match &decision.evidence {
        Evidence::Device(device) => {
            let received = device.received_at?.0;
            Some(clock.here(clock.at(at).since(received)))
        }
        _ => None,
    }
}
