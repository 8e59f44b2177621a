//! Whether a document's parts fit together.

use std::collections::BTreeSet;

use model::registry::{Duty, Order, RegistryKey, ZoneRef};
use model::{PlaceId, PolicyChange, WearerId, ZoneId, ZoneSetId};

/// Everything in `changes` that points at something which neither they nor `known` define. What is in
/// `missing` is known not to be defined yet.
#[must_use]
pub fn check<'a>(
    known: impl IntoIterator<Item = &'a PolicyChange>,
    changes: &'a [PolicyChange],
    missing: &'a BTreeSet<RegistryKey>,
) -> Vec<String> {
    let mut defined = Defined::default();
    missing.iter().for_each(|key| defined.expect(key));
    for change in known.into_iter().chain(changes) {
        defined.add(change);
    }
    let mut problems = Vec::new();
    for change in changes {
        match change {
            PolicyChange::Activation(activation) => {
                let subject = format!("activation of {}", activation.device);
                defined.wearer(&activation.wearer, &subject, &mut problems);
                if activation.to.is_some_and(|to| to <= activation.from) {
                    problems.push(format!("{subject}: `to` is not after `from`"));
                }
            }
            PolicyChange::Order(order) => defined.order(order, &mut problems),
            PolicyChange::Wearer(wearer) if wearer.id.is_partition() => {
                problems.push(format!(
                    "wearer {}: an id of the installation's own",
                    wearer.id
                ));
            }
            PolicyChange::Wearer(_)
            | PolicyChange::Zone(_)
            | PolicyChange::ZoneSet { .. }
            | PolicyChange::Place(_)
            | PolicyChange::Absence(_)
            | PolicyChange::Removed(_)
            | PolicyChange::Revision { .. }
            | PolicyChange::Rules { .. }
            | PolicyChange::IntakeGap { .. }
            | PolicyChange::BrokerDropped(_)
            | PolicyChange::Stray { .. } => {}
        }
    }
    problems
}

#[derive(Default)]
struct Defined<'a> {
    zones: BTreeSet<&'a ZoneId>,
    sets: BTreeSet<&'a ZoneSetId>,
    places: BTreeSet<&'a PlaceId>,
    wearers: BTreeSet<&'a WearerId>,
}

impl<'a> Defined<'a> {
    fn expect(&mut self, key: &'a RegistryKey) {
        match key {
            RegistryKey::Zone(id) => {
                self.zones.insert(id);
            }
            RegistryKey::ZoneSet(id) => {
                self.sets.insert(id);
            }
            RegistryKey::Place(id) => {
                self.places.insert(id);
            }
            RegistryKey::Wearer(_)
            | RegistryKey::Activation { .. }
            | RegistryKey::Order(_)
            | RegistryKey::Absence(_) => {}
        }
    }

    fn add(&mut self, change: &'a PolicyChange) {
        match change {
            PolicyChange::Zone(zone) => {
                self.zones.insert(&zone.id);
            }
            PolicyChange::ZoneSet { id, .. } => {
                self.sets.insert(id);
            }
            PolicyChange::Place(place) => {
                self.places.insert(&place.id);
            }
            PolicyChange::Wearer(wearer) => {
                self.wearers.insert(&wearer.id);
            }
            PolicyChange::Activation(_)
            | PolicyChange::Order(_)
            | PolicyChange::Absence(_)
            | PolicyChange::Removed(_)
            | PolicyChange::Revision { .. }
            | PolicyChange::Rules { .. }
            | PolicyChange::IntakeGap { .. }
            | PolicyChange::BrokerDropped(_)
            | PolicyChange::Stray { .. } => {}
        }
    }

    fn order(&self, order: &Order, problems: &mut Vec<String>) {
        self.wearer(&order.wearer, &format!("order {}", order.id), problems);
        for condition in &order.conditions {
            let subject = format!("order {}, condition {}", order.id, condition.id);
            match &condition.duty {
                Duty::ExclusionZone { zones, .. }
                | Duty::InclusionZone { zones, .. }
                | Duty::RestrictionZone { zones, .. } => self.zones(zones, &subject, problems),
                Duty::Curfew { place, .. } | Duty::Attendance { place, .. } => {
                    self.place(place, &subject, problems);
                }
                Duty::CheckIn { place, .. } => {
                    if let Some(place) = place {
                        self.place(place, &subject, problems);
                    }
                }
                Duty::AlcoholAbstinence | Duty::AlcoholLimit { .. } | Duty::Trail => {}
            }
        }
    }

    fn zones(&self, zones: &[ZoneRef], subject: &str, problems: &mut Vec<String>) {
        for zone in zones {
            let defined = match zone {
                ZoneRef::Zone(id) => self.zones.contains(id),
                ZoneRef::Set(id) => self.sets.contains(id),
            };
            if !defined {
                problems.push(format!("{subject}: zone {zone} is not defined"));
            }
        }
    }

    fn place(&self, place: &PlaceId, subject: &str, problems: &mut Vec<String>) {
        if !self.places.contains(place) {
            problems.push(format!("{subject}: place {place} is not defined"));
        }
    }

    fn wearer(&self, wearer: &WearerId, subject: &str, problems: &mut Vec<String>) {
        if !self.wearers.contains(wearer) {
            problems.push(format!("{subject}: wearer {wearer} is not defined"));
        }
    }
}
