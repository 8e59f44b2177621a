//! Authorised absences.

use model::registry::{Absence, Order, RegistryKey};

use super::Findings;
use super::span::Span;
use super::world::World;
use crate::read::Path;

pub(super) fn check(absence: &Absence, world: &World<'_>, findings: &mut Findings) {
    let part = RegistryKey::Absence(absence.id.clone());
    let span = Span {
        from: absence.from,
        to: Some(absence.to),
    };
    let to = || Path::default().field("to");
    if span.is_empty() {
        return findings.error(&part, to(), "`to` is not after `from`");
    }
    let orders = world.orders_with(&absence.condition);
    if orders.is_empty() && world.misses_some("order") {
        return;
    }
    if orders.is_empty() {
        let message = format!("condition {} is not defined", absence.condition);
        return findings.error(&part, Path::default().field("condition"), message);
    }
    let within = |order: &&&Order| Span::of_order(order).overlaps(span);
    if !orders.iter().any(|order| within(&order)) {
        let message = format!(
            "is outside the time of every order with condition {}, so that it lifts nothing",
            absence.condition
        );
        findings.warn(&part, Path::default().field("from"), message);
    }
}
