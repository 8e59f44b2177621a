//! Whether readings are taken in as they are sent, as far as the engine is told.

use chrono::TimeDelta;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// Our own intake.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Intake {
    /// A gap goes on.
    down: bool,
    /// The end of the latest gap.
    resumed: Option<Timestamp>,
}

impl Intake {
    /// Learns of a gap up to `to`, which may go on.
    pub(crate) fn gap(&mut self, to: Timestamp, ongoing: bool) {
        self.down = ongoing;
        self.resumed = self.resumed.max(Some(to));
    }

    /// When it resumed after its latest gap. While that goes on, it has not by `now`: the next instant
    /// is the earliest.
    pub(crate) fn resumed(&self, now: Timestamp) -> Option<Timestamp> {
        if self.down {
            Some(now.plus(TimeDelta::milliseconds(1)))
        } else {
            self.resumed
        }
    }
}
