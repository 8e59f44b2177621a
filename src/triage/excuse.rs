//! Excusing a wearer for the time of a breach: an absence is registered for it, and the engine counts again.

use model::registry::{Absence, RegistryKey};
use model::{AbsenceId, DecisionKind, Excused, Finding, PolicyChange, Timestamp};

use super::desk::TriageError;
use crate::registrar::{Proposal, Registrar, Who};
use crate::store::AlertRecord;

/// Whether a breach is of time away from where the wearer had to be, which can be excused.
const fn is_of_time(kind: DecisionKind) -> bool {
    matches!(
        kind,
        DecisionKind::OutPastStart
            | DecisionKind::LateReturn
            | DecisionKind::LeftDuring
            | DecisionKind::OutAtEnd
            | DecisionKind::AbsentThroughout
            | DecisionKind::AttendanceMissed
            | DecisionKind::AttendanceLate
            | DecisionKind::AttendanceLeftEarly
    )
}

/// The time for which `finding` excuses the wearer: all of the breach, unless `span` says otherwise. Of a
/// breach that is not one of time nothing is.
pub(super) fn of(
    record: &AlertRecord,
    finding: Finding,
    span: (Option<Timestamp>, Option<Timestamp>),
    now: Timestamp,
) -> Result<Option<Excused>, TriageError> {
    if !finding.excuses() || !is_of_time(record.kind) || record.condition.is_none() {
        return match span {
            (None, None) => Ok(None),
            (Some(_), _) | (_, Some(_)) => Err(TriageError::NoTime(record.kind)),
        };
    }
    let end = match record.state {
        model::AlertState::Open => now,
        model::AlertState::Cleared | model::AlertState::Withdrawn => record.changed,
    };
    let (from, to) = (span.0.unwrap_or(record.onset), span.1.unwrap_or(end));
    if to <= from {
        return Err(TriageError::EmptyTime { from, to });
    }
    // One absence an alert: what is found later replaces what was found before.
    let absence = AbsenceId::new(format!("excused-{}", record.alert))?;
    Ok(Some(Excused { absence, from, to }))
}

/// Registers what is excused, and takes back what was excused before and is not any more.
pub(super) async fn register(
    registrar: &Registrar,
    record: &AlertRecord,
    finding: Finding,
    excused: Option<&Excused>,
    who: &Who,
) -> Result<(), TriageError> {
    let mut proposal = Proposal::default();
    match (excused, &record.triage.excused, &record.condition) {
        (Some(excused), _, Some(condition)) => {
            let reason = who.reason.clone().unwrap_or_default();
            proposal.put.push(PolicyChange::Absence(Absence {
                id: excused.absence.clone(),
                condition: condition.clone(),
                from: excused.from,
                to: excused.to,
                reason: format!("{finding}: {reason}"),
                authorised_by: who.actor.clone(),
            }));
        }
        (None, Some(before), _) => {
            let key = RegistryKey::Absence(before.absence.clone());
            proposal.remove.push(key);
        }
        (None, None, _) | (Some(_), _, None) => return Ok(()),
    }
    registrar.take_in(&proposal, who).await?;
    Ok(())
}
