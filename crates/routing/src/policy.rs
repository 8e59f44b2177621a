//! The routing policy and its routes.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use model::{DecisionKind, Severity};

use uuid::Uuid;

use crate::matching::When;
use crate::template::Template;

/// The policy this build ships with.
const SHIPPED: &str = include_str!("default.toml");

/// Who is told of what: routes, in the order written.
///
/// The default has no routes: everything goes to the operators.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoutingPolicy {
    /// Names the text it was read from: the same text has the same version.
    pub(crate) version: String,
    pub(crate) routes: Vec<Route>,
    pub(crate) incidents: Vec<IncidentRule>,
    /// An alert that opens no later than this after another one of the same wearer, kind and condition
    /// changed is a repeat of it.
    pub(crate) repeats_within: Option<TimeDelta>,
}

/// One `[[incident]]`: what counts as many alerts of one cause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IncidentRule {
    pub(crate) name: String,
    pub(crate) kinds: BTreeSet<DecisionKind>,
    /// Wearers whose alerts open within `within` of each other.
    pub(crate) threshold: usize,
    pub(crate) within: TimeDelta,
    /// It is over when no more have opened for so long.
    pub(crate) quiet: TimeDelta,
}

/// One rung of a route's ladder.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Escalation {
    pub(crate) to: Vec<Template>,
    /// Until the next rung.
    pub(crate) within: Option<TimeDelta>,
}

/// One `[[route]]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Route {
    pub(crate) name: String,
    /// The line it begins on, counted from 1.
    pub(crate) line: usize,
    pub(crate) when: When,
    pub(crate) to: Vec<Template>,
    pub(crate) severity: Severity,
    pub(crate) notify_within: Option<TimeDelta>,
    /// Who is told, one after the other, where nobody acknowledges it within `notify_within`.
    pub(crate) escalate: Vec<Escalation>,
    /// Whether the routes after it are passed over once it matches.
    pub(crate) exclusive: bool,
}

impl RoutingPolicy {
    /// The policy this build ships with, to start from; its text is [`Self::shipped_text`].
    ///
    /// A test holds that it can be read. Were it ever not, the operators would be told of everything.
    #[must_use]
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).unwrap_or_default()
    }

    /// The shipped policy as it is written, with the sources of its choices.
    #[must_use]
    pub const fn shipped_text() -> &'static str {
        SHIPPED
    }

    /// Names the text that the policy was read from, in 12 hexadecimal digits; empty where it was read from
    /// none.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What is different in `newer`, by the names of routes and incidents: `+` new, `-` gone, `~` changed.
    #[must_use]
    pub fn difference(&self, newer: &Self) -> Vec<String> {
        let routes = changed(
            &self.routes,
            &newer.routes,
            |route| &route.name,
            Route::says_the_same,
        );
        let incidents = changed(
            &self.incidents,
            &newer.incidents,
            |rule| &rule.name,
            |a, b| a == b,
        );
        let mut difference: Vec<String> = routes.into_iter().chain(incidents).collect();
        if self.repeats_within != newer.repeats_within {
            difference.push("~ repeats".to_owned());
        }
        difference
    }

    /// The names of the routes, in the order written.
    pub fn route_names(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|route| route.name.as_str())
    }
}

/// The version of a text: the beginning of its SHA-1, by which a name-based UUID names it.
pub(crate) fn version(text: &str) -> String {
    let name = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).simple();
    name.to_string().chars().take(12).collect()
}

impl Route {
    /// Whether it differs from `other` in nothing but the line that it stands on.
    fn says_the_same(&self, other: &Self) -> bool {
        let moved = Self {
            line: other.line,
            ..self.clone()
        };
        moved == *other
    }
}

fn changed<T>(
    old: &[T],
    new: &[T],
    name: impl Fn(&T) -> &str,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<String> {
    let find = |list: &'_ [T], wanted: &str| list.iter().position(|item| name(item) == wanted);
    let mut changed = Vec::new();
    for item in new {
        let before = find(old, name(item)).and_then(|place| old.get(place));
        match before {
            None => changed.push(format!("+ {}", name(item))),
            Some(before) if !same(before, item) => changed.push(format!("~ {}", name(item))),
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|item| find(new, name(item)).is_none());
    changed.extend(gone.map(|item| format!("- {}", name(item))));
    changed
}
