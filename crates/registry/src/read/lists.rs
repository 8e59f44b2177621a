//! A registry document, list by list and element by element: what is wrong with one says nothing about
//! the next.

use std::collections::BTreeSet;

use model::registry::{Absence, Activation, Condition, Order, Place, RegistryKey, Wearer};
use model::{PolicyChange, ZoneSetId};
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::Value;
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
            "places" => each::<Place>(&list, "place", PolicyChange::Place, reading),
            "wearers" => each::<Wearer>(&list, "wearer", PolicyChange::Wearer, reading),
            "activations" => {
                each::<Activation>(&list, "activation", PolicyChange::Activation, reading);
            }
            "orders" => orders(&list, reading),
            _ => each::<Absence>(&list, "absence", PolicyChange::Absence, reading),
        }
    }
}

/// Reads one part on its own.
pub(crate) fn part(key: &RegistryKey, spot: &Spot<'_>, reading: &mut Reading) {
    match key {
        RegistryKey::Zone(_) => features::one(spot, reading),
        RegistryKey::ZoneSet(id) => features::zone_set(id, spot, None, reading),
        RegistryKey::Place(_) => one::<Place>(spot, key.kind(), PolicyChange::Place, reading),
        RegistryKey::Wearer(_) => one::<Wearer>(spot, key.kind(), PolicyChange::Wearer, reading),
        RegistryKey::Activation { .. } => {
            one::<Activation>(spot, key.kind(), PolicyChange::Activation, reading);
        }
        RegistryKey::Order(_) => whole_order(spot, reading),
        RegistryKey::Absence(_) => one::<Absence>(spot, key.kind(), PolicyChange::Absence, reading),
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

fn each<T: DeserializeOwned>(
    spot: &Spot<'_>,
    kind: &str,
    change: fn(T) -> PolicyChange,
    reading: &mut Reading,
) {
    for element in list(spot, reading) {
        one(&element, kind, change, reading);
    }
}

fn one<T: DeserializeOwned>(
    spot: &Spot<'_>,
    kind: &str,
    change: fn(T) -> PolicyChange,
    reading: &mut Reading,
) {
    match reading.value(spot) {
        Some(value) => reading.add(change(value), spot),
        None => reading.unread(kind, spot),
    }
    reading.meter.advance(spot.value.get().len());
}

fn orders(spot: &Spot<'_>, reading: &mut Reading) {
    for element in list(spot, reading) {
        whole_order(&element, reading);
    }
}

fn whole_order(spot: &Spot<'_>, reading: &mut Reading) {
    if order(spot, reading).is_none() {
        reading.unread("order", spot);
    }
    reading.meter.advance(spot.value.get().len());
}

/// An order and, each on its own, its conditions.
fn order(spot: &Spot<'_>, reading: &mut Reading) -> Option<()> {
    let members = members(spot, reading)?;
    let is_conditions = |member: &(&str, &RawValue)| member.0 == "conditions";
    let rest = members.iter().filter(|member| !is_conditions(member));
    let head = MapDeserializer::<_, serde_json::Error>::new(rest);
    let head: Option<Order> = reading.settled(
        serde_path_to_error::deserialize(head),
        spot,
        &without_conditions,
    );
    let mut conditions = Vec::new();
    let mut places = Vec::new();
    let mut whole = true;
    for (again, (_, value)) in members.iter().filter(is_conditions).enumerate() {
        let written = spot.inner(spot.path.field("conditions"), value);
        let before = reading.problems.len();
        if again > 0 {
            let said = fault("the field `conditions` is here twice", None);
            reading.wrong(&written, &Path::default(), said);
        }
        for (place, element) in list(&written, reading).iter().enumerate() {
            if let Some(condition) = reading.value::<Condition>(element) {
                conditions.push(condition);
                places.push(place);
            }
        }
        whole &= reading.problems.len() == before;
    }
    let mut order = head?;
    order.conditions = conditions;
    if whole {
        reading.add(PolicyChange::Order(order), spot);
    } else {
        reading.add_partly(order, &places, spot);
    }
    Some(())
}

fn without_conditions(mut order: Value) -> Value {
    if let Some(members) = order.as_object_mut() {
        members.remove("conditions");
    }
    order
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
