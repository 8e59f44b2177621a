//! Who is concerned besides the wearer: the region, the police force, the officer.

use model::registry::{ResponsibleOrganisation, Wearer};

use crate::Settings;
use crate::fields::Fields;
use crate::findings::Findings;
use crate::names;

/// Whose queue it is: the region of those responsible, and the police force that the order names.
pub(crate) fn area(
    wearer: &mut Wearer,
    responsible: Option<ResponsibleOrganisation>,
    fields: &mut Fields<'_>,
    findings: &mut Findings,
) {
    let region = fields.text("ro_region", findings);
    match responsible {
        Some(ResponsibleOrganisation::Police) => {
            wearer.police_force = region.and_then(names::police_force);
        }
        Some(ResponsibleOrganisation::Probation) | None => {
            wearer.probation_region = region.and_then(names::region);
        }
        Some(
            ResponsibleOrganisation::Yjs
            | ResponsibleOrganisation::Ycs
            | ResponsibleOrganisation::FieldMonitoringService
            | ResponsibleOrganisation::HomeOffice,
        ) => {
            if let Some(region) = region {
                let note = format!("kept but not used, as it is no probation region: {region}");
                findings.note(fields.path("ro_region"), note);
            }
        }
    }
    let details = fields.text("offence_additional_details", findings);
    let named = details.and_then(|details| Some(details.split_once("PFA: ")?.1));
    let elsewhere = |force: &&str| !force.starts_with("The device wearer's release address");
    let force = named.filter(elsewhere).and_then(names::police_force);
    wearer.police_force = wearer.police_force.take().or(force);
    domestic_abuse(wearer, fields, findings);
}

/// Gives a wearer for whom nobody has named a police force that of the installation.
pub(crate) fn settle(
    wearer: &mut Wearer,
    settings: &Settings,
    fields: &Fields<'_>,
    findings: &mut Findings,
) {
    if wearer.police_force.is_some() {
        return;
    }
    wearer.police_force.clone_from(&settings.police_force);
    let note = match &wearer.police_force {
        Some(force) => format!("names no police force: {force}, as settled here"),
        None => "names no police force: what is for the police goes to the operators".to_owned(),
    };
    findings.note(fields.path("offence_additional_details"), note);
}

/// The orders and pilots against domestic abuse say so in their names.
fn domestic_abuse(wearer: &mut Wearer, fields: &mut Fields<'_>, findings: &mut Findings) {
    for key in ["order_type_description", "pilot"] {
        let Some(text) = fields.text(key, findings) else {
            continue;
        };
        if text.contains("DAPO") || text.contains("Domestic Abuse") {
            wearer.flags.insert("domestic-abuse".to_owned());
        } else {
            findings.note(fields.path(key), format!("kept but not used: {text}"));
        }
    }
}

pub(crate) fn officer(fields: &mut Fields<'_>, findings: &mut Findings) {
    let keys = ["name", "phone", "email"].map(|key| format!("responsible_officer_{key}"));
    let parts = keys.each_ref().map(|key| fields.text(key, findings));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        let note = format!("responsible officer: {}", parts.join(", "));
        findings.note(fields.path("responsible_officer_name"), note);
    }
}
