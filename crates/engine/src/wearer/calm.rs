//! A wearer of whom a fix says nothing new.
//!
//! Most fixes are of somebody who is where they were, far from any edge that matters. The rules say beforehand where
//! and until when that is so ([`Calm`]), and are not asked meanwhile: only the trail goes on. Before anything else
//! happens to the wearer, rules and contacts catch up ([`Wearer::rouse`]), and nothing can tell that they were not
//! asked.
//!
//! Deadlines stay where they were. Such a fix puts those of silence off, and brings none forward: a timer that comes
//! up too early finds nothing due, and looks again later.

use model::{Reading, ReadingBody, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Loan, Wearer};
use crate::RulesPolicy;
use crate::rules::Calm;

/// A rest, while it lasts.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rest {
    /// Which fixes say nothing new.
    calm: Calm,
    /// Engine time at which the state is to be kept, for evidence that comes late.
    keep_at: Timestamp,
    /// Engine time of the newest reading.
    heard: Timestamp,
}

impl Wearer {
    /// Something of each part that a fix which says nothing new touches.
    pub(crate) fn near(&self) -> impl Sized + use<> {
        let rest = self.rest.as_ref().map(|rest| rest.heard);
        (rest, self.pace, self.trail.near())
    }

    /// Takes in a fix that says nothing new. False where it may say something: nothing is changed then.
    pub(crate) fn rest(&mut self, reading: &Reading, now: Timestamp, policy: &RulesPolicy) -> bool {
        let at = reading.report.observed_at.0;
        let usual_age_s = self.usual_age_s(policy);
        let Some(rest) = &mut self.rest else {
            return false;
        };
        let ReadingBody::Position(position) = &reading.report.body else {
            return false;
        };
        let age_s = now.seconds_since(at);
        let timely =
            -f64::from(policy.zone.future_max_s) <= age_s && age_s <= f64::from(usual_age_s);
        if !timely || at >= rest.calm.until || now >= rest.keep_at {
            return false;
        }
        let point = position.point().ok();
        let Some(point) = point.filter(|point| rest.calm.patch.holds(*point)) else {
            return false;
        };
        let pace = (self.pace, &policy.zone);
        let is_next = (self.trail).go_on(&reading.report, position, point, pace);
        if is_next {
            rest.heard = now;
        }
        is_next
    }

    /// Lets rules and contacts catch up with the fixes that they were not asked about.
    pub(crate) fn rouse(&mut self, loan: &mut Loan<'_>) {
        let Some(Rest { heard, .. }) = self.rest.take() else {
            return;
        };
        let Some((device, last)) = self.trail.newest() else {
            return;
        };
        self.contacts.catch_up(device, heard);
        self.monitoring.heard(device, heard);
        self.past.catch_up(last, heard);
        self.each_rule(loan, |_, _, rule, scene| rule.catch_up(last, scene));
    }

    /// Comes to rest if the fixes after this one will say nothing new.
    pub(super) fn settle_down(&mut self, reading: &Reading, loan: &mut Loan<'_>) {
        let Some(fix) = self.trail.last().copied() else {
            return;
        };
        let report = &reading.report;
        let taking_in = loan
            .intake_resumed
            .is_none_or(|resumed| resumed <= loan.now);
        let troubled = (self.mishaps.as_ref()).is_some_and(|mishaps| mishaps.go_on());
        let told = self.monitoring.is_told() || self.contacts.is_told(&report.device);
        let backlog = self.backlog_since.is_some() || !taking_in;
        if troubled || told || backlog || self.ledger.is_full() || !self.trail.is_settled(report) {
            return;
        }
        let Some(keep_at) = self.past.keep_at(fix.at, &loan.policy.late) else {
            return;
        };
        let worn = self.activations.iter();
        let worn = worn.filter(|worn| worn.device == report.device);
        let changes = worn.flat_map(|worn| [Some(worn.from), worn.to]).flatten();
        let change = changes.filter(|change| *change > fix.at).min();
        let mut calm = Some(Calm {
            until: change.unwrap_or(Timestamp::MAX),
            ..Calm::ALWAYS
        });
        self.each_rule(loan, |_, _, rule, scene| {
            let of_rule = calm.and_then(|_| rule.calm(&fix, scene));
            calm = calm.and_then(|calm| Some(calm.shared(&of_rule?)));
        });
        let heard = loan.now;
        self.rest = calm.map(|calm| Rest {
            calm,
            keep_at,
            heard,
        });
    }
}
