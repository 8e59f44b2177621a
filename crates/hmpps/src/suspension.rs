//! Orders that are suspended, and that are taken up again.

use model::Timestamp;
use model::registry::{Order, Suspension};

use crate::fields::Fields;
use crate::findings::Findings;
use crate::known::Known;
use crate::local::{self, Edge, Moment};
use crate::terms::{Request, Terms};

/// What a message does to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It neither suspends the order nor takes it up again.
    None,
    /// It suspends the order until further notice.
    Suspends(Suspension),
    /// It varies the order, which holds from then on.
    Resumes(Timestamp),
}

/// Reads what the variation is. What else it says of itself is kept in notes.
pub(crate) fn read(terms: &Terms, fields: &mut Fields<'_>, findings: &mut Findings) -> Effect {
    let kind = fields.text("order_variation_type", findings);
    let details = fields.text("order_variation_details", findings);
    let at = varied_at(fields, findings);
    let named = [kind, details].into_iter().flatten().any(is_suspension);
    let effect = match (terms.request, at) {
        (Some(Request::Variation), Some(from)) if named => Effect::Suspends(Suspension {
            from,
            to: None,
            reason: details
                .filter(|text| !is_suspension(text))
                .map(str::to_owned),
        }),
        (Some(Request::Variation), Some(at)) => Effect::Resumes(at),
        (Some(Request::New | Request::Variation | Request::End) | None, _) => Effect::None,
    };
    if let Effect::Suspends(_) = effect {
        let note =
            "suspends the order until it is varied again: nothing of it is enforced meanwhile";
        findings.note(fields.path("order_variation_type"), note);
        return effect;
    }
    for (key, text) in [
        ("order_variation_type", kind),
        ("order_variation_details", details),
    ] {
        if let Some(text) = text {
            findings.note(fields.path(key), format!("kept but not used: {text}"));
        }
    }
    effect
}

/// `Order Suspension`, or the name that the service's enumerations have for it.
fn is_suspension(text: &str) -> bool {
    let text = text.to_uppercase().replace(' ', "_");
    ["ORDER_SUSPENSION", "SUSPENSION"].contains(&text.as_str())
}

/// That the date can be read has been seen to.
fn varied_at(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<Timestamp> {
    let keys = ["order_variation_date", "order_variation_req_received_date"];
    let text = keys
        .into_iter()
        .find_map(|key| fields.text(key, findings))?;
    match local::moment(text, Edge::Start)? {
        Moment::At(instant) => Some(instant.at),
        Moment::Open => None,
    }
}

/// Gives the order its suspensions: those known, and what the message does to them. A suspension that
/// nobody ends would be people unwatched for good, so the next variation of the order ends it.
pub(crate) fn apply(
    effect: Effect,
    order: &mut Order,
    known: &Known<'_>,
    fields: &Fields<'_>,
    findings: &mut Findings,
) {
    if let Some(known) = known.order(&order.id) {
        order.suspensions.clone_from(&known.suspensions);
    }
    match effect {
        Effect::None => {}
        Effect::Suspends(new) => {
            if !order.suspensions.iter().any(|known| known.from == new.from) {
                order.suspensions.push(new);
            }
        }
        Effect::Resumes(at) => {
            for open in &mut order.suspensions {
                if open.to.is_none() && open.from < at {
                    open.to = Some(at);
                    let note = "ends the suspension of the order: it is enforced from here on";
                    findings.note(fields.path("order_variation_date"), note);
                }
            }
        }
    }
}
