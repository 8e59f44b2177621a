//! The report of a run: what was asked, what came of it, on what.
//!
//! [`Report`] is kept as JSON, shown as a table ([`table()`]) and as a page that needs nothing else
//! ([`page()`]), and held against another ([`Comparison`]).

mod bars;
mod compare;
mod delays;
mod page;
mod plot;
mod table;

use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::load::Stage;
use crate::watch::{Machine, ProcessUse};

pub use compare::{Comparison, Incomparable};
pub use delays::Delays;
pub(crate) use delays::{histogram, record};
pub use page::{capacity_page, page};
pub use table::table;

/// The version of the report's format.
pub const FORMAT: u32 = 1;

/// A run, from what was asked to what came of it. Delays are milliseconds by this machine's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this format: [`FORMAT`].
    pub format: u32,
    /// What was asked.
    pub asked: Asked,
    /// When it began.
    pub began: Timestamp,
    /// Where the simulator ran.
    pub machine: Machine,
    /// What took part.
    pub versions: Versions,
    /// What was sent.
    pub sending: Sending,
    /// What recipients were told, where an installation was asked.
    pub telling: Option<Telling>,
    /// Readings the installation journaled, where it was asked.
    pub taken_in: Option<u64>,
    /// Messages the installation could not use, in whole or in part, where it was asked.
    pub dead_letters: Option<u64>,
    /// What processes used, of those that were watched.
    pub processes: Vec<ProcessTotal>,
    /// What was seen, once a second.
    pub moments: Vec<Moment>,
    /// Delays of what was told, by five seconds.
    pub stretches: Vec<Stretch>,
    /// Why the figures do not hold, or what was lost; empty after a good run.
    pub faults: Vec<String>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// In a line.
    pub about: String,
    /// What the plan follows from.
    pub seed: u64,
    /// Wearers.
    pub wearers: usize,
    /// Partitions of the installation.
    pub partitions: u16,
    /// Connections that carry the tags.
    pub connections: usize,
    /// How the readings came about.
    pub traffic: Traffic,
}

/// How readings come about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// At planned rates, from people who stay at home.
    Load {
        /// Readings in each message.
        readings_per_message: u16,
        /// Seconds that are not measured.
        warm_up_s: u32,
        /// Rates, one stretch after another.
        stages: Vec<Stage>,
        /// Straps cut a second.
        alerts_per_s: u32,
    },
    /// From a world's people.
    World {
        /// When it begins, by the installation's clock.
        start: Timestamp,
        /// For how many seconds by that clock.
        seconds: u64,
        /// How many times as fast as life.
        speed: u32,
    },
}

impl Traffic {
    /// Whether it is the same but for when it began.
    #[must_use]
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::World { seconds, speed, .. },
                Self::World {
                    seconds: others,
                    speed: as_fast,
                    ..
                },
            ) => (seconds, speed) == (others, as_fast),
            (Self::Load { .. }, Self::Load { .. }) => self == other,
            (Self::World { .. }, Self::Load { .. }) | (Self::Load { .. }, Self::World { .. }) => {
                false
            }
        }
    }
}

/// What took part, where it says so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Versions {
    /// The simulator.
    pub simulator: String,
    /// The installation.
    pub tagwatch: Option<String>,
    /// The broker.
    pub broker: Option<String>,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sending {
    /// Messages handed over, warm-up included.
    pub messages: u64,
    /// Readings in them.
    pub readings: u64,
    /// Messages the broker never acknowledged.
    pub unacknowledged: u64,
    /// Times a connection had to be built anew.
    pub reconnects: u64,
    /// Seconds in which the sender had to wait for the broker to take more.
    pub held_up_s: f64,
    /// From a message's planned time to its handing over.
    pub lateness: Delays,
    /// From a message's planned time to the broker's acknowledgement.
    pub acknowledgement: Delays,
}

/// What recipients were told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Telling {
    /// From the event to a notification in a recipient's hands, by the installation's clock. In a
    /// world from the beginning of the breach as it was decided, so that the rules' own time is part of
    /// it.
    pub from_event: Delays,
    /// From publishing to a notification in a recipient's hands, where a message alone settles it.
    pub from_publish: Delays,
    /// From receipt by the installation to a notification in a recipient's hands; in a world, from
    /// the decision.
    pub from_receipt: Delays,
    /// Alerts by kind.
    pub alerts: Vec<KindTally>,
    /// Alerts that ask somebody to look, and accuse nobody.
    pub notices: u64,
    /// Notifications claimed, each once.
    pub notifications: u64,
    /// Notifications that came more than once.
    pub repeated: u64,
}

/// Alerts of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindTally {
    /// The kind.
    pub kind: String,
    /// How many were due.
    pub planned: u64,
    /// Of these, how many came.
    pub found: u64,
    /// Of these, how many did not, or too late.
    pub missed: u64,
    /// How many came of what never was.
    pub false_alerts: u64,
}

/// What a process used during a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessTotal {
    /// What it is called.
    pub name: String,
    /// Seconds of processor time.
    pub cpu_s: f64,
    /// The most resident memory seen, in MiB.
    pub memory_max_mib: f64,
}

/// What was seen at a second of a run. Counts are since its beginning.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since the beginning.
    pub at_s: f64,
    /// Messages planned by then, where there is a plan.
    pub planned: Option<f64>,
    /// Messages handed over.
    pub sent: u64,
    /// Messages the broker acknowledged.
    pub acknowledged: u64,
    /// Readings the installation journaled.
    pub taken_in: Option<f64>,
    /// Messages the installation could not use.
    pub dead_letters: Option<f64>,
    /// Notifications that wait in queues.
    pub waiting: Option<f64>,
    /// Messages the broker holds.
    pub broker_held: Option<f64>,
    /// What the watched processes have used, in their order.
    pub processes: Vec<Option<ProcessUse>>,
}

/// Delays of what was told within five seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its beginning, in seconds since the run's.
    pub at_s: f64,
    /// From the event.
    pub from_event: Delays,
    /// From publishing.
    pub from_publish: Delays,
    /// From receipt.
    pub from_receipt: Delays,
}

impl Report {
    /// Whether the figures hold and nothing was lost.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.faults.is_empty()
    }
}
