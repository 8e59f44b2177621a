//! A run: traffic on one side, what recipients are told on the other, and a report of both.

mod capacity;
mod error;
mod listening;
mod load;
mod outcome;
mod rig;
mod strap_tally;
mod stretches;
mod watcher;
mod world;
mod world_tally;

pub use capacity::{Capacity, Search, Step, capacity};
pub use error::RunError;
pub use load::{LATENESS_BOUND, LoadPlan, load};
pub use rig::Rig;
pub use world::{WorldPlan, registered, world};

#[cfg(test)]
mod tests;
