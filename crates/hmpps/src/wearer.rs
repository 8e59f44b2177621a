//! The wearer's profile.

use std::collections::BTreeSet;

use model::WearerId;
use model::registry::{Identifiers, Mappa, Wearer};

use crate::bundle::Pair;
use crate::fields::{Fields, quoted};
use crate::findings::Findings;
use crate::known::Known;
use crate::names;

/// A wearer and the addresses they may have to be at.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) wearer: Wearer,
    pub(crate) addresses: Addresses,
}

/// Up to three addresses, each a line of text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Addresses {
    pub(crate) primary: Option<String>,
    pub(crate) secondary: Option<String>,
    pub(crate) tertiary: Option<String>,
}

/// Reads the wearer of an order.
pub(crate) fn read(pair: &Pair<'_>, known: &Known<'_>, findings: &mut Findings) -> Option<Profile> {
    let (path, value) = &pair.wearer;
    let mut fields = Fields::open(path, value, findings)?;
    let identifiers = identifiers(&mut fields, findings);
    let id = id(&identifiers, pair.case_id, known, &fields, findings);
    let name = ["first_name", "middle_name", "last_name"].map(|key| fields.text(key, findings));
    let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let date_of_birth = fields.date("date_of_birth", findings);
    let mappa = mappa(&mut fields, findings);
    let flags = flags(&mut fields, findings);
    let addresses = addresses(&mut fields, findings);
    fields.pass("case_id");
    fields.leave(findings);
    let wearer = Wearer {
        id: id?,
        name: (!name.is_empty()).then_some(name),
        date_of_birth,
        identifiers,
        mappa,
        police_force: None,
        probation_region: None,
        flags,
    };
    Some(Profile { wearer, addresses })
}

/// Takes over from the profile registered before what a message does not say. One order says less of its
/// wearer than another: a court knows neither MAPPA nor what probation knows. Nobody loses protection by
/// that: what no longer holds has to be taken away by a person.
pub(crate) fn keep(wearer: &mut Wearer, known: &Wearer, path: &str, findings: &mut Findings) {
    fn fill<T: Clone>(field: &mut Option<T>, known: &Option<T>) {
        if field.is_none() {
            field.clone_from(known);
        }
    }
    if wearer.mappa.is_none() && known.mappa.is_some() {
        findings.note(format!("{path}.mappa"), "not said: stays as registered");
    }
    let unsaid: Vec<&str> = known
        .flags
        .difference(&wearer.flags)
        .map(String::as_str)
        .collect();
    if !unsaid.is_empty() {
        let note = format!("not said, and stay as registered: {}", unsaid.join(", "));
        findings.note(format!("{path}.risk_categories"), note);
    }
    wearer.flags.extend(known.flags.iter().cloned());
    fill(&mut wearer.mappa, &known.mappa);
    fill(&mut wearer.name, &known.name);
    fill(&mut wearer.date_of_birth, &known.date_of_birth);
    fill(&mut wearer.police_force, &known.police_force);
    fill(&mut wearer.probation_region, &known.probation_region);
    let (ours, theirs) = (&mut wearer.identifiers, &known.identifiers);
    fill(&mut ours.pnc_id, &theirs.pnc_id);
    fill(&mut ours.nomis_id, &theirs.nomis_id);
    fill(&mut ours.delius_id, &theirs.delius_id);
    fill(&mut ours.home_office_ref, &theirs.home_office_ref);
    fill(&mut ours.visor_ref, &theirs.visor_ref);
}

fn identifiers(fields: &mut Fields<'_>, findings: &mut Findings) -> Identifiers {
    let mut owned = |key| fields.text(key, findings).map(str::to_owned);
    let compliance = owned("cepr").or_else(|| owned("complianceAndEnforcementPersonReference"));
    Identifiers {
        pnc_id: owned("pnc_id"),
        nomis_id: owned("nomis_id"),
        delius_id: owned("delius_id"),
        home_office_ref: owned("home_office_case_reference_number").or(compliance),
        visor_ref: None,
    }
}

/// The wearer registered under any of the identifiers; or else named after the first there is, of those that stay with a person the longest; the case number of the
/// monitoring company where there is none.
fn id(
    identifiers: &Identifiers,
    case_id: Option<&str>,
    known: &Known<'_>,
    fields: &Fields<'_>,
    findings: &mut Findings,
) -> Option<WearerId> {
    match known.namesakes(identifiers).as_slice() {
        [] => {}
        [one] => return Some((*one).clone()),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            let right = "should be those of one wearer, and are registered as those of several";
            findings.fault(fields.path("delius_id"), ids.join(", "), right);
            return None;
        }
    }
    let named = [
        ("delius", identifiers.delius_id.as_deref()),
        ("nomis", identifiers.nomis_id.as_deref()),
        ("pnc", identifiers.pnc_id.as_deref()),
        ("home-office", identifiers.home_office_ref.as_deref()),
        ("case", case_id),
    ];
    let first = named
        .into_iter()
        .find_map(|(kind, text)| Some((kind, text?)));
    let Some((kind, text)) = first else {
        let right =
            "should be there, or nomis_id, pnc_id, home_office_case_reference_number or a case_id";
        findings.fault(fields.path("delius_id"), fields.raw("delius_id"), right);
        return None;
    };
    // A PNC id has a slash in it, which no id here may have.
    let plain: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    match WearerId::new(format!("{kind}-{plain}")) {
        Ok(id) => Some(id),
        Err(error) => {
            findings.fault(
                fields.path(&format!("{kind}_id")),
                quoted(text),
                error.to_string(),
            );
            None
        }
    }
}

fn mappa(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<Mappa> {
    let level = ordinal(
        fields,
        "mappa",
        3,
        "should be \"MAPPA 1\", \"MAPPA 2\" or \"MAPPA 3\"",
        findings,
    );
    let right = "should be \"Category 1\", \"Category 2\", \"Category 3\" or \"Category 4\"";
    let category = ordinal(fields, "mappa_category", 4, right, findings);
    // Earlier versions sent the category as the type of case.
    let case_type = ordinal(fields, "mappa_case_type", 4, right, findings);
    match (level, category.or(case_type)) {
        (Some(level), Some(category)) => Some(Mappa { category, level }),
        (None, Some(category)) => {
            let note = "a MAPPA category without a level: level 1, at which everybody is who is at no other";
            findings.note(fields.path("mappa"), note);
            Some(Mappa { category, level: 1 })
        }
        (Some(_), None) => {
            let value = fields.raw("mappa_category");
            findings.fault(
                fields.path("mappa_category"),
                value,
                format!("{right}, beside a level"),
            );
            None
        }
        (None, None) => None,
    }
}

fn ordinal(
    fields: &mut Fields<'_>,
    key: &str,
    max: u8,
    right: &str,
    findings: &mut Findings,
) -> Option<u8> {
    let text = fields.text(key, findings)?;
    let number = names::ordinal(text, max);
    if number.is_none() {
        findings.fault(fields.path(key), quoted(text), right);
    }
    number
}

fn flags(fields: &mut Fields<'_>, findings: &mut Findings) -> BTreeSet<String> {
    let mut flags = BTreeSet::new();
    for (path, entry) in fields.list("risk_categories", findings) {
        let Some(mut risk) = Fields::open(&path, entry, findings) else {
            continue;
        };
        match risk.text("category", findings) {
            Some("Device Wearer managed through IOM?" | "IOM") => {
                flags.insert("iom".to_owned());
            }
            Some("Safeguarding Domestic Abuse" | "SAFEGUARDING_DOMESTIC_ABUSE") => {
                flags.insert("domestic-abuse".to_owned());
            }
            Some(other) => {
                findings.note(risk.path("category"), format!("kept but not used: {other}"));
            }
            None => {}
        }
        risk.leave(findings);
    }
    if let Some(harm) = fields.text("risk_serious_harm", findings) {
        if ["high", "very high"].contains(&harm.to_lowercase().as_str()) {
            flags.insert("high-risk".to_owned());
        } else {
            findings.note(
                fields.path("risk_serious_harm"),
                format!("kept but not used: {harm}"),
            );
        }
    }
    flags
}

fn addresses(fields: &mut Fields<'_>, findings: &mut Findings) -> Addresses {
    let homeless = fields.yes("no_fixed_address", findings) == Some(true);
    let primary = address(fields, "", findings);
    Addresses {
        primary: if homeless { None } else { primary },
        secondary: address(fields, "secondary_", findings),
        tertiary: address(fields, "tertiary_", findings),
    }
}

fn address(fields: &mut Fields<'_>, prefix: &str, findings: &mut Findings) -> Option<String> {
    let keys = [
        "address_1",
        "address_2",
        "address_3",
        "address_4",
        "address_post_code",
    ];
    let lines: Vec<&str> = keys
        .into_iter()
        .filter_map(|key| fields.text(&format!("{prefix}{key}"), findings))
        // The service fills in lines that it thinks must not be empty.
        .filter(|line| *line != "N/A")
        .collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}
