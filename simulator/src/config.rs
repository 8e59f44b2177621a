//! What a world is made from.

use std::num::NonZeroU16;

use model::Timestamp;

/// What a world is made from. The same configuration gives the same world on every machine.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldConfig {
    /// Everything random follows from it.
    pub seed: u64,
    /// How many wearers have simulated tags. The visitor comes on top.
    pub wearers: usize,
    /// When the world begins. Nothing is uploaded before.
    pub start: Timestamp,
    /// The installation's number of partitions: topics carry them.
    pub partitions: NonZeroU16,
    /// For how many days from the start breaches are planned; life goes on afterwards, compliant.
    pub plan_days: u16,
    /// How likely a wearer is to breach on any day after the scripted first hours, 0 to 1.
    pub breaches_per_wearer_day: f64,
    /// How likely a wearer is to come close to a breach without one on any such day, 0 to 1.
    pub decoys_per_wearer_day: f64,
    /// Virtual seconds between the upload that settles a breach and its alert before the alert
    /// counts as late. It covers the way through broker, engine and store, so at 60 times life one
    /// real second takes 60 of it.
    pub processing_allowance_s: u32,
}

impl WorldConfig {
    /// A world of `wearers` from `seed`, beginning at `start`, with the usual density of events.
    #[must_use]
    pub const fn new(seed: u64, wearers: usize, start: Timestamp, partitions: NonZeroU16) -> Self {
        Self {
            seed,
            wearers,
            start,
            partitions,
            plan_days: 3,
            breaches_per_wearer_day: 0.15,
            decoys_per_wearer_day: 0.3,
            processing_allowance_s: 60,
        }
    }
}
