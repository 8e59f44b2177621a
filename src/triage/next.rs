//! Where the work on an alert stands after a step.

use model::{Action, Stage, Step, Triage};
use thiserror::Error;

/// Why a step cannot be taken as things stand.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    /// Somebody has it already.
    #[error("{0} has acknowledged it already")]
    Acknowledged(String),
    /// It is dealt with.
    #[error("it is resolved; reopen it first")]
    Resolved,
    /// It is not dealt with.
    #[error("it is not resolved")]
    NotResolved,
    /// It has to be said why.
    #[error("`comment` must say why")]
    NoComment,
    /// Nobody is named.
    #[error("`to` names nobody")]
    Nobody,
}

/// Where the work stands after `step`.
///
/// # Errors
/// When the step cannot be taken as things stand.
pub(super) fn next(before: &Triage, step: &Step) -> Result<Triage, Refused> {
    let silent = step
        .comment
        .as_ref()
        .is_none_or(|why| why.trim().is_empty());
    if silent && !matches!(step.action, Action::Acknowledge | Action::Overdue { .. }) {
        return Err(Refused::NoComment);
    }
    let mut after = Triage {
        steps: step.number,
        ..before.clone()
    };
    match &step.action {
        Action::Acknowledge => match before.stage {
            Stage::New => acknowledge(&mut after, step),
            Stage::Acknowledged => {
                let by = before.acknowledged_by.clone().unwrap_or_default();
                return Err(Refused::Acknowledged(by));
            }
            Stage::Resolved => return Err(Refused::Resolved),
        },
        Action::Comment => {}
        Action::Contact(_) => acknowledge(&mut after, step),
        Action::Adjudicate { finding, excused } => {
            acknowledge(&mut after, step);
            after.finding = Some(*finding);
            after.excused.clone_from(excused);
        }
        Action::Escalate { to } if to.is_empty() => return Err(Refused::Nobody),
        Action::Escalate { .. } if before.stage == Stage::Resolved => {
            return Err(Refused::Resolved);
        }
        Action::Escalate { .. } => acknowledge(&mut after, step),
        Action::Overdue { rung, .. } => {
            after.late = true;
            after.rung = before.rung.max(*rung);
        }
        Action::Resolve { .. } if before.stage == Stage::Resolved => {
            return Err(Refused::Resolved);
        }
        Action::Resolve { outcome } => {
            acknowledge(&mut after, step);
            after.stage = Stage::Resolved;
            after.outcome = Some(*outcome);
        }
        Action::Reopen if before.stage != Stage::Resolved => return Err(Refused::NotResolved),
        Action::Reopen => {
            after.stage = Stage::Acknowledged;
            after.outcome = None;
        }
    }
    Ok(after)
}

/// Whoever does something about an alert has acknowledged it.
fn acknowledge(triage: &mut Triage, step: &Step) {
    if triage.stage == Stage::New {
        triage.stage = Stage::Acknowledged;
        triage.acknowledged_by = Some(step.actor.clone());
        triage.acknowledged = Some(step.at);
    }
}

#[cfg(test)]
mod tests {
    use model::{Answer, Contact, Finding, Means, Outcome, Timestamp};

    use super::*;

    fn step(number: u32, actor: &str, action: Action) -> Step {
        Step {
            number,
            at: Timestamp::from_epoch_ms(i64::from(number)).unwrap(),
            actor: actor.to_owned(),
            comment: Some("because".to_owned()),
            action,
        }
    }

    fn after(steps: &[Action]) -> Result<Triage, Refused> {
        let mut triage = Triage::default();
        for (number, action) in (1..).zip(steps) {
            triage = next(
                &triage,
                &step(number, &format!("actor-{number}"), action.clone()),
            )?;
        }
        Ok(triage)
    }

    const RESOLVE: Action = Action::Resolve {
        outcome: Outcome::Warned,
    };

    #[test]
    fn the_first_who_acknowledges_has_it_and_others_are_told_who() {
        let taken = after(&[Action::Acknowledge]).unwrap();
        assert_eq!(taken.stage, Stage::Acknowledged);
        assert_eq!(taken.acknowledged_by.as_deref(), Some("actor-1"));
        assert_eq!(
            after(&[Action::Acknowledge, Action::Acknowledge]),
            Err(Refused::Acknowledged("actor-1".to_owned()))
        );
    }

    #[test]
    fn whoever_does_something_about_it_has_acknowledged_it_and_a_remark_is_not_doing() {
        assert_eq!(after(&[Action::Comment]).unwrap().stage, Stage::New);
        let tried = Action::Contact(Contact {
            means: Means::Call,
            answer: Answer::Nobody,
        });
        assert_eq!(after(&[tried]).unwrap().stage, Stage::Acknowledged);
        let finding = Action::Adjudicate {
            finding: Finding::Unreasonable,
            excused: None,
        };
        let found = after(&[Action::Comment, finding]).unwrap();
        assert_eq!(found.stage, Stage::Acknowledged);
        assert_eq!(found.acknowledged_by.as_deref(), Some("actor-2"));
        assert_eq!(found.finding, Some(Finding::Unreasonable));
        let resolved = after(&[RESOLVE]).unwrap();
        assert_eq!(resolved.acknowledged_by.as_deref(), Some("actor-1"));
    }

    #[test]
    fn what_is_resolved_is_reopened_before_anything_else_is_done_about_it() {
        assert_eq!(after(&[RESOLVE, RESOLVE]), Err(Refused::Resolved));
        assert_eq!(
            after(&[RESOLVE, Action::Acknowledge]),
            Err(Refused::Resolved)
        );
        assert_eq!(after(&[Action::Reopen]), Err(Refused::NotResolved));
        let again = after(&[RESOLVE, Action::Reopen]).unwrap();
        assert_eq!((again.stage, again.outcome), (Stage::Acknowledged, None));
        assert!(after(&[RESOLVE, Action::Comment]).is_ok());
    }

    #[test]
    fn only_an_acknowledgement_needs_no_reason() {
        let silent = |action| {
            let step = Step {
                comment: Some("  ".to_owned()),
                ..step(1, "a", action)
            };
            next(&Triage::default(), &step)
        };
        assert!(silent(Action::Acknowledge).is_ok());
        for action in [Action::Comment, RESOLVE, Action::Escalate { to: vec![] }] {
            assert_eq!(silent(action), Err(Refused::NoComment));
        }
    }
}
