//! The visitor: a wearer whose tag nobody simulates. Whoever wants to see an alert of their own
//! publishes for it by hand, at the centre of the zone and well away from it.

use chrono::TimeDelta;
use model::registry::{
    Activation, Condition, DeviceKind, Duty, Identifiers, Order, OrderType,
    ResponsibleOrganisation, Wearer, ZoneRef,
};
use model::{
    ConditionId, DeviceId, IdError, OrderId, RegistryDocument, Timestamp, WearerId, ZoneId,
};
use serde_json::Value;

use crate::person;
use crate::town::{Area, Spot};

/// The visitor.
pub const VISITOR: &str = "W-VISITOR";

/// The visitor's tag.
pub const VISITOR_DEVICE: &str = "GPS-VISITOR";

/// The visitor's exclusion zone.
pub const VISITOR_ZONE: &str = "Z-VISITOR";

/// Latitude and longitude of the zone's centre in degrees: the centre of the town.
pub const VISITOR_ZONE_CENTRE: (f64, f64) = (crate::town::TOWN_LAT, crate::town::TOWN_LON);

/// Radius of the zone in metres.
pub const VISITOR_ZONE_RADIUS_M: f64 = 150.0;

/// Adds the visitor to a registry whose orders begin before `start`; returns the zone's feature.
pub(crate) fn add(registry: &mut RegistryDocument, start: Timestamp) -> Result<Value, IdError> {
    let wearer = WearerId::new(VISITOR)?;
    let zone = ZoneId::new(VISITOR_ZONE)?;
    let since = start.minus(TimeDelta::days(1));
    registry.wearers.push(Wearer {
        id: wearer.clone(),
        name: Some("Visitor".to_owned()),
        date_of_birth: None,
        identifiers: Identifiers::default(),
        mappa: None,
        police_force: Some(person::POLICE_FORCE.to_owned()),
        probation_region: Some(person::PROBATION_REGION.to_owned()),
        flags: std::collections::BTreeSet::new(),
    });
    registry.activations.push(Activation {
        device: DeviceId::new(VISITOR_DEVICE)?,
        kind: DeviceKind::Gps,
        wearer: wearer.clone(),
        from: since,
        to: None,
        cadence_s: 60,
        upload_interval_s: 60,
        hmu_place: None,
    });
    registry.orders.push(Order {
        id: OrderId::new("O-VISITOR")?,
        version: 1,
        wearer,
        order_type: OrderType::PostRelease,
        hdc: false,
        responsible_organisation: Some(ResponsibleOrganisation::Probation),
        notifying_organisation: None,
        from: since,
        to: None,
        suspensions: Vec::new(),
        time_zone: chrono_tz::Europe::London,
        conditions: vec![Condition {
            id: ConditionId::new("C-VISITOR")?,
            from: None,
            to: None,
            duty: Duty::ExclusionZone {
                zones: vec![ZoneRef::Zone(zone.clone())],
                schedule: Vec::new(),
            },
        }],
    });
    let area = Area::Circle {
        centre: Spot::new(0.0, 0.0),
        radius_m: VISITOR_ZONE_RADIUS_M,
    };
    Ok(person::feature(&zone, "Visitor's zone", true, &area))
}
