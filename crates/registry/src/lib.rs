//! Registry documents: from files that people write to the changes that partitions journal.
//!
//! Architecture invariant: a document is taken in whole or not at all, and everything wrong with it
//! is said at once.

mod check;
mod document;
mod later;
mod meter;
mod problem;
mod read;

pub use check::check;
pub use document::{
    Document, RegistryError, load, parse, read, read_part, read_sent, read_text, read_zones,
};
pub use later::load_later;
pub use meter::Meter;
pub use problem::{PROBLEMS_SHOWN, Place, Problem, Problems, Severity};
