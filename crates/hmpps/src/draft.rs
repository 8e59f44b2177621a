//! An order in the making: what its conditions come to.

use model::registry::{Condition, Duty, Place};
use model::{ConditionId, IdError, OrderId, PlaceId, ZoneId};

use crate::fields::Span;
use crate::findings::Findings;
use crate::geometry::{GeometryKind, MissingGeometry, checksum};
use crate::known::Known;
use crate::wearer::Addresses;
use crate::zone::Prose;

/// What the conditions of one order come to, and what is missing for them.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) order: OrderId,
    pub(crate) known: &'a Known<'a>,
    pub(crate) addresses: Addresses,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) places: Vec<Place>,
    pub(crate) missing: Vec<MissingGeometry>,
}

impl Draft<'_> {
    /// Adds a condition, by its name within the order.
    pub(crate) fn condition(
        &mut self,
        name: &str,
        span: Span,
        duty: Duty,
        findings: &mut Findings,
    ) {
        if let Some(id) = self.id(name, ConditionId::new, findings) {
            let Span { from, to } = span;
            self.conditions.push(Condition { id, from, to, duty });
        }
    }

    /// The zone of a description, for the condition called `name`; missing until somebody draws it.
    pub(crate) fn zone(
        &mut self,
        kind: &str,
        name: &str,
        prose: &Prose,
        findings: &mut Findings,
    ) -> Option<ZoneId> {
        let zone = format!("{kind}-{}", checksum(&prose.description));
        let id = self.id(&zone, ZoneId::new, findings)?;
        if !self.known.geometries().zones.contains(&id) {
            let missing = MissingGeometry {
                path: prose.path.clone(),
                what: GeometryKind::Zone(id.clone()),
                order: self.order.clone(),
                condition: self.id(name, ConditionId::new, findings)?,
                text: prose.description.clone(),
                duration: prose.duration.clone(),
            };
            self.missing.push(missing);
        }
        Some(id)
    }

    /// The wearer's own address, `primary`, `secondary` or `tertiary`, for the condition called `name`.
    pub(crate) fn home(
        &mut self,
        location: &str,
        name: &str,
        path: &str,
        findings: &mut Findings,
    ) -> Option<PlaceId> {
        let addresses = &self.addresses;
        let address = match location {
            "secondary" => &addresses.secondary,
            "tertiary" => &addresses.tertiary,
            _ => &addresses.primary,
        };
        let address = address.clone();
        if address.is_none() {
            findings.note(path, format!("the wearer has no {location} address"));
        }
        self.place(
            location,
            name,
            address.as_deref().unwrap_or_default(),
            path,
            findings,
        )
    }

    /// The place of an address, for the condition called `name`; missing until somebody places it.
    pub(crate) fn place(
        &mut self,
        label: &str,
        name: &str,
        address: &str,
        path: &str,
        findings: &mut Findings,
    ) -> Option<PlaceId> {
        let place = format!("{label}-{}", checksum(address));
        let id = self.id(&place, PlaceId::new, findings)?;
        if let Some(place) = self.known.geometries().place(&id, address) {
            if !self.places.contains(&place) {
                self.places.push(place);
            }
            return Some(id);
        }
        let missing = MissingGeometry {
            path: path.to_owned(),
            what: GeometryKind::Place(id.clone()),
            order: self.order.clone(),
            condition: self.id(name, ConditionId::new, findings)?,
            text: address.to_owned(),
            duration: None,
        };
        self.missing.push(missing);
        Some(id)
    }

    /// An id within the order.
    fn id<T>(
        &self,
        name: &str,
        make: fn(String) -> Result<T, IdError>,
        findings: &mut Findings,
    ) -> Option<T> {
        make(format!("{}-{name}", self.order))
            .map_err(|error| findings.fault("$", name, error.to_string()))
            .ok()
    }
}
