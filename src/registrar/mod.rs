//! Changing what is registered: what is proposed is held against what is registered already, and
//! taken in whole or not at all.
//!
//! Architecture invariant: nothing else writes the registry. What was checked against one state of it is
//! written to that state or, where somebody else was faster, checked again.

mod amend;
mod difference;
mod document;
pub mod hmpps;
mod known;
mod seed;

pub use amend::{Outcome, Proposal, Refusal, Registrar, Who};
pub use difference::{Change, FieldChange};
pub use known::{KINDS, about, concerned, everything};
