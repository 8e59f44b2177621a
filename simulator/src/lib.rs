//! The other end of the wire: people with a known truth, their tags, and the oracle that judges
//! what was concluded about them.
//!
//! - [`World`]: an imaginary town whose wearers live a plausible day. Everything follows from one
//!   seed; what they will do wrong, and when, is known beforehand ([`World::plan`]).
//! - [`Oracle`]: listens to decisions and says at the end which planned breaches were alerted,
//!   which were missed, and which alerts were false ([`Verdict`]).
//! - [`TrialReceiver`]: one receiver beside a known truth, to measure rules with.
//! - [`driver`]: publishes what the tags upload to an MQTT broker, at least once.
//! - [`run`]: a load or a world against an installation, watched from aside.
//! - [`cli`]: the program `simulator`.
//! - [`report`]: what came of a run, as a table, as JSON, as a page, and held against another.
//!
//! Architecture invariant: this room knows `model` and `wire` only. It has its own geometry and its
//! own calendar, because an oracle that shares code with the engine would share its mistakes.
//!
//! Architecture invariant: no clock and no randomness but the seeded one, outside [`driver`],
//! [`installation`], [`run`] and [`watch`]. The same seed gives the same bytes on every machine, whatever the steps in which time advances.
//!
//! # Adding a scenario
//! What a wearer does out of the ordinary is an `life::errand::Errand`: where to, when, and what
//! it amounts to. To add one, write a function in `life::breach` (something to be alerted) or
//! `life::decoy` (something that must not be) that returns the errand, and give it a turn in
//! `life::script` (the first hours of a run) or `life::diary` (every day after). If it must be
//! alerted, it also returns the `Fault` from which the diary measures the
//! true interval along the track that is really walked.

mod civil;
pub mod cli;
mod config;
mod dice;
pub mod driver;
pub mod installation;
mod life;
pub mod load;
mod oracle;
mod person;
mod plan;
pub mod report;
pub mod run;
pub mod scenario;
mod tag;
mod town;
mod trial;
mod upload;
mod verdict;
mod verdict_table;
pub mod visitor;
mod walk;
pub mod watch;
mod world;

pub use config::{FirmwareBug, LinkConfig, Outage, PeopleConfig, TagsConfig, WorldConfig};
pub use oracle::Oracle;
pub use plan::PlannedBreach;
pub use trial::{TRIAL_CENTRE, TrialReceiver, Truth};
pub use upload::Upload;
pub use verdict::{FalseAlert, Latency, Missed, Verdict, WhyMissed};
pub use verdict_table::verdict_table;
pub use walk::{Walk, WalkError};
pub use world::World;

/// A count as a number to reckon with.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts and bytes of a run are far below 2^53"
)]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

/// Seconds as whole milliseconds, the resolution of every time here.
#[expect(
    clippy::cast_possible_truncation,
    reason = "days at the most, far within an i64; and a cast saturates"
)]
pub(crate) fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}
