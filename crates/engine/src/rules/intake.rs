//! Our own gaps in taking in, told to the operators once: nobody's silence during one means anything,
//! and what devices had not kept is lost. Messages that the broker dropped are such a gap, of which
//! nothing more is known than how many: nobody's silence is excused by it.

use model::registry::BrokerDropped;
use model::{BrokerLossEvidence, DecisionKind, Evidence, OversightEvidence, Timestamp};

use super::FaultDesk;
use crate::episode::{Desk, Subject};

impl FaultDesk<'_> {
    /// Tells of a gap from `from` to `to`, unless it was too short to matter.
    pub(crate) fn tell_gap(&mut self, from: Timestamp, to: Timestamp) {
        let limit_s = self.policy.oversight.gap_s;
        let gap_s = to.seconds_since(from);
        if gap_s <= f64::from(limit_s) {
            return;
        }
        let reason = format!(
            "no reading was taken in from {from} to {to}, for {gap_s} s: silence in between means nothing"
        );
        let why = Evidence::Oversight(OversightEvidence {
            limit_s: Some(limit_s),
            ..OversightEvidence::new(&self.policy.version, reason)
        });
        self.tell_of_partition(from, why);
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
        self.tell_of_partition(from, why);
    }

    fn tell_of_partition(&mut self, onset: Timestamp, why: Evidence) {
        let mut desk = Desk {
            wearer: self.wearer,
            subject: Subject::Partition,
            now: self.now,
            ledger: self.ledger,
            out: self.out,
        };
        desk.fact(DecisionKind::IntakeGap, onset, why);
    }
}
