//! One order with its wearer.

use model::OrderId;
use model::registry::{Order, Place, Wearer};

use crate::bundle::Pair;
use crate::draft::Draft;
use crate::fields::Fields;
use crate::findings::Findings;
use crate::known::Known;
use crate::terms::Terms;
use crate::wearer::{Addresses, Profile};
use crate::{MissingGeometry, area, conditions, suspension, version, wearer};

/// What one order comes to.
#[derive(Debug)]
pub(crate) struct One {
    pub(crate) order: Order,
    pub(crate) wearer: Wearer,
    pub(crate) places: Vec<Place>,
    pub(crate) missing: Vec<MissingGeometry>,
}

/// Reads an order with its wearer. What is wrong with it is among the findings.
pub(crate) fn read(pair: &Pair<'_>, known: &Known<'_>, findings: &mut Findings) -> Option<One> {
    let (path, value) = &pair.order;
    let fields = Fields::open(path, value, findings);
    let mut profile = wearer::read(pair, known, findings);
    let mut fields = fields?;
    let terms = Terms::read(&mut fields, findings);
    if let Some(Profile { wearer, .. }) = &mut profile {
        area::area(wearer, terms.responsible, &mut fields, findings);
    }
    area::officer(&mut fields, findings);
    let effect = suspension::read(&terms, &mut fields, findings);
    let addresses = profile.as_ref().map(|profile| &profile.addresses);
    let draft = draft(&terms, addresses, known, &mut fields, findings)?;
    let Draft {
        conditions,
        places,
        missing,
        ..
    } = draft;
    let from = terms
        .from
        .or_else(|| conditions.iter().filter_map(|one| one.from).min());
    if from.is_none() && fields.text("order_start", findings).is_none() {
        let value = fields.raw("order_start");
        findings.fault(
            fields.path("order_start"),
            value,
            "should be there, or the start of a condition",
        );
    }
    let mut wearer = profile?.wearer;
    let mut order = Order {
        id: terms.id.clone()?,
        version: 0,
        wearer: wearer.id.clone(),
        order_type: terms.order_type?,
        hdc: terms.hdc,
        responsible_organisation: terms.responsible,
        notifying_organisation: terms.notifying,
        from: from?,
        to: terms.to,
        suspensions: Vec::new(),
        time_zone: chrono_tz::Europe::London,
        conditions,
    };
    clip(&mut order, &fields, findings);
    take_over(&mut order, &terms, known);
    suspension::apply(effect, &mut order, known, &fields, findings);
    if let Some(known) = known.wearer(&wearer.id) {
        wearer::keep(&mut wearer, known, &pair.wearer.0, findings);
    }
    area::settle(&mut wearer, known.settings(), &fields, findings);
    number(&mut order, &terms, known, &fields, findings);
    fields.leave(findings);
    Some(One {
        order,
        wearer,
        places,
        missing,
    })
}

/// Reads the conditions. An order without an id has faults all the same.
fn draft<'a>(
    terms: &Terms,
    addresses: Option<&Addresses>,
    known: &'a Known<'a>,
    fields: &mut Fields<'_>,
    findings: &mut Findings,
) -> Option<Draft<'a>> {
    let mut draft = Draft {
        order: terms.id.clone().or_else(|| OrderId::new("order").ok())?,
        known,
        addresses: addresses.cloned().unwrap_or_default(),
        conditions: Vec::new(),
        places: Vec::new(),
        missing: Vec::new(),
    };
    conditions::translate(fields, &mut draft, findings);
    for key in ["device_wearer", "wearer", "case_id"] {
        fields.pass(key);
    }
    Some(draft)
}

/// No condition holds outside its order.
fn clip(order: &mut Order, fields: &Fields<'_>, findings: &mut Findings) {
    let mut outside = false;
    for condition in &mut order.conditions {
        if condition.from.is_some_and(|from| from < order.from) {
            condition.from = Some(order.from);
            outside = true;
        }
        if let (Some(to), Some(end)) = (condition.to, order.to)
            && end < to
        {
            condition.to = Some(end);
            outside = true;
        }
    }
    if outside {
        let note = "some reach beyond the order, and are taken as far as it goes";
        findings.note(fields.path("enforceable_condition"), note);
    }
}

fn number(
    order: &mut Order,
    terms: &Terms,
    known: &Known<'_>,
    fields: &Fields<'_>,
    findings: &mut Findings,
) {
    let known = known.order(&order.id);
    order.version = version::of(order, terms.varied, known);
    if let Some(known) = known.filter(|known| order.version < known.version) {
        let note = format!(
            "a message from before the version registered, {}",
            known.version
        );
        findings.note(fields.path("order_variation_date"), note);
    }
}

/// A variation leaves out what has not changed.
fn take_over(order: &mut Order, terms: &Terms, known: &Known<'_>) {
    if let Some(known) = known.order(&order.id).filter(|_| terms.varies()) {
        let responsible = &mut order.responsible_organisation;
        *responsible = responsible.or(known.responsible_organisation);
        order.suspensions.clone_from(&known.suspensions);
    }
}
