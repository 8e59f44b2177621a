//! Judging again what late evidence concerns.

use std::collections::BTreeMap;

use model::{DecisionKind, DeviceEvidence, Evidence, Reading, Timestamp};

use super::READINGS_MAX;
use super::base::Base;
use super::difference::Difference;
use super::replay::{Replay, Surroundings};
use crate::ledger::{EpisodeKey, Told};
use crate::wearer::{Docket, Loan, Wearer, fault_desk};

impl Wearer {
    /// Judges again with the history that was asked for, and tells what late evidence changes.
    pub(crate) fn judge_again(&mut self, history: &[(Timestamp, Reading)], loan: &mut Loan<'_>) {
        let Some(from) = self.past.take_owed() else {
            return;
        };
        if history.len() > READINGS_MAX {
            return self.tell_too_many(from.place.min(from.alcohol), loan);
        }
        let Some(base) = self.past.base(from).cloned() else {
            return;
        };
        let Ok(state) = base.state() else {
            return;
        };
        let known = state.open.clone();
        let surroundings = Surroundings {
            policy: loan.policy,
            cohorts: loan.cohorts,
            atlas: loan.atlas,
            intake_resumed: loan.intake_resumed,
        };
        let mut replay = Replay::new(self, &base, state, surroundings);
        let later = self.past.bases_after(base.taken);
        replay.run(&base.changes, history, &later, loan.now);
        let Replay { wearer, bases, .. } = replay;
        self.past.replace(bases);
        self.adopt(wearer, &known, &base, loan);
        self.on_time(loan);
    }

    /// Goes on from the state that `again` came to, and tells where it differs from what was told.
    fn adopt(
        &mut self,
        again: Self,
        known: &BTreeMap<EpisodeKey, Told>,
        base: &Base,
        loan: &mut Loan<'_>,
    ) {
        let Self {
            orders,
            trail,
            pace,
            ledger,
            past,
            ..
        } = again;
        self.past.go_on_from(&past);
        let mut live = std::mem::replace(&mut self.orders, orders);
        for (id, docket) in self.orders.iter_mut() {
            if let Some(live) = live.remove(id) {
                docket.keep_unheard(live);
            }
        }
        self.trail = trail;
        self.pace = pace;
        let told = self.ledger.take_shown(known, base.next);
        let (mut shown, next) = ledger.into_told();
        shown.retain(|_, shown| shown.is_shown());
        let difference = Difference {
            wearer: &self.id,
            decided: loan.now,
            ledger: &mut self.ledger,
            out: loan.out,
        };
        let kept = difference.tell(told, shown);
        self.ledger.put(kept, next);
    }

    fn tell_too_many(&mut self, from: Timestamp, loan: &mut Loan<'_>) {
        let reason = format!(
            "late evidence from {from} on is not judged: more than {READINGS_MAX} readings would have to be gone through again"
        );
        let Some(device) = self.activations.last().map(|known| known.device.clone()) else {
            return;
        };
        let why = Evidence::Device(DeviceEvidence {
            policy: loan.policy.version.clone(),
            observed_at: None,
            received_at: None,
            reason,
            count: 1,
        });
        let mut desk = fault_desk(&self.id, &mut self.ledger, loan);
        let mut desk = desk.about(&device);
        desk.fact(DecisionKind::IntakeGap, from, why);
    }
}

impl Docket {
    /// Takes over from the state in force what hangs on when things arrived.
    fn keep_unheard(&mut self, live: Self) {
        let ids = live.order.conditions.iter().map(|condition| &condition.id);
        let mut live_rules: BTreeMap<_, _> = ids.zip(live.rules).collect();
        for (condition, rule) in self.order.conditions.iter().zip(&mut self.rules) {
            if let Some(live) = live_rules.remove(&condition.id) {
                rule.keep_unheard(live);
            }
        }
    }
}
