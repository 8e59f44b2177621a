//! A registry document, list by list and element by element: what is wrong with one says nothing about
//! the next.

use std::collections::BTreeSet;

use model::registry::{Absence, Activation, Condition, Order, Place, Wearer};
use model::{PolicyChange, ZoneSetId};
use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde_json::value::RawValue;

use super::features;
use super::members::{Members, elements};
use super::path::Path;
use super::reading::{Reading, Spot, fault};
use super::words::{About, Said, instead, reworded};

/// What a document may hold, in the order in which it is taken in: nothing is used before it is
/// defined.
const LISTS: [&str; 7] = [
    "zones",
    "zone_sets",
    "places",
    "wearers",
    "activations",
    "orders",
    "absences",
];

/// Reads a document. Files it names are looked for in `folder`; without one, none is read.
pub(crate) fn document(spot: &Spot<'_>, folder: Option<&std::path::Path>, reading: &mut Reading) {
    let Some(members) = members(spot, reading) else {
        return;
    };
    known_once(&members, spot, &LISTS, reading);
    for name in LISTS {
        let Some(value) = members.get(name) else {
            continue;
        };
        let list = spot.inner(spot.path.field(name), value);
        match name {
            "zones" => features::zones(&list, folder, reading),
            "zone_sets" => zone_sets(&list, folder, reading),
            "places" => each::<Place>(&list, PolicyChange::Place, reading),
            "wearers" => each::<Wearer>(&list, PolicyChange::Wearer, reading),
            "activations" => each::<Activation>(&list, PolicyChange::Activation, reading),
            "orders" => orders(&list, reading),
            _ => each::<Absence>(&list, PolicyChange::Absence, reading),
        }
    }
}

/// The members of the object at `spot`.
pub(crate) fn members<'a>(spot: &Spot<'a>, reading: &mut Reading) -> Option<Members<'a>> {
    let read = Members::of(spot.value);
    read.map_err(|error| reading.wrong(spot, &Path::default(), reworded(&error.to_string())))
        .ok()
}

/// Tells of members that are not among `known`, and of those that are there twice.
pub(crate) fn known_once(
    members: &Members<'_>,
    spot: &Spot<'_>,
    known: &[&str],
    reading: &mut Reading,
) {
    let mut seen = BTreeSet::new();
    for (name, value) in members.iter() {
        let (message, help) = if !known.contains(&name) {
            (
                format!("unknown field `{name}`"),
                Some(instead(name, known)),
            )
        } else if !seen.insert(name) {
            (format!("the field `{name}` is here twice"), None)
        } else {
            continue;
        };
        let said = Said {
            message,
            help,
            about: About::Name,
        };
        let member = spot.inner(spot.path.field(name.to_owned()), value);
        reading.wrong(&member, &Path::default(), said);
    }
}

/// The elements of the list at `spot`.
pub(crate) fn list<'a>(spot: &Spot<'a>, reading: &mut Reading) -> Vec<Spot<'a>> {
    match elements(spot.value) {
        Ok(values) => values
            .into_iter()
            .enumerate()
            .map(|(index, value)| spot.inner(spot.path.index(index), value))
            .collect(),
        Err(error) => {
            reading.wrong(spot, &Path::default(), reworded(&error.to_string()));
            Vec::new()
        }
    }
}

fn each<'a, T: Deserialize<'a>>(
    spot: &Spot<'a>,
    change: fn(T) -> PolicyChange,
    reading: &mut Reading,
) {
    for element in list(spot, reading) {
        if let Some(value) = reading.value(&element) {
            reading.add(change(value), &element);
        }
    }
}

fn orders(spot: &Spot<'_>, reading: &mut Reading) {
    for element in list(spot, reading) {
        if let Some(order) = order(&element, reading) {
            reading.add(PolicyChange::Order(order), &element);
        }
    }
}

/// An order and, each on its own, its conditions.
fn order(spot: &Spot<'_>, reading: &mut Reading) -> Option<Order> {
    let members = members(spot, reading)?;
    let is_conditions = |member: &(&str, &RawValue)| member.0 == "conditions";
    let rest = members.iter().filter(|member| !is_conditions(member));
    let head = MapDeserializer::<_, serde_json::Error>::new(rest);
    let head: Option<Order> = reading.settled(serde_path_to_error::deserialize(head), spot);
    let mut conditions = Vec::new();
    let mut whole = true;
    for (place, (_, value)) in members.iter().filter(is_conditions).enumerate() {
        let written = spot.inner(spot.path.field("conditions"), value);
        let before = reading.problems.len();
        if place > 0 {
            let said = fault("the field `conditions` is here twice", None);
            reading.wrong(&written, &Path::default(), said);
        }
        for element in list(&written, reading) {
            conditions.extend(reading.value::<Condition>(&element));
        }
        whole &= reading.problems.len() == before;
    }
    let mut order = head?;
    order.conditions = conditions;
    whole.then_some(order)
}

fn zone_sets(spot: &Spot<'_>, folder: Option<&std::path::Path>, reading: &mut Reading) {
    let Some(members) = members(spot, reading) else {
        return;
    };
    for (name, value) in members.iter() {
        let set = spot.inner(spot.path.field(name.to_owned()), value);
        match ZoneSetId::new(name) {
            Ok(id) => features::zone_set(&id, &set, folder, reading),
            Err(error) => reading.wrong(&set, &Path::default(), fault(error.to_string(), None)),
        }
    }
}
