//! Which partition a change concerns, and which changes are news to it.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use model::{ConditionId, PartitionId, PolicyChange, WearerId};

/// The part of `changes` that concerns `partition`: everything about its own wearers, and all zones
/// and places, which any order may point at.
#[must_use]
pub fn concerns(
    changes: &[PolicyChange],
    partition: PartitionId,
    partitions: NonZeroU16,
) -> Vec<PolicyChange> {
    let owners = condition_owners(changes);
    let ours = |wearer: &WearerId| PartitionId::of(wearer, partitions) == partition;
    let concerned = |change: &&PolicyChange| match change {
        PolicyChange::Wearer(wearer) => ours(&wearer.id),
        PolicyChange::Activation(activation) => ours(&activation.wearer),
        PolicyChange::Order(order) => ours(&order.wearer),
        // An absence names a condition only; one that no order here has goes to all.
        PolicyChange::Absence(absence) => owners
            .get(&absence.condition)
            .is_none_or(|wearer| ours(wearer)),
        PolicyChange::Zone(_)
        | PolicyChange::ZoneSet { .. }
        | PolicyChange::Place(_)
        | PolicyChange::Rules { .. }
        | PolicyChange::IntakeGap { .. }
        | PolicyChange::BrokerDropped(_)
        | PolicyChange::Stray { .. } => true,
    };
    changes.iter().filter(concerned).cloned().collect()
}

fn condition_owners(changes: &[PolicyChange]) -> BTreeMap<&ConditionId, &WearerId> {
    let mut owners = BTreeMap::new();
    for change in changes {
        if let PolicyChange::Order(order) = change {
            owners.extend(
                order
                    .conditions
                    .iter()
                    .map(|condition| (&condition.id, &order.wearer)),
            );
        }
    }
    owners
}

/// Those of `wanted` that say something else than the newest of `known` about the same thing.
#[must_use]
pub fn news(known: &[PolicyChange], wanted: Vec<PolicyChange>) -> Vec<PolicyChange> {
    let newest: BTreeMap<String, &PolicyChange> = known
        .iter()
        .map(|change| (subject(change), change))
        .collect();
    wanted
        .into_iter()
        .filter(|change| {
            newest
                .get(&subject(change))
                .is_none_or(|known| *known != change)
        })
        .collect()
}

/// What a change is about: two changes with the same subject replace each other.
fn subject(change: &PolicyChange) -> String {
    match change {
        PolicyChange::Zone(zone) => format!("zone/{}", zone.id),
        PolicyChange::ZoneSet { id, .. } => format!("set/{id}"),
        PolicyChange::Place(place) => format!("place/{}", place.id),
        PolicyChange::Wearer(wearer) => format!("wearer/{}", wearer.id),
        PolicyChange::Activation(activation) => {
            let (device, wearer, from) = (&activation.device, &activation.wearer, activation.from);
            format!("activation/{device}/{wearer}/{from}")
        }
        PolicyChange::Order(order) => format!("order/{}", order.id),
        PolicyChange::Absence(absence) => format!("absence/{}", absence.id),
        PolicyChange::Rules { .. } => "rules".to_owned(),
        PolicyChange::IntakeGap { from, to, .. } => format!("gap/{from}/{to}"),
        PolicyChange::BrokerDropped(seen) => format!("broker/{}", seen.to),
        PolicyChange::Stray { device, .. } => format!("stray/{device}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(radius_m: f64) -> PolicyChange {
        let text = format!(r#"{{"id":"P-1","lat":52.8,"lon":-2.1,"radius_m":{radius_m}}}"#);
        PolicyChange::Place(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_document_taken_in_twice_is_no_news() {
        assert_eq!(news(&[], vec![place(50.0)]), vec![place(50.0)]);
        assert_eq!(news(&[place(50.0)], vec![place(50.0)]), vec![]);
        let back_and_forth = [place(50.0), place(60.0)];
        assert_eq!(news(&back_and_forth, vec![place(50.0)]), vec![place(50.0)]);
    }

    #[test]
    fn places_concern_every_partition_and_wearers_only_their_own() {
        let partitions = NonZeroU16::new(4).unwrap();
        let wearer = PolicyChange::Wearer(serde_json::from_str(r#"{"id":"W-1"}"#).unwrap());
        let changes = [place(50.0), wearer];
        let counts: Vec<usize> = (0..4)
            .map(|id| concerns(&changes, PartitionId(id), partitions).len())
            .collect();
        assert_eq!(counts.iter().sum::<usize>(), 5);
    }
}
