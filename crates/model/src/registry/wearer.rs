//! Wearers: the people subject to monitoring.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::WearerId;

/// A wearer's profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wearer {
    /// The wearer's id: the only one of these that may stand in a log.
    pub id: WearerId,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The person's date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// Identifiers in other services.
    #[serde(default)]
    pub identifiers: Identifiers,
    /// Multi-agency public protection arrangements, where the person is subject to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mappa: Option<Mappa>,
    /// The police force of the wearer's area, as it names a queue: `staffordshire`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub police_force: Option<String>,
    /// The probation region, as it names a queue: `west-midlands`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probation_region: Option<String>,
    /// What routing may ask for: `iom`, `domestic-abuse`, `nsd`, `specials`, `high-risk`.
    #[serde(default)]
    pub flags: BTreeSet<String>,
}

/// Identifiers of a wearer in other services.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Identifiers {
    /// Police National Computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pnc_id: Option<String>,
    /// Prison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nomis_id: Option<String>,
    /// Probation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delius_id: Option<String>,
    /// Home Office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_office_ref: Option<String>,
    /// Violent and Sex Offender Register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visor_ref: Option<String>,
}

/// MAPPA category and level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mappa {
    /// 1 to 4.
    #[schemars(range(min = 1, max = 4))]
    pub category: u8,
    /// 1 to 3.
    #[schemars(range(min = 1, max = 3))]
    pub level: u8,
}
