//! Who is told of a decision, how urgently and by when: a decision, the wearer's profile and a
//! policy that people write as TOML.
//!
//! Routes are tried in the order written and every one that matches applies, up to the first that
//! is exclusive. Recipients are named once each; the severity is the greatest and the time to
//! notify the shortest of the routes that matched. Nothing is ever lost: what no route takes, and
//! what a route addresses to a police force or region that the wearer's profile does not name,
//! goes to the operators and is said to have.
//!
//! Architecture invariant: a pure function. No clock, no I/O, no state; the same decision, profile
//! and policy give the same notifications, with the same ids.

mod explain;
mod gather;
mod matching;
mod policy;
mod problem;
mod read;
mod routed;
mod span;
mod template;
mod unfillable;
mod values;
mod warning;

#[cfg(test)]
mod tests;

pub use explain::{Explained, Explanation, RouteVerdict};
pub use gather::{Gatherer, News, Verdict};
pub use matching::Unmet;
pub use policy::RoutingPolicy;
pub use problem::{PolicyError, PolicyProblem};
pub use routed::{Routed, Unfilled};
pub use warning::PolicyWarning;
