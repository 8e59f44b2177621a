//! Thresholds that are other for some: who a cohort is, and what differs for them.

use std::collections::BTreeSet;

use model::registry::{Order, OrderType, ResponsibleOrganisation};
use serde::{Deserialize, Serialize};

use super::{PolicyError, RulesPolicy};
use crate::wearer::Profile;

/// Thresholds that differ for some orders. What is not named is as for everybody; of the cohorts that an
/// order belongs to, the first counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// Names it in the evidence of decisions: `shipped-1/hdc`.
    pub name: String,
    /// Who belongs to it.
    #[serde(default)]
    pub when: Who,
    /// Fields of `[zone]` that differ: how sums of evidence are compared, not what a fix is worth.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub zone: toml::Table,
    /// Fields of `[curfew]` that differ.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub curfew: toml::Table,
    /// Fields of `[attendance]` that differ.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub attendance: toml::Table,
    /// Fields of `[check_in]` that differ.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub check_in: toml::Table,
    /// Fields of `[alcohol]` that differ.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub alcohol: toml::Table,
}

/// Who belongs to a cohort: whoever fits all that is named; of several values, any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Who {
    /// Kinds of order.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub order_type: BTreeSet<OrderType>,
    /// Home detention curfew, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hdc: Option<bool>,
    /// Who supervises.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub responsible_organisation: BTreeSet<ResponsibleOrganisation>,
    /// Flags of the wearer's profile.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<String>,
    /// MAPPA levels.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub mappa_level: BTreeSet<u8>,
    /// MAPPA categories.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub mappa_category: BTreeSet<u8>,
}

impl Who {
    fn fits(&self, order: &Order, profile: &Profile) -> bool {
        let mappa = profile.mappa;
        any_of(&self.order_type, Some(order.order_type))
            && self.hdc.is_none_or(|hdc| hdc == order.hdc)
            && any_of(
                &self.responsible_organisation,
                order.responsible_organisation,
            )
            && (self.flags.is_empty() || !self.flags.is_disjoint(&profile.flags))
            && any_of(&self.mappa_level, mappa.map(|mappa| mappa.level))
            && any_of(&self.mappa_category, mappa.map(|mappa| mappa.category))
    }
}

fn any_of<T: Ord>(wanted: &BTreeSet<T>, found: Option<T>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.contains(&found))
}

/// The cohorts of a policy, each with the whole of its thresholds.
#[derive(Debug, Default)]
pub(crate) struct Cohorts(Vec<(Who, RulesPolicy)>);

/// Which cohort an order belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Membership(Option<usize>);

impl Cohorts {
    /// Works out the thresholds of each cohort.
    ///
    /// # Errors
    /// When one names a field that there is not, or a number that no rule can work with.
    pub(crate) fn of(policy: &RulesPolicy) -> Result<Self, PolicyError> {
        let cohorts = policy.cohort.iter();
        let all = cohorts.map(|cohort| {
            let whole = whole(policy, cohort)?;
            Ok((cohort.when.clone(), whole))
        });
        all.collect::<Result<_, PolicyError>>().map(Self)
    }

    /// The first cohort that fits.
    pub(crate) fn membership(&self, order: &Order, profile: &Profile) -> Membership {
        Membership(self.0.iter().position(|(who, _)| who.fits(order, profile)))
    }

    /// The thresholds of a cohort, or of everybody else.
    pub(crate) fn policy<'a>(
        &'a self,
        membership: Membership,
        everybody: &'a RulesPolicy,
    ) -> &'a RulesPolicy {
        let cohort = membership.0.and_then(|index| self.0.get(index));
        cohort.map_or(everybody, |(_, policy)| policy)
    }
}

fn whole(policy: &RulesPolicy, cohort: &Cohort) -> Result<RulesPolicy, PolicyError> {
    let problem = |problem: String| PolicyError::Cohort {
        name: cohort.name.clone(),
        problem,
    };
    let everybody = RulesPolicy {
        cohort: Vec::new(),
        ..policy.clone()
    };
    let mut table =
        toml::Table::try_from(&everybody).map_err(|error| problem(error.to_string()))?;
    let differing = [
        ("zone", &cohort.zone),
        ("curfew", &cohort.curfew),
        ("attendance", &cohort.attendance),
        ("check_in", &cohort.check_in),
        ("alcohol", &cohort.alcohol),
    ];
    for (name, fields) in differing {
        if let Some(toml::Value::Table(known)) = table.get_mut(name) {
            known.extend(fields.clone());
        }
    }
    let merged: RulesPolicy = table
        .try_into()
        .map_err(|error: toml::de::Error| problem(error.message().to_owned()))?;
    if merged.zone.worth_of_a_fix() != everybody.zone.worth_of_a_fix() {
        return Err(problem(
            "zone: what a fix is worth is the same for everybody".to_owned(),
        ));
    }
    merged
        .check_numbers()
        .map_err(|error| problem(error.to_string()))?;
    Ok(RulesPolicy {
        version: format!("{}/{}", policy.version, cohort.name),
        ..merged
    })
}
