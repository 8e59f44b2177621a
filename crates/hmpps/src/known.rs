//! What is known: what is registered, and what the document itself has said so far.

use std::collections::BTreeMap;

use model::registry::{Identifiers, Order, Wearer};
use model::{OrderId, WearerId};

use crate::{Context, Geometries, Settings};

/// A context, and what is known on top of it.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    context: &'a Context,
    orders: BTreeMap<OrderId, Order>,
    wearers: BTreeMap<WearerId, Wearer>,
}

impl<'a> Known<'a> {
    pub(crate) const fn new(context: &'a Context) -> Self {
        Self {
            context,
            orders: BTreeMap::new(),
            wearers: BTreeMap::new(),
        }
    }

    pub(crate) const fn geometries(&self) -> &'a Geometries {
        &self.context.geometries
    }

    pub(crate) const fn settings(&self) -> &'a Settings {
        &self.context.settings
    }

    /// The newest version of an order.
    pub(crate) fn order(&self, id: &OrderId) -> Option<&Order> {
        self.orders.get(id).or_else(|| self.context.orders.get(id))
    }

    /// The profile of a wearer.
    pub(crate) fn wearer(&self, id: &WearerId) -> Option<&Wearer> {
        self.wearers
            .get(id)
            .or_else(|| self.context.wearers.get(id))
    }

    /// The wearers who have one of these identifiers.
    pub(crate) fn namesakes(&self, identifiers: &Identifiers) -> Vec<&WearerId> {
        let all = self.wearers.iter().chain(&self.context.wearers);
        let mut found: Vec<&WearerId> = all
            .filter(|(_, wearer)| share(&wearer.identifiers, identifiers))
            .map(|(id, _)| id)
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Takes note of an order and its wearer, unless a later version of the order is known.
    pub(crate) fn add(&mut self, order: &Order, wearer: &Wearer) {
        let later = |known: &Order| order.version < known.version;
        if !self.order(&order.id).is_some_and(later) {
            self.orders.insert(order.id.clone(), order.clone());
            self.wearers.insert(wearer.id.clone(), wearer.clone());
        }
    }
}

fn share(one: &Identifiers, other: &Identifiers) -> bool {
    [
        (&one.delius_id, &other.delius_id),
        (&one.nomis_id, &other.nomis_id),
        (&one.pnc_id, &other.pnc_id),
        (&one.home_office_ref, &other.home_office_ref),
    ]
    .into_iter()
    .any(|(one, other)| one.is_some() && one == other)
}
