//! The rules: readings and changes of policy in, decisions with their evidence out.
//!
//! A pure state machine. The caller hands in readings, changes of policy and the time
//! ([`Engine::handle_reading`], [`Engine::handle_policy`], [`Engine::handle_timeout`]) and takes out
//! decisions, commands to devices and the time at which to call again ([`Engine::poll_decision`],
//! [`Engine::poll_command`], [`Engine::poll_timeout`]).
//!
//! Architecture invariant: nothing here does I/O, reads a clock, draws a random number, or depends
//! on the order of a hash map. The same inputs give the same decisions, to the byte, on any machine.
//! Bad data is never an error here: it becomes an [`Outcome`] and, where somebody must look at it, a
//! decision.

mod atlas;
mod engine;
mod episode;
mod few;
mod forget;
mod intake;
mod ledger;
mod outcome;
mod policy;
mod registry;
mod rules;
mod sequential;
mod snapshot;
mod timers;
mod trail;
mod wearer;
mod windows;

pub use engine::Engine;
pub use outcome::Outcome;
pub use policy::{
    AlcoholRules, AttendanceRules, CheckInRules, Cohort, CurfewRules, DeviceRules, LateRules,
    OversightRules, PolicyError, RulesPolicy, Who, ZoneRules,
};
pub use snapshot::SnapshotError;
pub use timers::TimerReason;
pub use wearer::HistoryRequest;
