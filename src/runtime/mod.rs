//! The loop that joins intake, engine and store, and everything that starts, stops and recovers it.
//!
//! Architecture invariant: only this room reads the clock. Engine, rules and routing are handed the
//! time.

mod assembly;
mod broker_loss;
mod checkpoint;
pub mod clock;
mod commit;
mod drive;
pub mod erase;
pub mod filing;
mod flight;
mod follow;
mod gathering;
mod inbox;
mod intake;
mod known;
mod partition;
mod partitions;
pub mod preview;
mod profiles;
pub mod readiness;
mod recover;
mod reload;
pub mod replay;
pub mod replay_journal;
mod retention;
pub mod retry;
mod service;
mod shared;
mod strays;
mod supervisor;
mod tell;
mod teller;
pub mod verify;

pub use service::{Parts, Service, StartError};
