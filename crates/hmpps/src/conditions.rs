//! The enforceable conditions of an order, by the names the service has for them.

use model::registry::Duty;
use serde_json::Value;

use crate::alcohol::{self, Monitoring};
use crate::draft::Draft;
use crate::fields::{Fields, Span, quoted};
use crate::findings::Findings;
use crate::zone::Kind;
use crate::{attendance, curfew, zone};

/// A condition by the name the service has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Curfew,
    Fitted,
    NonFitted,
    Zones,
    Restriction,
    Attendance,
    Alcohol(Monitoring),
}

pub(crate) const NAMES: [(&str, Named); 8] = [
    ("Curfew with EM", Named::Curfew),
    ("Location Monitoring (Fitted Device)", Named::Fitted),
    (
        "Location Monitoring (using Non-Fitted Device)",
        Named::NonFitted,
    ),
    ("EM Exclusion / Inclusion Zone", Named::Zones),
    ("Restriction Zones", Named::Restriction),
    ("Attendance Requirement", Named::Attendance),
    ("AAMR", Named::Alcohol(Monitoring::Requirement)),
    ("AML", Named::Alcohol(Monitoring::OnLicence)),
];

/// A condition that an order lists.
struct Listed {
    path: String,
    named: Named,
    span: Span,
}

/// Reads every condition of the order into `draft`.
pub(crate) fn translate(fields: &mut Fields<'_>, draft: &mut Draft<'_>, findings: &mut Findings) {
    let listed = listed(fields, findings);
    let find = |named: Named| listed.iter().find(|one| one.named == named);
    let curfew_listed = find(Named::Curfew).map(|one| one.span);
    if curfew_listed.is_some() || !fields.list("curfew_duration", findings).is_empty() {
        if curfew_listed.is_none() {
            unlisted("curfew_duration", fields, findings);
        }
        curfew::translate(curfew_listed.unwrap_or_default(), fields, draft, findings);
    }
    trail(&listed, fields, draft, findings);
    zones(&listed, fields, draft, findings);
    for one in &listed {
        if let Named::Alcohol(monitoring) = one.named {
            alcohol::translate(monitoring, one.span, fields, draft, findings);
        }
    }
    if listed.is_empty() && draft.conditions.is_empty() {
        let value = fields.raw("enforceable_condition");
        let path = fields.path("enforceable_condition");
        findings.fault(path, value, "should list the conditions of the order");
    }
}

fn listed(fields: &mut Fields<'_>, findings: &mut Findings) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for (path, entry) in fields.list("enforceable_condition", findings) {
        let Some(one) = read(&path, entry, findings) else {
            continue;
        };
        // AAMR and AML are two names of the same.
        let alcohol = |named| matches!(named, Named::Alcohol(_));
        let again =
            |other: &Listed| other.named == one.named || alcohol(other.named) && alcohol(one.named);
        if listed.iter().any(again) {
            findings.fault(path, entry, "should stand in the list once");
            continue;
        }
        listed.push(one);
    }
    listed
}

fn read(path: &str, entry: &Value, findings: &mut Findings) -> Option<Listed> {
    let mut fields = Fields::open(path, entry, findings)?;
    let text = fields.text("condition", findings).unwrap_or_default();
    let named = NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text));
    if named.is_none() {
        let names: Vec<String> = NAMES.iter().map(|(name, _)| format!("{name:?}")).collect();
        let right = format!("should be one of {}", names.join(", "));
        findings.fault(fields.path("condition"), quoted(text), right);
    }
    let span = fields.span("start_date", "end_date", findings);
    fields.leave(findings);
    let (_, named) = *named?;
    Some(Listed {
        path: path.to_owned(),
        named,
        span,
    })
}

fn trail(
    listed: &[Listed],
    fields: &mut Fields<'_>,
    draft: &mut Draft<'_>,
    findings: &mut Findings,
) {
    let stated = fields.yes("trail_monitoring", findings) == Some(true);
    let mut located = false;
    for one in listed {
        if one.named == Named::Fitted {
            located = true;
            draft.condition("trail", one.span, Duty::Trail, findings);
        } else if one.named == Named::NonFitted {
            located = true;
            check_in(one, draft, findings);
        }
    }
    if stated && !located {
        unlisted("trail_monitoring", fields, findings);
        draft.condition("trail", Span::default(), Duty::Trail, findings);
    }
}

fn check_in(one: &Listed, draft: &mut Draft<'_>, findings: &mut Findings) {
    let settings = draft.known.settings();
    let (from, until) = settings.prompts_between;
    let note = format!(
        "the order does not say how often to ask: {} times a day between {from} and {until}, each to be answered in {} s, as settled here",
        settings.prompts_per_day, settings.answer_within_s
    );
    let duty = Duty::CheckIn {
        prompts_per_day: settings.prompts_per_day,
        between: settings.prompts_between,
        answer_within_s: settings.answer_within_s,
        place: None,
    };
    findings.note(&one.path, note);
    draft.condition("check-in", one.span, duty, findings);
}

fn zones(
    listed: &[Listed],
    fields: &mut Fields<'_>,
    draft: &mut Draft<'_>,
    findings: &mut Findings,
) {
    let find = |named: Named| listed.iter().find(|one| one.named == named);
    let span = |one: Option<&Listed>| one.map(|one| one.span).unwrap_or_default();
    let (zoned, restricted) = (find(Named::Zones), find(Named::Restriction));
    let attends = find(Named::Attendance);
    let faults = findings.faults.len();
    let exclusion = zone::read(Kind::Exclusion, span(zoned), fields, findings);
    let restriction = zone::read(Kind::Restriction, span(restricted), fields, findings);
    let inclusion = zone::read(Kind::Inclusion, span(zoned.or(attends)), fields, findings);
    // Appointments stand among the inclusion zones. Where there are no others, all are meant to be.
    let (appointments, inclusion): (Vec<_>, Vec<_>) = inclusion.into_iter().partition(|prose| {
        attends.is_some() && (zoned.is_none() || attendance::read(&prose.description).is_some())
    });
    let lacks = [
        (
            zoned,
            exclusion.is_empty() && inclusion.is_empty(),
            "exclusion_zones or inclusion_zones",
        ),
        (restricted, restriction.is_empty(), "restriction_zones"),
        (attends, appointments.is_empty(), "inclusion_zones"),
    ];
    for (one, lacking, lists) in lacks {
        if let (Some(one), true, true) = (one, lacking, findings.faults.len() == faults) {
            let right = format!("needs an entry in {lists}: without, there is nothing to watch");
            findings.fault(&one.path, "its zones", right);
        }
    }
    if zoned.is_none() && !exclusion.is_empty() {
        unlisted("exclusion_zones", fields, findings);
    }
    if zoned.is_none() && !inclusion.is_empty() {
        unlisted("inclusion_zones", fields, findings);
    }
    if restricted.is_none() && !restriction.is_empty() {
        unlisted("restriction_zones", fields, findings);
    }
    if fields.yes("exclusion_allday", findings) == Some(true) {
        let note = "said to hold all day: the hours of each zone are taken where it has any";
        findings.note(fields.path("exclusion_allday"), note);
    }
    zone::translate(Kind::Exclusion, exclusion, draft, findings);
    zone::translate(Kind::Inclusion, inclusion, draft, findings);
    zone::translate(Kind::Restriction, restriction, draft, findings);
    attendance::translate(appointments, draft, findings);
}

/// Better watched than forgotten.
fn unlisted(key: &str, fields: &Fields<'_>, findings: &mut Findings) {
    let note = "not among the enforceable conditions, and made one all the same";
    findings.note(fields.path(key), note);
}
