//! Wearers of whom the routing policy asks what their profile does not say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use model::registry::{Order, Wearer};
use model::{PolicyChange, WearerId};
use routing::{RoutingPolicy, Unfilled};

use crate::commands::output::print;

/// Wearers named for each: enough to find out what they have in common.
const NAMED: usize = 5;

/// Says of which wearers of these documents recipients could not be named: the operators would be told in
/// their place. Documents that cannot be read are told of elsewhere.
pub(super) fn check(policy: &RoutingPolicy, documents: &[PathBuf]) -> anyhow::Result<()> {
    let read = documents
        .iter()
        .filter_map(|path| registry::read(path).ok());
    let changes: Vec<PolicyChange> = read.flat_map(registry::Document::into_changes).collect();
    let mut wearers: BTreeMap<&WearerId, (Option<&Wearer>, Vec<&Order>)> = BTreeMap::new();
    for change in &changes {
        if let PolicyChange::Wearer(wearer) = change {
            wearers.entry(&wearer.id).or_default().0 = Some(wearer);
        } else if let PolicyChange::Order(order) = change {
            wearers.entry(&order.wearer).or_default().1.push(order);
        }
    }
    let mut unfilled: BTreeMap<Unfilled, Vec<&WearerId>> = BTreeMap::new();
    // People are many, and what routes ask about them has few values.
    let mut known: BTreeMap<String, BTreeSet<Unfilled>> = BTreeMap::new();
    for (id, (wearer, orders)) in &wearers {
        let Some(wearer) = wearer else {
            continue;
        };
        let asked = known
            .entry(traits(wearer, orders))
            .or_insert_with(|| policy.unfillable(wearer, orders));
        for asked in &*asked {
            unfilled.entry(asked.clone()).or_default().push(id);
        }
    }
    for (unfilled, wearers) in unfilled {
        print(&format!("warning: {}", in_words(&unfilled, &wearers)))?;
    }
    Ok(())
}

/// All that routes can ask about somebody.
fn traits(wearer: &Wearer, orders: &[&Order]) -> String {
    let orders = orders.iter().map(|order| {
        (
            order.order_type,
            order.hdc,
            order.responsible_organisation,
            order.notifying_organisation,
        )
    });
    let Wearer {
        flags,
        mappa,
        police_force,
        probation_region,
        ..
    } = wearer;
    let orders: Vec<_> = orders.collect();
    format!("{flags:?} {mappa:?} {police_force:?} {probation_region:?} {orders:?}")
}

fn in_words(unfilled: &Unfilled, wearers: &[&WearerId]) -> String {
    let named = wearers.iter().take(NAMED).map(ToString::to_string);
    let named = named.collect::<Vec<_>>().join(", ");
    let more = match wearers.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "route {:?}: of {named}{more}, {unfilled}; the operators are told instead",
        unfilled.route
    )
}
