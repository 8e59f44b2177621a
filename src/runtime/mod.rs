//! The loop that joins intake, engine and store.
pub mod clock;
