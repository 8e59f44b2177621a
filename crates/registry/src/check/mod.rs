//! Whether what is registered fits together: what cannot be, and what is not wise.
//!
//! Errors are what nothing sensible can be done with: a part that points at nothing, a time that ends
//! before it begins, a device on two people. Warnings are what a court may have ordered all the same:
//! it is watched as it was ordered, and somebody should look.

mod absences;
mod conditions;
mod contradictions;
mod devices;
mod ground;
mod limits;
mod orders;
mod span;
mod wearers;
mod week;
mod world;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use model::registry::RegistryKey;
use model::{PolicyChange, Timestamp};

use crate::meter::Meter;
use crate::problem::Problem;
use crate::read::Path;
use world::World;

/// What is wrong with `changes`, seen together with what is `known`: the newest of each part. What is in
/// `missing` is known not to be defined yet. `now` says which orders are in force;
/// `meter` counts the changes looked at.
///
/// Takes in the order of n log n for n parts, and a wearer's own conditions squared.
#[must_use]
pub fn check<'a>(
    known: impl IntoIterator<Item = &'a PolicyChange>,
    changes: &'a [PolicyChange],
    missing: &'a BTreeSet<RegistryKey>,
    now: Timestamp,
    meter: &Meter,
) -> Vec<Problem> {
    let world = World::new(known, changes, missing);
    let mut findings = Findings::default();
    for change in changes {
        one(change, &world, now, &mut findings);
        meter.advance(1);
    }
    devices::worn_by_one(&world, &mut findings);
    contradictions::find(&world, &mut findings);
    findings.0
}

/// What is wrong with one part.
fn one(change: &PolicyChange, world: &World<'_>, now: Timestamp, findings: &mut Findings) {
    match change {
        PolicyChange::Wearer(wearer) => wearers::check(wearer, now, findings),
        PolicyChange::Activation(worn) => devices::check(worn, world, findings),
        PolicyChange::Order(order) => orders::check(order, world, now, findings),
        PolicyChange::Absence(absence) => absences::check(absence, world, findings),
        PolicyChange::Place(place) => ground::place(place, findings),
        PolicyChange::Zone(zone) => {
            let part = RegistryKey::Zone(zone.id.clone());
            ground::zone(zone, &part, &Path::default(), findings);
        }
        PolicyChange::ZoneSet { id, zones } => {
            let part = RegistryKey::ZoneSet(id.clone());
            for (index, zone) in zones.iter().enumerate() {
                let feature = Path::default().field("features").index(index);
                ground::zone(zone, &part, &feature, findings);
            }
        }
        PolicyChange::Removed(_)
        | PolicyChange::Revision { .. }
        | PolicyChange::Rules { .. }
        | PolicyChange::IntakeGap { .. }
        | PolicyChange::BrokerDropped(_)
        | PolicyChange::Stray { .. } => {}
    }
}

/// What was found so far.
#[derive(Debug, Default)]
struct Findings(Vec<Problem>);

impl Findings {
    /// What cannot be.
    fn error(&mut self, part: &RegistryKey, further: Path, message: impl Into<String>) {
        self.0.push(Problem::error(part.clone(), further, message));
    }

    /// What is not wise.
    fn warn(&mut self, part: &RegistryKey, further: Path, message: impl Into<String>) {
        self.0
            .push(Problem::warning(part.clone(), further, message));
    }

    /// What would be right, for the one found last.
    fn help(&mut self, help: impl Into<String>) {
        if let Some(last) = self.0.last_mut() {
            last.help = Some(help.into());
        }
    }
}
