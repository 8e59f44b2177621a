//! Orders as the Create an Electronic Monitoring Order service of HM Prison and Probation Service
//! sends them to the monitoring company, translated into a registry document.
//!
//! What the service sends (field names, nesting, value forms) is as its public repository
//! `ministryofjustice/hmpps-electronic-monitoring-create-an-order-api` has it. Where versions of it
//! differ, both forms are accepted. Three things about it shape this room:
//!
//! - **Zones and addresses come as text.** A zone that nobody has drawn and an address that nobody has
//!   placed on the map are told as [`MissingGeometry`]. Their ids hold a checksum of the text: when a
//!   variation changes the text, the old geometry does not go on standing for the new words.
//! - **Nothing is dropped in silence.** Every field that holds something is used, or a [`Note`] names it.
//! - **All that is wrong is said at once**, by JSON path, with the value and what would be right.
//!
//! Architecture invariant: a pure function of the text and the [`Context`]. No clock, no I/O, no panic,
//! whatever the text; the same order sent again gives the same ids.

mod alcohol;
mod area;
mod attendance;
mod bundle;
mod conditions;
mod context;
mod curfew;
mod draft;
mod duration;
mod fields;
mod findings;
mod geometry;
mod known;
mod local;
mod names;
mod order;
mod suspension;
mod terms;
mod translate;
mod version;
mod wearer;
mod zone;

#[cfg(test)]
mod tests;

pub use bundle::is_order;
pub use context::{Context, Settings};
pub use findings::{Fault, Note, Refused};
pub use geometry::{Geometries, GeometryKind, MissingGeometry, Spot, address_key};
pub use translate::{Translated, translate};
