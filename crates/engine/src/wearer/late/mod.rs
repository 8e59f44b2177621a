//! Evidence that comes late: older than what was judged already.
//!
//! A late reading is never ignored. The wearer's state of some time ago, kept as bytes ([`base`]), is
//! taken through everything that has been handed in since, in the order in which it was observed and
//! as if it had come at once ([`replay`]), by the same rules. What that shows is held against what has
//! been told, and the difference is told as late evidence ([`difference`]).
//!
//! What hangs on when things arrived is left as it is: silence, contact, answers to prompts, what
//! devices say happened to them. Orders and absences change in the replay when they did in life;
//! zones, places and rules are those of today.
//!
//! Bounded: one replay a wearer in `settle_s`, of at most [`READINGS_MAX`] readings; what comes later
//! than `accepted_s` is kept in the journal, not judged, and told of.

mod again;
mod base;
mod difference;
mod lane;
mod past;
mod replay;

use model::{Timestamp, WearerId};
use serde::{Deserialize, Serialize};

pub(crate) use base::Change;
pub(crate) use past::Past;

/// The most readings that are gone through again: some tens of milliseconds of work.
const READINGS_MAX: usize = 50_000;

/// What the engine wants to be handed: the readings of a wearer that were handed in at or after
/// `since` (engine time), in the order in which they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRequest {
    /// Whose.
    pub wearer: WearerId,
    /// From what engine time on.
    pub since: Timestamp,
    /// So many at most: of one who has more, the rest need not be read.
    pub limit: usize,
}
