//! The journal as bytes: what a store keeps of readings, whatever database it is in.
//!
//! A commit writes its readings as one [`Block`], in the order in which the engine was handed them: the
//! truth, and one row. A row for each reading, with its indexes, cost about ten times as much. What is
//! looked for by wearer or device is found in two ways: the newest blocks, the tail, say whose readings
//! they hold, and are read; everything before is *filed* once there is enough of it, as a [`Strip`] for
//! each wearer and device, so that what is written for a wearer is written for many readings at once.
//!
//! Architecture invariant: no SQL here, and nothing is decided: a strip is a copy of what blocks hold,
//! and can be made again.

mod block;
mod fact;
mod filing;
mod keys;
mod line;
mod search;
mod seen;
mod sought;
mod strip;

pub use block::Block;
pub use filing::Due;
pub(super) use filing::{Filing, Slice};
pub(super) use search::{Found, each_seen};
pub use seen::Seen;
pub(super) use sought::Sought;
pub(super) use strip::{Strip, ordered};
