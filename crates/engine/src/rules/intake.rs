//! Our own gaps in taking in, told to the operators once: nobody's silence during one means anything,
//! and what devices had not kept is lost.

use model::{DecisionKind, Evidence, OversightEvidence, Timestamp};

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
        let mut desk = Desk {
            wearer: self.wearer,
            subject: Subject::Partition,
            now: self.now,
            ledger: self.ledger,
            out: self.out,
        };
        desk.fact(DecisionKind::IntakeGap, from, why);
    }
}
