//! What can be read in a policy but cannot be meant.

use std::collections::BTreeSet;

use model::{DecisionKind, Phase};
use thiserror::Error;

use crate::RoutingPolicy;
use crate::matching::{AnyOf, When};
use crate::policy::Route;

/// The flags that wearers' profiles carry.
const FLAGS: [&str; 5] = ["iom", "domestic-abuse", "nsd", "specials", "high-risk"];

/// Something in a policy that can be read but cannot be meant. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyWarning {
    /// An empty list, of which nothing can be any.
    #[error("line {line}: route {route:?} can never match: {field} is an empty list")]
    EmptyList {
        /// The line of the route.
        line: usize,
        /// The route.
        route: String,
        /// The list.
        field: &'static str,
    },
    /// No kind is both among the kinds and of one of the groups.
    #[error("line {line}: route {route:?} can never match: none of its kinds is in its groups")]
    KindsOutsideGroups {
        /// The line of the route.
        line: usize,
        /// The route.
        route: String,
    },
    /// An earlier exclusive route takes everything that this one would.
    #[error(
        "line {line}: route {route:?} can never match: \"{by}\" before it is exclusive and takes all of it"
    )]
    Shadowed {
        /// The line of the route.
        line: usize,
        /// The route.
        route: String,
        /// The earlier route, or routes.
        by: String,
    },
    /// A flag that no profile carries, so perhaps misspelt.
    #[error(
        "line {line}: route {route:?} asks for flag {flag:?}, which no profile is known to carry"
    )]
    UnknownFlag {
        /// The line of the route.
        line: usize,
        /// The route.
        route: String,
        /// The flag.
        flag: String,
    },
    /// Two routes of one name, so that a notification does not say which one sent it.
    #[error("line {line}: route {route:?} has the name of an earlier route")]
    NameUsedTwice {
        /// The line of the later route.
        line: usize,
        /// The name.
        route: String,
    },
}

impl RoutingPolicy {
    /// What in this policy cannot be meant, in the order of the routes.
    ///
    /// Finds a route that earlier ones shadow, each of them some kinds or phases of it; not one of which
    /// each shadows some wearers or orders.
    #[must_use]
    pub fn warnings(&self) -> Vec<PolicyWarning> {
        let mut warnings = Vec::new();
        for (index, route) in self.routes.iter().enumerate() {
            let earlier = self.routes.get(..index).unwrap_or_default();
            warnings.extend(never_matches(route));
            warnings.extend(shadowed(route, earlier));
            warnings.extend(unknown_flags(route));
            warnings.extend(name_used_twice(route, earlier));
        }
        warnings
    }
}

fn never_matches(route: &Route) -> Option<PolicyWarning> {
    let Route { line, when, .. } = route;
    let route = route.name.clone();
    if let Some(field) = empty_list(when) {
        let line = *line;
        return Some(PolicyWarning::EmptyList { line, route, field });
    }
    if kinds(when).is_empty() {
        let line = *line;
        return Some(PolicyWarning::KindsOutsideGroups { line, route });
    }
    None
}

fn empty_list(when: &When) -> Option<&'static str> {
    fn empty<T>(list: &AnyOf<T>) -> bool {
        list.as_ref().is_some_and(BTreeSet::is_empty)
    }
    let lists = [
        ("flags", empty(&when.flags)),
        ("kind", empty(&when.kind)),
        ("group", empty(&when.group)),
        ("phase", empty(&when.phase)),
        ("order_type", empty(&when.order_type)),
        (
            "responsible_organisation",
            empty(&when.responsible_organisation),
        ),
        (
            "notifying_organisation",
            empty(&when.notifying_organisation),
        ),
        ("mappa_level", empty(&when.mappa_level)),
        ("mappa_category", empty(&when.mappa_category)),
    ];
    lists
        .into_iter()
        .find_map(|(field, empty)| empty.then_some(field))
}

/// Every kind of decision that can be meant.
fn kinds(when: &When) -> BTreeSet<DecisionKind> {
    let all = DecisionKind::ALL.iter().copied();
    all.filter(|kind| when.takes_kind(*kind)).collect()
}

fn shadowed(route: &Route, earlier: &[Route]) -> Option<PolicyWarning> {
    let mut by = BTreeSet::new();
    for kind in kinds(&route.when) {
        for phase in phases(&route.when) {
            let takes = |earlier: &&Route| {
                earlier.exclusive
                    && earlier.when.takes_kind(kind)
                    && phases(&earlier.when).contains(&phase)
                    && takes_all_of(&earlier.when, &route.when)
            };
            by.insert(earlier.iter().find(takes)?.name.as_str());
        }
    }
    if by.is_empty() {
        // Of no kind or no phase at all, which has a warning of its own.
        return None;
    }
    Some(PolicyWarning::Shadowed {
        line: route.line,
        route: route.name.clone(),
        by: by.into_iter().collect::<Vec<_>>().join("\", \""),
    })
}

const PHASES: [Phase; 5] = [
    Phase::Opened,
    Phase::Updated,
    Phase::Cleared,
    Phase::Amended,
    Phase::Withdrawn,
];

/// The phases of a decision that can be meant.
fn phases(when: &When) -> Vec<Phase> {
    let meant = |phase: &Phase| {
        when.phase
            .as_ref()
            .is_none_or(|phases| phases.contains(phase))
    };
    PHASES.into_iter().filter(meant).collect()
}

/// Whether `wide` matches whatever wearer and order `narrow` does.
fn takes_all_of(wide: &When, narrow: &When) -> bool {
    covers(&wide.flags, &narrow.flags)
        && covers(&wide.order_type, &narrow.order_type)
        && (wide.hdc.is_none() || wide.hdc == narrow.hdc)
        && covers(
            &wide.responsible_organisation,
            &narrow.responsible_organisation,
        )
        && covers(&wide.notifying_organisation, &narrow.notifying_organisation)
        && covers(&wide.mappa_level, &narrow.mappa_level)
        && covers(&wide.mappa_category, &narrow.mappa_category)
}

fn covers<T: Ord>(wide: &AnyOf<T>, narrow: &AnyOf<T>) -> bool {
    match (wide, narrow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => narrow.is_subset(wide),
    }
}

fn unknown_flags(route: &Route) -> Vec<PolicyWarning> {
    let flags = route.when.flags.iter().flatten();
    flags
        .filter(|flag| !FLAGS.contains(&flag.as_str()))
        .map(|flag| PolicyWarning::UnknownFlag {
            line: route.line,
            route: route.name.clone(),
            flag: flag.clone(),
        })
        .collect()
}

fn name_used_twice(route: &Route, earlier: &[Route]) -> Option<PolicyWarning> {
    let used = earlier.iter().any(|earlier| earlier.name == route.name);
    used.then(|| PolicyWarning::NameUsedTwice {
        line: route.line,
        route: route.name.clone(),
    })
}
