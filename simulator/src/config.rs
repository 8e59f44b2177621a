//! What a world is made from.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use chrono::TimeDelta;
use model::Timestamp;

use crate::Walk;

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
    /// What people there are besides.
    pub people: PeopleConfig,
    /// What GPS tags are like.
    pub tags: TagsConfig,
    /// How tags reach the broker.
    pub link: LinkConfig,
    /// Where and when no tag reaches it.
    pub outages: Vec<Outage>,
    /// Who walks a way of the user's own instead of living a day, by number from zero.
    pub walks: BTreeMap<u64, Walk>,
    /// When tags say what is not true.
    pub firmware_bugs: Vec<FirmwareBug>,
}

/// What people there are besides those with a GPS tag alone: nobody, unless it is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeopleConfig {
    /// The share of wearers who must not drink, and wear an alcohol tag as well, 0 to 1.
    pub alcohol: f64,
    /// How likely one of them drinks on any day, 0 to 1. One in twenty wearers has been drinking as the
    /// world begins, where there are any.
    pub drinks_per_wearer_day: f64,
    /// How likely a wearer cuts their strap on any day, 0 to 1; each does so once at most.
    pub strap_cuts_per_wearer_day: f64,
    /// The share of those with a curfew who have a home unit besides, 0 to 1.
    pub home_units: f64,
    /// The share of wearers who answer prompts on a device they carry, 0 to 1.
    pub check_ins: f64,
    /// How likely one of them ignores a prompt, 0 to 1.
    pub ignored_prompts: f64,
    /// How likely a wearer forgets to charge their tag on any evening, 0 to 1.
    pub forgotten_charges: f64,
    /// How likely one whose tag says that its battery is low does nothing about it, 0 to 1.
    pub ignored_low_batteries: f64,
}

impl PeopleConfig {
    /// Nobody besides.
    pub const NOBODY: Self = Self {
        alcohol: 0.0,
        drinks_per_wearer_day: 0.0,
        strap_cuts_per_wearer_day: 0.0,
        home_units: 0.0,
        check_ins: 0.0,
        ignored_prompts: 0.0,
        forgotten_charges: 0.0,
        ignored_low_batteries: 0.0,
    };
}

/// What GPS tags are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TagsConfig {
    /// Seconds between fixes of all; a mix of 15, 30 and 60 where it is not said.
    pub cadence_s: Option<u32>,
    /// Seconds between uploads of all; a mix of 60, 300 and 600 where it is not said.
    pub upload_s: Option<u32>,
    /// The most that a clock gains or loses, in parts per million.
    pub clock_drift_ppm: f64,
    /// The share of tags whose clock is set wrong at some time in the first hours, 0 to 1.
    pub clock_step_share: f64,
    /// By how many seconds, forward or back.
    pub clock_step_s: f64,
    /// The shortest and the longest time that a full battery lasts, in hours; they do not run down where it
    /// is not said.
    pub battery_h: Option<(f64, f64)>,
}

impl TagsConfig {
    /// Tags whose clocks are right.
    pub const USUAL: Self = Self {
        cadence_s: None,
        upload_s: None,
        clock_drift_ppm: 0.0,
        clock_step_share: 0.0,
        clock_step_s: 0.0,
        battery_h: None,
    };
}

/// How tags reach the broker. The usual figures are invented.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkConfig {
    /// How likely a tag loses signal once in any six hours, 0 to 1.
    pub loss_probability: f64,
    /// The shortest and the longest such loss in seconds.
    pub loss_s: (f64, f64),
    /// How likely a message is delivered twice, as QoS 1 allows, 0 to 1.
    pub duplicates: f64,
    /// The shortest and the longest time that a message with positions takes, in seconds: messages
    /// overtake one another.
    pub delay_s: (f64, f64),
}

impl LinkConfig {
    /// About one loss in 17 hours: a lift, a cellar, a valley. Longer ones would make the wearer
    /// rightly unknown for long enough to be another story. One message in 200 comes twice.
    pub const USUAL: Self = Self {
        loss_probability: 0.35,
        loss_s: (120.0, 540.0),
        duplicates: 1.0 / 200.0,
        delay_s: (0.0, 0.0),
    };
}

/// A mobile cell that is down: tags whose wearers live in its area keep what they measure, and
/// upload it at the moment it is back. A tag counts to the cell of its home wherever it goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outage {
    /// Down from here.
    pub from: Timestamp,
    /// Back at this instant.
    pub to: Timestamp,
    /// The cell's centre, in metres east of the town's.
    pub east_m: f64,
    /// And in metres north of it.
    pub north_m: f64,
    /// The cell's radius in metres.
    pub radius_m: f64,
}

/// A bug in the firmware of some tags: each says once that its strap was cut, and takes it back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirmwareBug {
    /// It shows from here.
    pub from: Timestamp,
    /// And until then.
    pub to: Timestamp,
    /// The share of tags that have it, 0 to 1.
    pub share: f64,
}

impl WorldConfig {
    /// The usual density of breaches: an invented figure.
    pub(crate) const BREACHES_PER_WEARER_DAY: f64 = 0.15;

    /// The usual density of what only looks like one: an invented figure.
    pub(crate) const DECOYS_PER_WEARER_DAY: f64 = 0.3;

    /// A world of `wearers` from `seed`, beginning at `start`, with the usual density of events.
    #[must_use]
    pub const fn new(seed: u64, wearers: usize, start: Timestamp, partitions: NonZeroU16) -> Self {
        Self {
            seed,
            wearers,
            start,
            partitions,
            plan_days: 3,
            breaches_per_wearer_day: Self::BREACHES_PER_WEARER_DAY,
            decoys_per_wearer_day: Self::DECOYS_PER_WEARER_DAY,
            processing_allowance_s: 60,
            people: PeopleConfig::NOBODY,
            tags: TagsConfig::USUAL,
            link: LinkConfig::USUAL,
            outages: Vec::new(),
            walks: BTreeMap::new(),
            firmware_bugs: Vec::new(),
        }
    }

    /// The same begun so much later: everything in it keeps its distance from the beginning.
    #[must_use]
    pub fn begun_later(&self, by: TimeDelta) -> Self {
        let mut later = self.clone();
        later.start = self.start.plus(by);
        for outage in &mut later.outages {
            outage.from = outage.from.plus(by);
            outage.to = outage.to.plus(by);
        }
        for bug in &mut later.firmware_bugs {
            bug.from = bug.from.plus(by);
            bug.to = bug.to.plus(by);
        }
        later
    }
}
