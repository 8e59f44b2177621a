//! Taking steps.

use std::sync::Arc;

use model::{
    Action, AlertId, Contact, DecisionKind, Escalation, Finding, IdError, Notification, Outcome,
    Recipient, Step, Timestamp, Triage,
};
use thiserror::Error;
use tokio::sync::watch;

use super::excuse;
use super::next::{Refused, next};
use crate::registrar::{Refusal, Registrar, Who};
use crate::runtime::clock::Clock;
use crate::store::triage::{Deadline, Overdue, Taken, TakenStep, Wait};
use crate::store::{AlertRecord, Store, StoreError};

/// Times that a step is tried again because somebody else took one meanwhile.
const ATTEMPTS_MAX: usize = 8;

/// Who escalates what nobody acknowledged.
const NOBODY: &str = "tagwatch";

/// What somebody wishes to do about an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To acknowledge it.
    Acknowledge,
    /// To remark on it.
    Comment,
    /// To keep how the wearer was tried to be reached.
    Contact(Contact),
    /// To say what it was.
    Adjudicate {
        /// What it was.
        finding: Finding,
        /// From when on the wearer is excused; from the onset, where it is not said.
        from: Option<Timestamp>,
        /// Until when; as long as it lasted, where it is not said.
        to: Option<Timestamp>,
    },
    /// To tell others.
    Escalate {
        /// Whom.
        to: Vec<Recipient>,
    },
    /// To say what came of it.
    Resolve {
        /// What.
        outcome: Outcome,
    },
    /// To take it up again.
    Reopen,
}

/// Why a step was not taken.
#[derive(Debug, Error)]
pub enum TriageError {
    /// There is no such alert.
    #[error("there is no alert {0}")]
    NoAlert(AlertId),
    /// It cannot be taken as things stand.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Other people have taken steps that whoever takes this one has not seen.
    #[error("there are {steps} steps by now, not {seen}")]
    Stale {
        /// How many they have seen.
        seen: u32,
        /// How many there are.
        steps: u32,
    },
    /// Nothing of it can be excused by the minute.
    #[error("{0} is not a breach of time: `from` and `to` say nothing of it")]
    NoTime(DecisionKind),
    /// The time excused is none.
    #[error("`to` {to} is not after `from` {from}")]
    EmptyTime {
        /// From when.
        from: Timestamp,
        /// Until when.
        to: Timestamp,
    },
    /// The absence that excuses it cannot be registered.
    #[error("the absence that excuses it is not registered: {0}")]
    Absence(#[from] Refusal),
    /// The absence cannot be named.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Others take steps all the time.
    #[error("others take steps all the time: try again")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where steps are taken.
#[derive(Clone)]
pub struct Desk {
    store: Arc<dyn Store>,
    registrar: Registrar,
    newest_event: Arc<watch::Sender<u64>>,
    /// The time that breaches go by; a demo's runs fast.
    tags_clock: Clock,
}

impl Desk {
    /// A desk for the alerts of a store. Readers of the live stream are woken through `newest_event`.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        registrar: Registrar,
        newest_event: Arc<watch::Sender<u64>>,
        tags_clock: Clock,
    ) -> Self {
        Self {
            store,
            registrar,
            newest_event,
            tags_clock,
        }
    }

    /// Takes a step. `seen` is how many steps whoever takes it has seen, where that matters to them: where
    /// other people have taken any since, this one is not taken. An alert's being overdue comes in nobody's way.
    ///
    /// # Errors
    /// When it cannot be taken as things stand, or the store fails.
    pub async fn take(
        &self,
        alert: AlertId,
        wish: &Wish,
        who: &Who,
        seen: Option<u32>,
    ) -> Result<(Step, Triage), TriageError> {
        for _attempt in 0..ATTEMPTS_MAX {
            let record = self.record(alert).await?;
            let steps = record.triage.steps;
            if let Some(seen) = seen.filter(|seen| *seen != steps)
                && self.others_act_since(alert, seen, steps).await?
            {
                return Err(TriageError::Stale { seen, steps });
            }
            let step = Step {
                number: steps.saturating_add(1),
                at: who.at,
                actor: who.actor.clone(),
                comment: who.reason.clone(),
                action: action(wish, &record, self.tags_clock.now())?,
            };
            let triage = next(&record.triage, &step)?;
            if let Action::Adjudicate { finding, excused } = &step.action {
                let excused = excused.as_ref();
                excuse::register(&self.registrar, &record, *finding, excused, who).await?;
            }
            let taken = taken(&record, step, triage);
            if self.keep(&taken).await? {
                return Ok((taken.step, taken.triage));
            }
        }
        Err(TriageError::Busy)
    }

    /// Nobody acknowledged the alert until its deadline: the next rung is told.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn overdue(&self, late: &Overdue, now: Timestamp) -> Result<(), TriageError> {
        let record = self.record(late.alert).await?;
        let deadline = &late.deadline;
        if record.triage.steps != late.steps {
            // Somebody did something about it meanwhile: it is looked at again.
            return Ok(());
        }
        let rung = deadline.ladder.first();
        let to = rung.map_or_else(Vec::new, |rung| rung.to.clone());
        let number = record.triage.steps.saturating_add(1);
        let reached = if to.is_empty() {
            0
        } else {
            record.triage.rung.saturating_add(1)
        };
        let step = Step {
            number,
            at: now,
            actor: NOBODY.to_owned(),
            comment: None,
            action: Action::Overdue { rung: reached, to },
        };
        let triage = next(&record.triage, &step)?;
        let left = deadline.ladder.get(1..).unwrap_or_default();
        let wait = match rung.and_then(|rung| rung.within_s) {
            Some(within_s) => Wait::Until(Deadline {
                due: now.plus(chrono::TimeDelta::seconds(within_s.into())),
                ladder: left.to_vec(),
            }),
            None => Wait::Over,
        };
        let mut taken = TakenStep {
            wait,
            ..taken(&record, step, triage)
        };
        for notification in &mut taken.notifications {
            if let Some(rung) = rung {
                notification.route.clone_from(&rung.route);
            }
            if let Some(escalation) = &mut notification.escalation {
                escalation.overdue_since = Some(deadline.due);
            }
        }
        self.keep(&taken).await?;
        Ok(())
    }

    /// Whether anybody has done anything since there were `seen` of the `steps`, or there never were as many.
    async fn others_act_since(
        &self,
        alert: AlertId,
        seen: u32,
        steps: u32,
    ) -> Result<bool, StoreError> {
        let taken = self.store.steps(alert).await?;
        let mut since = taken.iter().filter(|step| step.number > seen);
        let by_hand = since.any(|step| !matches!(step.action, Action::Overdue { .. }));
        Ok(seen > steps || by_hand)
    }

    async fn record(&self, alert: AlertId) -> Result<AlertRecord, TriageError> {
        let record = self.store.alert(alert).await?;
        record.ok_or(TriageError::NoAlert(alert))
    }

    /// Whether it was kept: nobody was faster.
    async fn keep(&self, taken: &TakenStep) -> Result<bool, StoreError> {
        match self.store.take_step(taken).await? {
            Taken::At(event) => {
                self.newest_event.send_if_modified(|newest| {
                    let newer = event > *newest;
                    *newest = event.max(*newest);
                    newer
                });
                Ok(true)
            }
            Taken::Behind => Ok(false),
        }
    }
}

fn action(wish: &Wish, record: &AlertRecord, now: Timestamp) -> Result<Action, TriageError> {
    Ok(match wish {
        Wish::Acknowledge => Action::Acknowledge,
        Wish::Comment => Action::Comment,
        Wish::Contact(contact) => Action::Contact(*contact),
        Wish::Adjudicate { finding, from, to } => Action::Adjudicate {
            finding: *finding,
            excused: excuse::of(record, *finding, (*from, *to), now)?,
        },
        Wish::Escalate { to } => Action::Escalate { to: to.clone() },
        Wish::Resolve { outcome } => Action::Resolve { outcome: *outcome },
        Wish::Reopen => Action::Reopen,
    })
}

/// The step, with those who are told by it.
fn taken(record: &AlertRecord, step: Step, triage: Triage) -> TakenStep {
    let to: &[Recipient] = match &step.action {
        Action::Escalate { to } | Action::Overdue { to, .. } => to,
        Action::Acknowledge
        | Action::Comment
        | Action::Contact(_)
        | Action::Adjudicate { .. }
        | Action::Resolve { .. }
        | Action::Reopen => &[],
    };
    let escalation = Escalation {
        step: step.number,
        by: step.actor.clone(),
        comment: step.comment.clone(),
        overdue_since: None,
    };
    let notifications = to.iter().map(|recipient| {
        Notification::escalated(
            record.decision.clone(),
            recipient.clone(),
            record.severity,
            "escalated by hand".to_owned(),
            escalation.clone(),
        )
    });
    let wait = match (&step.action, triage.stage) {
        (Action::Comment, _) => Wait::GoesOn,
        (_, _) => Wait::Over,
    };
    TakenStep {
        alert: record.alert,
        notifications: notifications.collect(),
        wait,
        triage,
        step,
    }
}
