//! Alcohol: abstinence, or a limit that the order does not state.

use model::registry::Duty;

use crate::draft::Draft;
use crate::fields::{Fields, Span};
use crate::findings::Findings;

/// The two conditions about alcohol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Monitoring {
    /// Alcohol abstinence and monitoring requirement, of a court: abstinence, as its name says.
    Requirement,
    /// Alcohol monitoring on licence: abstinence or a level.
    OnLicence,
}

pub(crate) fn translate(
    monitoring: Monitoring,
    span: Span,
    fields: &mut Fields<'_>,
    draft: &mut Draft<'_>,
    findings: &mut Findings,
) {
    let path = fields.path("abstinence");
    let duty = match (fields.yes("abstinence", findings), monitoring) {
        (Some(true), _) => Duty::AlcoholAbstinence,
        (None, Monitoring::Requirement) => {
            findings.note(path, "not said: an AAMR is a requirement of abstinence");
            Duty::AlcoholAbstinence
        }
        (Some(false), _) => {
            let peak_mg_per_100ml = draft.known.settings().alcohol_peak_mg_per_100ml;
            let note = format!(
                "the order limits alcohol without saying to what: {peak_mg_per_100ml} mg/100 mL, as settled here"
            );
            findings.note(path, note);
            Duty::AlcoholLimit { peak_mg_per_100ml }
        }
        (None, Monitoring::OnLicence) => {
            let value = fields.raw("abstinence");
            findings.fault(
                path,
                value,
                "should be \"Yes\" for abstinence or \"No\" for a level",
            );
            return;
        }
    };
    draft.condition("alcohol", span, duty, findings);
}
