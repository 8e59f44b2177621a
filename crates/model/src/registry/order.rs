//! Orders: the legal instruments.

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;
use crate::{OrderId, Timestamp, WearerId};

/// A legal instrument with its conditions. A newer `version` of the same id is a variation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The order's id.
    pub id: OrderId,
    /// Counts variations from 1.
    #[serde(default = "first_version")]
    pub version: u32,
    /// Who is subject to it.
    pub wearer: WearerId,
    /// What kind of instrument it is.
    #[serde(rename = "type")]
    pub order_type: OrderType,
    /// Whether the wearer is on home detention curfew.
    #[serde(default)]
    pub hdc: bool,
    /// Who supervises the wearer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible_organisation: Option<ResponsibleOrganisation>,
    /// Who made it known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notifying_organisation: Option<NotifyingOrganisation>,
    /// In force from.
    pub from: Timestamp,
    /// In force until; open where absent.
    #[serde(default)]
    pub to: Option<Timestamp>,
    /// When it is suspended: none of its conditions is enforced then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspensions: Vec<Suspension>,
    /// The zone in which local times of its conditions are meant.
    #[serde(default = "london")]
    #[schemars(with = "String")]
    pub time_zone: Tz,
    /// The duties.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// A time during which an order is suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// From.
    pub from: Timestamp,
    /// Until; until further notice where absent.
    #[serde(default)]
    pub to: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

const fn first_version() -> u32 {
    1
}

const fn london() -> Tz {
    Tz::Europe__London
}

/// The kinds of order, in the words of the service in England and Wales.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are the field's own and say it all")]
pub enum OrderType {
    Civil,
    Community,
    Immigration,
    PostRelease,
    PreTrial,
    Special,
    Bail,
}

/// Who supervises a wearer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are the field's own and say it all")]
pub enum ResponsibleOrganisation {
    Yjs,
    Ycs,
    Probation,
    FieldMonitoringService,
    HomeOffice,
    Police,
}

/// Who sent an order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are the field's own and say it all")]
pub enum NotifyingOrganisation {
    CivilCountyCourt,
    CrownCourt,
    MagistratesCourt,
    MilitaryCourt,
    Prison,
    HomeOffice,
    ScottishCourt,
    FamilyCourt,
    Probation,
    YouthCourt,
    YouthCustodyService,
}
