//! Orders.

use std::collections::BTreeMap;

use model::registry::{Order, RegistryKey};
use model::{ConditionId, Timestamp};

use super::span::Span;
use super::world::World;
use super::{Findings, conditions, devices, limits};
use crate::read::Path;

pub(super) fn check(order: &Order, world: &World<'_>, now: Timestamp, findings: &mut Findings) {
    let part = RegistryKey::Order(order.id.clone());
    if !world.has(&RegistryKey::Wearer(order.wearer.clone())) {
        let message = format!("wearer {} is not defined", order.wearer);
        findings.error(&part, Path::default().field("wearer"), message);
    }
    if Span::of_order(order).is_empty() {
        findings.error(
            &part,
            Path::default().field("to"),
            "`to` is not after `from`",
        );
    }
    suspensions(order, &part, findings);
    ids(order, &part, world, findings);
    for (index, condition) in order.conditions.iter().enumerate() {
        let path = Path::default().field("conditions").index(index);
        conditions::check(order, condition, &path, world, findings);
    }
    limits::check(order, &part, findings);
    devices::enough(order, world, now, findings);
}

fn suspensions(order: &Order, part: &RegistryKey, findings: &mut Findings) {
    for (index, suspension) in order.suspensions.iter().enumerate() {
        let path = Path::default().field("suspensions").index(index);
        let span = Span {
            from: suspension.from,
            to: suspension.to,
        };
        if span.is_empty() {
            findings.error(part, path.field("to"), "`to` is not after `from`");
        } else if !span.overlaps(Span::of_order(order)) {
            let message = "is outside the order's time, so that it suspends nothing";
            findings.warn(part, path, message);
        }
    }
}

/// Condition ids are the installation's: an alert or an absence names one, and nothing else.
fn ids(order: &Order, part: &RegistryKey, world: &World<'_>, findings: &mut Findings) {
    let mut first: BTreeMap<&ConditionId, usize> = BTreeMap::new();
    for (index, condition) in order.conditions.iter().enumerate() {
        let path = Path::default().field("conditions").index(index).field("id");
        if let Some(first) = first.get(&condition.id) {
            let message = format!(
                "condition {} is here twice: conditions[{first}] has the id already",
                condition.id
            );
            findings.error(part, path, message);
            continue;
        }
        first.insert(&condition.id, index);
        let other = world
            .orders_with(&condition.id)
            .iter()
            .find(|other| other.id != order.id);
        if let Some(other) = other {
            let message = format!("condition {} is one of order {}", condition.id, other.id);
            findings.error(part, path, message);
        }
    }
}
