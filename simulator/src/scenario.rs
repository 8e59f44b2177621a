//! Scenarios: what a world is and how hard it is driven, written down in TOML.
//!
//! What is wrong with a file is said with its line and column; a field nobody knows is refused.

mod bounds;

use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use model::Timestamp;
use serde::Deserialize;
use thiserror::Error;

use crate::load::Stage;
use crate::{
    FirmwareBug, LinkConfig, Outage, PeopleConfig, TagsConfig, Walk, WalkError, WorldConfig,
};

/// A scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in one line.
    pub about: String,
    /// Everything random follows from it.
    pub seed: u64,
    /// How many wearers have simulated tags.
    #[serde(deserialize_with = "bounds::wearers")]
    pub wearers: usize,
    /// When the world begins.
    pub start: Timestamp,
    /// The installation's number of partitions.
    #[serde(default = "one")]
    pub partitions: NonZeroU16,
    /// How likely a wearer is to breach on a day after the scripted first hours.
    #[serde(default = "usual_breaches", deserialize_with = "bounds::probability")]
    pub breaches_per_wearer_day: f64,
    /// How likely a wearer is to come close without a breach on such a day.
    #[serde(default = "usual_decoys", deserialize_with = "bounds::probability")]
    pub decoys_per_wearer_day: f64,
    /// What people there are besides.
    #[serde(default)]
    pub people: PeopleSection,
    /// What GPS tags are like.
    #[serde(default)]
    pub tags: TagsSection,
    /// How tags reach the broker.
    #[serde(default)]
    pub link: LinkSection,
    /// Cells that are down for a while.
    #[serde(default)]
    pub outages: Vec<OutageSection>,
    /// Who walks a way of the user's own.
    #[serde(default)]
    pub tracks: Vec<TrackSection>,
    /// Bugs that have tags say what is not true.
    #[serde(default)]
    pub firmware_bugs: Vec<FirmwareBugSection>,
    /// How hard the service is driven, where that is the question.
    pub load: Option<LoadSection>,
}

/// What people there are besides those with a GPS tag alone.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PeopleSection {
    /// The share of wearers who must not drink.
    #[serde(deserialize_with = "bounds::probability")]
    pub alcohol: f64,
    /// How likely one of them drinks on any day.
    #[serde(deserialize_with = "bounds::probability")]
    pub drinks_per_wearer_day: f64,
    /// How likely a wearer cuts their strap on any day.
    #[serde(deserialize_with = "bounds::probability")]
    pub strap_cuts_per_wearer_day: f64,
    /// The share of those with a curfew who have a home unit besides.
    #[serde(deserialize_with = "bounds::probability")]
    pub home_units: f64,
    /// The share of wearers who answer prompts on a device they carry.
    #[serde(deserialize_with = "bounds::probability")]
    pub check_ins: f64,
    /// How likely one of them ignores a prompt.
    #[serde(deserialize_with = "bounds::probability")]
    pub ignored_prompts: f64,
    /// How likely a wearer forgets to charge their tag on any evening.
    #[serde(deserialize_with = "bounds::probability")]
    pub forgotten_charges: f64,
    /// How likely one whose tag says that its battery is low does nothing about it.
    #[serde(deserialize_with = "bounds::probability")]
    pub ignored_low_batteries: f64,
}

/// What GPS tags are like.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TagsSection {
    /// Seconds between fixes of all.
    #[serde(deserialize_with = "bounds::cadence")]
    pub cadence_s: Option<u32>,
    /// Seconds between uploads of all.
    #[serde(deserialize_with = "bounds::upload")]
    pub upload_s: Option<u32>,
    /// The most that a clock gains or loses, in parts per million.
    #[serde(deserialize_with = "bounds::drift")]
    pub clock_drift_ppm: f64,
    /// The share of tags whose clock is set wrong.
    #[serde(deserialize_with = "bounds::probability")]
    pub clock_step_share: f64,
    /// By how many seconds.
    #[serde(deserialize_with = "bounds::clock_step")]
    pub clock_step_s: f64,
    /// The shortest and the longest time that a full battery lasts, in hours.
    #[serde(deserialize_with = "bounds::battery")]
    pub battery_h: Option<(f64, f64)>,
}

/// How hard the service is driven.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadSection {
    /// How many connections carry the tags.
    #[serde(deserialize_with = "bounds::connections")]
    pub connections: usize,
    /// Seconds from the beginning that are not measured.
    #[serde(default)]
    pub warm_up_s: u32,
    /// Readings in each message.
    #[serde(default = "single", deserialize_with = "bounds::batch")]
    pub readings_per_message: u16,
    /// Straps cut a second, whose way to a recipient is measured where an installation is asked.
    #[serde(default = "usual_alerts", deserialize_with = "bounds::alerts")]
    pub alerts_per_s: u32,
    /// What is asked, one stretch after another.
    #[serde(deserialize_with = "bounds::stages")]
    pub stages: Vec<Stage>,
}

/// How tags reach the broker.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkSection {
    /// How likely a tag loses signal once in any six hours.
    #[serde(deserialize_with = "bounds::probability")]
    pub loss_probability: f64,
    /// The shortest and the longest loss in seconds.
    #[serde(deserialize_with = "bounds::losses")]
    pub loss_s: (f64, f64),
    /// How likely a message is delivered twice.
    #[serde(deserialize_with = "bounds::probability")]
    pub duplicates: f64,
    /// The shortest and the longest time that a message takes in seconds.
    #[serde(deserialize_with = "bounds::delays")]
    pub delay_s: (f64, f64),
}

impl Default for LinkSection {
    fn default() -> Self {
        let usual = LinkConfig::USUAL;
        Self {
            loss_probability: usual.loss_probability,
            loss_s: usual.loss_s,
            duplicates: usual.duplicates,
            delay_s: usual.delay_s,
        }
    }
}

/// A cell that is down for a while.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutageSection {
    /// Minutes from the start until it goes down.
    pub after_min: u32,
    /// Minutes until it is back.
    #[serde(deserialize_with = "bounds::outage_minutes")]
    pub minutes: u32,
    /// The cell's centre, in metres east of the town's.
    #[serde(deserialize_with = "bounds::offset")]
    pub east_m: f64,
    /// And in metres north of it.
    #[serde(deserialize_with = "bounds::offset")]
    pub north_m: f64,
    /// Its radius in metres.
    #[serde(deserialize_with = "bounds::radius")]
    pub radius_m: f64,
}

/// A bug that has some tags say once that their strap was cut.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmwareBugSection {
    /// Minutes from the start until it shows.
    pub after_min: u32,
    /// Minutes within which it shows.
    #[serde(deserialize_with = "bounds::outage_minutes")]
    pub minutes: u32,
    /// The share of tags that have it.
    #[serde(deserialize_with = "bounds::probability")]
    pub share: f64,
}

/// A way of the user's own, that a wearer walks instead of living a day.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackSection {
    /// Which wearer, counted from 1: W-000003 is 3.
    pub wearer: NonZeroU32,
    /// A GPX or GeoJSON file, beside the scenario's.
    pub file: PathBuf,
    /// What it holds.
    #[serde(skip)]
    pub walk: Option<Walk>,
}

/// Why a file is no scenario.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// It cannot be read.
    #[error("{}", .0.display())]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// A track it names is none.
    #[error("a track of {}", .0.display())]
    Track(PathBuf, #[source] WalkError),
    /// It says something wrong: the source names line and column.
    #[error("{}", .0.display())]
    Wrong(PathBuf, #[source] toml::de::Error),
}

impl Scenario {
    /// Reads one.
    ///
    /// # Errors
    /// When the file cannot be read, or is no scenario.
    pub fn read(file: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| ScenarioError::Unreadable(file.to_owned(), error))?;
        let mut scenario =
            Self::parse(&text).map_err(|error| ScenarioError::Wrong(file.to_owned(), error))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        for track in &mut scenario.tracks {
            let walk = Walk::read(&folder.join(&track.file));
            let walk = walk.map_err(|error| ScenarioError::Track(file.to_owned(), error))?;
            track.walk = Some(walk);
        }
        Ok(scenario)
    }

    /// An ordinary day of a small town, which is shipped and which the demo shows.
    ///
    /// # Errors
    /// When what is shipped is wrong.
    pub fn everyday() -> Result<Self, toml::de::Error> {
        Self::parse(include_str!("../../fixtures/scenarios/everyday.toml"))
    }

    /// Reads one from text.
    ///
    /// # Errors
    /// With line and column, when the text is no scenario.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The world it describes, begun at `start`: outages keep their distance from it.
    #[must_use]
    pub fn world(&self, start: Timestamp) -> WorldConfig {
        let outage = |section: &OutageSection| section.begun(start);
        let walk = |section: &TrackSection| {
            Some((u64::from(section.wearer.get()) - 1, section.walk.clone()?))
        };
        let bug = |section: &FirmwareBugSection| section.begun(start);
        WorldConfig {
            breaches_per_wearer_day: self.breaches_per_wearer_day,
            decoys_per_wearer_day: self.decoys_per_wearer_day,
            people: PeopleConfig {
                alcohol: self.people.alcohol,
                drinks_per_wearer_day: self.people.drinks_per_wearer_day,
                strap_cuts_per_wearer_day: self.people.strap_cuts_per_wearer_day,
                home_units: self.people.home_units,
                check_ins: self.people.check_ins,
                ignored_prompts: self.people.ignored_prompts,
                forgotten_charges: self.people.forgotten_charges,
                ignored_low_batteries: self.people.ignored_low_batteries,
            },
            tags: TagsConfig {
                cadence_s: self.tags.cadence_s,
                upload_s: self.tags.upload_s,
                clock_drift_ppm: self.tags.clock_drift_ppm,
                clock_step_share: self.tags.clock_step_share,
                clock_step_s: self.tags.clock_step_s,
                battery_h: self.tags.battery_h,
            },
            link: LinkConfig {
                loss_probability: self.link.loss_probability,
                loss_s: self.link.loss_s,
                duplicates: self.link.duplicates,
                delay_s: self.link.delay_s,
            },
            outages: self.outages.iter().map(outage).collect(),
            walks: self.tracks.iter().filter_map(walk).collect(),
            firmware_bugs: self.firmware_bugs.iter().map(bug).collect(),
            ..WorldConfig::new(self.seed, self.wearers, start, self.partitions)
        }
    }
}

impl FirmwareBugSection {
    fn begun(&self, start: Timestamp) -> FirmwareBug {
        let from = start.plus(TimeDelta::minutes(self.after_min.into()));
        FirmwareBug {
            from,
            to: from.plus(TimeDelta::minutes(self.minutes.into())),
            share: self.share,
        }
    }
}

impl OutageSection {
    fn begun(&self, start: Timestamp) -> Outage {
        let from = start.plus(TimeDelta::minutes(self.after_min.into()));
        Outage {
            from,
            to: from.plus(TimeDelta::minutes(self.minutes.into())),
            east_m: self.east_m,
            north_m: self.north_m,
            radius_m: self.radius_m,
        }
    }
}

const fn one() -> NonZeroU16 {
    NonZeroU16::MIN
}

const fn usual_breaches() -> f64 {
    WorldConfig::BREACHES_PER_WEARER_DAY
}

const fn usual_decoys() -> f64 {
    WorldConfig::DECOYS_PER_WEARER_DAY
}

const fn usual_alerts() -> u32 {
    1
}

const fn single() -> u16 {
    1
}

#[cfg(test)]
mod tests;
