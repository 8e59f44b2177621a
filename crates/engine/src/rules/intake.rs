//! Our own gaps in taking in, told to the operators once: nobody's silence during one means anything,
//! and what devices had not kept is lost. One episode from when it is known until intake has caught up.
//!
//! Messages that the broker dropped are such a gap too, of which nothing more is known than how many:
//! nobody's silence is excused by it.

use model::registry::BrokerDropped;
use model::{BrokerLossEvidence, DecisionKind, Evidence, OversightEvidence, Timestamp};
use serde::{Deserialize, Serialize};

use super::FaultDesk;
use crate::episode::{Desk, Episode, Subject};

/// The gap that a partition tells of. None, of a wearer.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Gap(Option<Open>);

#[derive(Debug, Serialize, Deserialize)]
struct Open {
    from: Timestamp,
    episode: Episode,
}

impl Gap {
    /// Tells of a gap from `from` that lasts to `to` at least, unless that is too short to matter or one
    /// is told of already.
    pub(crate) fn begin(&mut self, from: Timestamp, to: Timestamp, desk: &mut FaultDesk<'_>) {
        if self.0.is_some() || to.seconds_since(from) <= f64::from(desk.policy.oversight.gap_s) {
            return;
        }
        let why = desk.gap(from, to);
        let episode = desk
            .partition()
            .open_unheard(DecisionKind::IntakeGap, from, why);
        self.0 = Some(Open { from, episode });
    }

    /// Intake has caught up.
    pub(crate) fn end(&mut self, to: Timestamp, desk: &mut FaultDesk<'_>) {
        if let Some(Open { from, episode }) = self.0.take() {
            let why = desk.gap(from, to);
            desk.partition().clear(episode, why);
        }
    }
}

impl FaultDesk<'_> {
    fn gap(&self, from: Timestamp, to: Timestamp) -> Evidence {
        let gap_s = to.seconds_since(from);
        let reason = format!(
            "no reading was taken in as it was sent from {from} to {to}, for {gap_s} s: silence in between \
             means nothing"
        );
        Evidence::Oversight(OversightEvidence {
            limit_s: Some(self.policy.oversight.gap_s),
            ..OversightEvidence::new(&self.policy.version, reason)
        })
    }

    /// Tells of messages that the broker dropped, if there are any.
    pub(crate) fn tell_broker_loss(&mut self, seen: &BrokerDropped) {
        let BrokerDropped {
            from,
            to,
            messages,
            counter,
            partition: _,
        } = *seen;
        if messages == 0 {
            return;
        }
        let reason = format!(
            "the broker dropped {messages} messages between {from} and {to}, and does not say whose: \
             they will not come again"
        );
        let why = Evidence::BrokerLoss(BrokerLossEvidence {
            policy: self.policy.version.clone(),
            from,
            to,
            messages,
            counter,
            reason,
        });
        self.partition().fact(DecisionKind::IntakeGap, from, why);
    }

    fn partition(&mut self) -> Desk<'_> {
        Desk {
            wearer: self.wearer,
            subject: Subject::Partition,
            now: self.now,
            ledger: self.ledger,
            out: self.out,
        }
    }
}
