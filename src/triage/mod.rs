//! What people do about alerts, and what is done when nobody does.
//!
//! Architecture invariant: a step is only ever added. Whoever takes one says who they are, and anything but
//! an acknowledgement says why.

mod desk;
mod excuse;
mod next;
mod watch;

pub use desk::{Desk, TriageError, Wish};
pub use next::Refused;
pub use watch::Watch;
