//! Devices: each worn by one person at a time, and each order with those that it needs.

use model::Timestamp;
use model::registry::{Activation, Condition, DeviceKind, Duty, Order, RegistryKey};

use super::Findings;
use super::span::Span;
use super::world::World;
use crate::read::Path;

pub(super) fn check(worn: &Activation, world: &World<'_>, findings: &mut Findings) {
    let part = key(worn);
    if !world.has(&RegistryKey::Wearer(worn.wearer.clone())) {
        let message = format!("wearer {} is not defined", worn.wearer);
        findings.error(&part, Path::default().field("wearer"), message);
    }
    if let Some(place) = &worn.hmu_place
        && !world.has(&RegistryKey::Place(place.clone()))
    {
        let message = format!("place {place} is not defined");
        findings.error(&part, Path::default().field("hmu_place"), message);
    }
    if Span::of_activation(worn).is_empty() {
        findings.error(
            &part,
            Path::default().field("to"),
            "`to` is not after `from`",
        );
    }
}

fn key(worn: &Activation) -> RegistryKey {
    RegistryKey::Activation {
        device: worn.device.clone(),
        wearer: worn.wearer.clone(),
        from: worn.from,
    }
}

/// Tells of devices that two activations have at the same time: readings are attributed by activation,
/// so that one of the two people would be judged by where the other is.
pub(super) fn worn_by_one(world: &World<'_>, findings: &mut Findings) {
    for activations in world.devices().filter(|activations| activations.len() > 1) {
        let mut sorted: Vec<&Activation> = activations
            .iter()
            .copied()
            .filter(|worn| !Span::of_activation(worn).is_empty())
            .collect();
        sorted.sort_by_key(|worn| worn.from);
        let mut open: Option<&Activation> = None;
        for next in sorted {
            if let Some(held) = open.filter(|held| held.to.is_none_or(|to| next.from < to)) {
                both(held, next, world, findings);
            }
            let ends_later = |held: &Activation| match (held.to, next.to) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(held), Some(next)) => next > held,
            };
            if open.is_none_or(ends_later) {
                open = Some(next);
            }
        }
    }
}

fn both(held: &Activation, next: &Activation, world: &World<'_>, findings: &mut Findings) {
    // Told where it is proposed; the later one, where both are.
    let Some((worn, other)) = [(next, held), (held, next)]
        .into_iter()
        .find(|(worn, _)| world.is_new(&key(worn)))
    else {
        return;
    };
    let until = match other.to {
        Some(to) => format!("until {to}"),
        None => "without an end".to_owned(),
    };
    let message = format!(
        "device {} is active for wearer {} at the same time: from {} {until}",
        worn.device, other.wearer, other.from
    );
    findings.error(&key(worn), Path::default().field("from"), message);
    findings.help("end the one before the other begins");
}

/// Tells of an order in force that nothing can watch, or not all of it.
pub(super) fn enough(order: &Order, world: &World<'_>, now: Timestamp, findings: &mut Findings) {
    let suspended = order.suspensions.iter().any(|suspension| {
        let (from, to) = (suspension.from, suspension.to);
        Span { from, to }.contains(now)
    });
    if suspended || order.conditions.is_empty() || !Span::of_order(order).contains(now) {
        return;
    }
    if world.misses_some("activation") {
        return;
    }
    let part = RegistryKey::Order(order.id.clone());
    let worn: Vec<DeviceKind> = world
        .worn_by(&order.wearer)
        .iter()
        .filter(|worn| worn.covers(now))
        .map(|worn| worn.kind)
        .collect();
    if worn.is_empty() {
        let message = format!(
            "is in force, and no device is activated for wearer {}: `not_monitored` will be raised",
            order.wearer
        );
        return findings.warn(&part, Path::default(), message);
    }
    for (index, condition) in order.conditions.iter().enumerate() {
        let needed = needed(condition);
        let in_force = Span::of_condition(order, condition).contains(now);
        if in_force && !needed.is_empty() && !needed.iter().any(|kind| worn.contains(kind)) {
            let names: Vec<&str> = needed.iter().map(|kind| name(*kind)).collect();
            let message = format!(
                "needs {}, and wearer {} has none activated: nothing will watch it",
                names.join(" or "),
                order.wearer
            );
            let path = Path::default().field("conditions").index(index);
            findings.warn(&part, path, message);
        }
    }
}

/// The kinds of device of which one will do.
const fn needed(condition: &Condition) -> &'static [DeviceKind] {
    match condition.duty {
        Duty::ExclusionZone { .. }
        | Duty::InclusionZone { .. }
        | Duty::RestrictionZone { .. }
        | Duty::Trail => &[DeviceKind::Gps],
        Duty::Curfew { .. } => &[DeviceKind::Rf, DeviceKind::Gps],
        Duty::Attendance { .. } => &[DeviceKind::Gps, DeviceKind::NonFitted],
        Duty::AlcoholAbstinence | Duty::AlcoholLimit { .. } => &[DeviceKind::Alcohol],
        Duty::CheckIn { .. } => &[DeviceKind::NonFitted],
    }
}

const fn name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Gps => "a GPS tag",
        DeviceKind::Rf => "an RF tag",
        DeviceKind::Alcohol => "an alcohol tag",
        DeviceKind::NonFitted => "a non-fitted device",
    }
}
