//! The routing policy and its routes.

use chrono::TimeDelta;
use model::Severity;

use crate::matching::When;
use crate::template::Template;

/// The policy this build ships with.
const SHIPPED: &str = include_str!("default.toml");

/// Who is told of what: routes, in the order written.
///
/// The default has no routes: everything goes to the operators.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoutingPolicy {
    pub(crate) routes: Vec<Route>,
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

    /// The names of the routes, in the order written.
    pub fn route_names(&self) -> impl Iterator<Item = &str> {
        self.routes.iter().map(|route| route.name.as_str())
    }
}
