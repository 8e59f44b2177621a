//! Bytes to readings and back: the topics devices publish on, tagwatch's own JSON, OwnTracks'
//! JSON, and the readings files that `tagwatch replay` takes.
//!
//! What a device sends is checked here, once: every number finite, every coordinate on the globe,
//! every time between the years 1970 and 9999. What passes can still be untrue (a fix in the
//! future, a jump of 300 km); judging that is the engine's.
//!
//! **What one bad value costs.** A batch is read reading by reading: one that cannot be used never
//! takes the others with it. Within a reading, what the fact itself rests on (its time, its
//! coordinates, the radius claimed, how the fix was obtained, the code of an event, the TAC) must
//! be right or the reading is refused. What only describes it (sequence number, satellites, HDOP,
//! speed, course, temperatures, charge, a check-in's coordinates) is left out when it is
//! nonsense, and the reading is kept: losing a wearer's position is worse than losing its HDOP.
//! Either way the error is in the result, so that it is kept, counted and shown.
//!
//! A whole number may be written with a fraction of zero: `20.0` is 20.
//!
//! Architecture invariant: nothing here knows a wearer, an order or the time of day, and nothing a
//! device can send panics or allocates without a bound. Errors quote the offending value, which may
//! be part of a position: they belong in dead letters, never in a log.

mod body;
mod check;
mod encode;
mod error;
mod fields;
mod payload;
mod scalar;

#[cfg(test)]
mod tests;

pub mod owntracks;
pub mod readings_file;
pub mod topic;

pub use encode::encode;
pub use error::{PayloadError, ReadingError, Reason};
pub use payload::{BATCH_READINGS_MAX, PAYLOAD_BYTES_MAX, decode};
