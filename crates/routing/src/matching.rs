//! When a route applies.

use std::collections::BTreeSet;

use model::registry::{NotifyingOrganisation, Order, OrderType, ResponsibleOrganisation, Wearer};
use model::{Decision, DecisionKind, KindGroup, Phase};
use serde::Serialize;

/// A list of which any is enough; absent, anything is.
pub(crate) type AnyOf<T> = Option<BTreeSet<T>>;

/// The `when` of a route: all that is present must hold.
///
/// What is not known does not hold: a route that asks for an order type does not apply to a
/// decision about no order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct When {
    pub(crate) flags: AnyOf<String>,
    pub(crate) kind: AnyOf<DecisionKind>,
    pub(crate) group: AnyOf<KindGroup>,
    pub(crate) phase: AnyOf<Phase>,
    pub(crate) order_type: AnyOf<OrderType>,
    pub(crate) hdc: Option<bool>,
    pub(crate) responsible_organisation: AnyOf<ResponsibleOrganisation>,
    pub(crate) notifying_organisation: AnyOf<NotifyingOrganisation>,
    pub(crate) mappa_level: AnyOf<u8>,
    pub(crate) mappa_category: AnyOf<u8>,
}

/// What is decided, about whom, under what: as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) decision: &'a Decision,
    pub(crate) wearer: Option<&'a Wearer>,
    pub(crate) order: Option<&'a Order>,
}

/// Something that a route asks for and that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// The field of the route's `when`.
    pub field: &'static str,
    /// What the route asks for, any of which is enough.
    pub asks: Vec<String>,
    /// What there is; nothing, where it is not known.
    pub has: Vec<String>,
}

impl When {
    pub(crate) fn matches(&self, case: &Case<'_>) -> bool {
        // An array of functions, so that nothing is looked at after the first that does not hold.
        CHECKS.iter().all(|check| check(self, case).is_none())
    }

    /// All that does not hold.
    pub(crate) fn unmet(&self, case: &Case<'_>) -> Vec<Unmet> {
        CHECKS
            .iter()
            .filter_map(|check| check(self, case))
            .collect()
    }

    /// Whether decisions of `kind` can be meant, by kind and by group.
    pub(crate) fn takes_kind(&self, kind: DecisionKind) -> bool {
        is_any(self.kind.as_ref(), [&kind]) && is_any(self.group.as_ref(), [&kind.group()])
    }
}

type Check = fn(&When, &Case<'_>) -> Option<Unmet>;

/// One for each field.
const CHECKS: [Check; 10] = [
    |when, case| any_of("kind", when.kind.as_ref(), [&case.decision.kind]),
    |when, case| any_of("group", when.group.as_ref(), [&case.decision.kind.group()]),
    |when, case| any_of("phase", when.phase.as_ref(), [&case.decision.phase]),
    |when, case| {
        let flags = case.wearer.iter().flat_map(|wearer| &wearer.flags);
        any_of("flags", when.flags.as_ref(), flags)
    },
    |when, case| {
        let mappa = case.wearer.and_then(|wearer| wearer.mappa);
        let level = mappa.map(|mappa| mappa.level);
        any_of("mappa_level", when.mappa_level.as_ref(), &level)
    },
    |when, case| {
        let mappa = case.wearer.and_then(|wearer| wearer.mappa);
        let category = mappa.map(|mappa| mappa.category);
        any_of("mappa_category", when.mappa_category.as_ref(), &category)
    },
    |when, case| {
        let order_type = case.order.map(|order| &order.order_type);
        any_of("order_type", when.order_type.as_ref(), order_type)
    },
    |when, case| {
        let asked = when.hdc.map(|hdc| BTreeSet::from([hdc]));
        any_of("hdc", asked.as_ref(), case.order.map(|order| &order.hdc))
    },
    |when, case| {
        let has = case
            .order
            .and_then(|order| order.responsible_organisation.as_ref());
        let asked = when.responsible_organisation.as_ref();
        any_of("responsible_organisation", asked, has)
    },
    |when, case| {
        let has = case
            .order
            .and_then(|order| order.notifying_organisation.as_ref());
        let asked = when.notifying_organisation.as_ref();
        any_of("notifying_organisation", asked, has)
    },
];

fn is_any<'a, T: Ord + 'a>(
    wanted: Option<&BTreeSet<T>>,
    found: impl IntoIterator<Item = &'a T>,
) -> bool {
    wanted.is_none_or(|wanted| found.into_iter().any(|found| wanted.contains(found)))
}

fn any_of<'a, T: Ord + Serialize + 'a>(
    field: &'static str,
    wanted: Option<&BTreeSet<T>>,
    found: impl IntoIterator<Item = &'a T, IntoIter: Clone>,
) -> Option<Unmet> {
    let found = found.into_iter();
    if is_any(wanted, found.clone()) {
        return None;
    }
    Some(Unmet {
        field,
        asks: wanted.into_iter().flatten().map(name).collect(),
        has: found.map(name).collect(),
    })
}

/// The name that a value goes by in formats.
fn name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}
