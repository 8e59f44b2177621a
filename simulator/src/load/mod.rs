//! Load: messages at times planned up front, whatever becomes of the ones before.
//!
//! Every delay counts from the time planned, not from the time sent: a broker that stalls for a
//! second delays all that should have been sent in it, and all of that is in the figures. Where the
//! sender itself could not keep to its plan the run is not valid, and says so.

mod arrivals;
mod straps;
mod tags;

pub use arrivals::{Arrivals, Stage, planned_by};
pub use straps::Straps;
pub(crate) use tags::Tags;

#[cfg(test)]
mod tests;
