//! Which partition a change concerns, and which changes are news to it.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use model::{
    AbsenceId, ConditionId, DeviceId, OrderId, PartitionId, PlaceId, PolicyChange, Timestamp,
    WearerId, ZoneId, ZoneSetId,
};

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
    let newest: BTreeMap<Subject<'_>, &PolicyChange> = known
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
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Subject<'a> {
    Zone(&'a ZoneId),
    ZoneSet(&'a ZoneSetId),
    Place(&'a PlaceId),
    Wearer(&'a WearerId),
    Activation(&'a DeviceId, &'a WearerId, Timestamp),
    Order(&'a OrderId),
    Absence(&'a AbsenceId),
    Rules,
    /// From, to.
    IntakeGap(Timestamp, Timestamp),
    BrokerDropped(Timestamp),
    Stray(&'a DeviceId),
}

const fn subject(change: &PolicyChange) -> Subject<'_> {
    match change {
        PolicyChange::Zone(zone) => Subject::Zone(&zone.id),
        PolicyChange::ZoneSet { id, .. } => Subject::ZoneSet(id),
        PolicyChange::Place(place) => Subject::Place(&place.id),
        PolicyChange::Wearer(wearer) => Subject::Wearer(&wearer.id),
        PolicyChange::Activation(activation) => {
            Subject::Activation(&activation.device, &activation.wearer, activation.from)
        }
        PolicyChange::Order(order) => Subject::Order(&order.id),
        PolicyChange::Absence(absence) => Subject::Absence(&absence.id),
        PolicyChange::Rules { .. } => Subject::Rules,
        PolicyChange::IntakeGap { from, to, .. } => Subject::IntakeGap(*from, *to),
        PolicyChange::BrokerDropped(seen) => Subject::BrokerDropped(seen.to),
        PolicyChange::Stray { device, .. } => Subject::Stray(device),
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
