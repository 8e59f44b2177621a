//! Scenarios: what a world is and how hard it is driven, written down in TOML.
//!
//! What is wrong with a file is said with its line and column; a field nobody knows is refused.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use model::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use thiserror::Error;

use crate::driver::CONNECTIONS_MAX;
use crate::load::Stage;
use crate::{
    FirmwareBug, LinkConfig, Outage, PeopleConfig, TagsConfig, Walk, WalkError, WorldConfig,
};

/// The longest loss of signal in seconds: well inside the six hours in which there is at most one.
const LOSS_S_MAX: f64 = 3_600.0;

/// The longest that a message takes in seconds: beyond, the network gives up and the tag tries again.
const DELAY_S_MAX: f64 = 300.0;

/// Readings in one message at most, as of a tag that lives in the town.
const BATCH_MAX: u16 = 200;

/// The most wearers: what the tags of a world cost in memory is bounded by it.
const WEARERS_MAX: usize = 1_000_000;

/// Seconds between fixes: up to those of the usual plan, within which breaches are due.
const CADENCE_S: std::ops::RangeInclusive<u32> = 1..=60;

/// Seconds between uploads, up to an hour.
const UPLOAD_S: std::ops::RangeInclusive<u32> = 10..=3_600;

/// The worst clock: a second in three hours.
const DRIFT_PPM_MAX: f64 = 100.0;

/// A clock that is further off is another story: a fix a minute in the future is refused.
const CLOCK_STEP_S_MAX: f64 = 45.0;

/// The most straps cut a second: what one token may claim and acknowledge by default.
const ALERTS_PER_S_MAX: u32 = 100;

/// The longest outage in minutes: a day, which is what tags keep readings for at least.
const OUTAGE_MINUTES_MAX: u32 = 24 * 60;

/// How far a cell is from the middle of town at most, and how large, in metres: beyond lives nobody.
const CELL_M_MAX: f64 = 50_000.0;

/// A scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in one line.
    pub about: String,
    /// Everything random follows from it.
    pub seed: u64,
    /// How many wearers have simulated tags.
    #[serde(deserialize_with = "wearers")]
    pub wearers: usize,
    /// When the world begins.
    pub start: Timestamp,
    /// The installation's number of partitions.
    #[serde(default = "one")]
    pub partitions: NonZeroU16,
    /// How likely a wearer is to breach on a day after the scripted first hours.
    #[serde(default = "usual_breaches", deserialize_with = "probability")]
    pub breaches_per_wearer_day: f64,
    /// How likely a wearer is to come close without a breach on such a day.
    #[serde(default = "usual_decoys", deserialize_with = "probability")]
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
    #[serde(deserialize_with = "probability")]
    pub alcohol: f64,
    /// How likely one of them drinks on any day.
    #[serde(deserialize_with = "probability")]
    pub drinks_per_wearer_day: f64,
    /// How likely a wearer cuts their strap on any day.
    #[serde(deserialize_with = "probability")]
    pub strap_cuts_per_wearer_day: f64,
    /// The share of those with a curfew who have a home unit besides.
    #[serde(deserialize_with = "probability")]
    pub home_units: f64,
    /// The share of wearers who answer prompts on a device they carry.
    #[serde(deserialize_with = "probability")]
    pub check_ins: f64,
    /// How likely one of them ignores a prompt.
    #[serde(deserialize_with = "probability")]
    pub ignored_prompts: f64,
}

/// What GPS tags are like.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TagsSection {
    /// Seconds between fixes of all.
    #[serde(deserialize_with = "cadence")]
    pub cadence_s: Option<u32>,
    /// Seconds between uploads of all.
    #[serde(deserialize_with = "upload")]
    pub upload_s: Option<u32>,
    /// The most that a clock gains or loses, in parts per million.
    #[serde(deserialize_with = "drift")]
    pub clock_drift_ppm: f64,
    /// The share of tags whose clock is set wrong.
    #[serde(deserialize_with = "probability")]
    pub clock_step_share: f64,
    /// By how many seconds.
    #[serde(deserialize_with = "clock_step")]
    pub clock_step_s: f64,
}

/// How hard the service is driven.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadSection {
    /// How many connections carry the tags.
    #[serde(deserialize_with = "connections")]
    pub connections: usize,
    /// Seconds from the beginning that are not measured.
    #[serde(default)]
    pub warm_up_s: u32,
    /// Readings in each message.
    #[serde(default = "single", deserialize_with = "batch")]
    pub readings_per_message: u16,
    /// Straps cut a second, whose way to a recipient is measured where an installation is asked.
    #[serde(default = "usual_alerts", deserialize_with = "alerts")]
    pub alerts_per_s: u32,
    /// What is asked, one stretch after another.
    #[serde(deserialize_with = "stages")]
    pub stages: Vec<Stage>,
}

/// How tags reach the broker.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkSection {
    /// How likely a tag loses signal once in any six hours.
    #[serde(deserialize_with = "probability")]
    pub loss_probability: f64,
    /// The shortest and the longest loss in seconds.
    #[serde(deserialize_with = "losses")]
    pub loss_s: (f64, f64),
    /// How likely a message is delivered twice.
    #[serde(deserialize_with = "probability")]
    pub duplicates: f64,
    /// The shortest and the longest time that a message takes in seconds.
    #[serde(deserialize_with = "delays")]
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
    #[serde(deserialize_with = "outage_minutes")]
    pub minutes: u32,
    /// The cell's centre, in metres east of the town's.
    #[serde(deserialize_with = "offset")]
    pub east_m: f64,
    /// And in metres north of it.
    #[serde(deserialize_with = "offset")]
    pub north_m: f64,
    /// Its radius in metres.
    #[serde(deserialize_with = "radius")]
    pub radius_m: f64,
}

/// A bug that has some tags say once that their strap was cut.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirmwareBugSection {
    /// Minutes from the start until it shows.
    pub after_min: u32,
    /// Minutes within which it shows.
    #[serde(deserialize_with = "outage_minutes")]
    pub minutes: u32,
    /// The share of tags that have it.
    #[serde(deserialize_with = "probability")]
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
            },
            tags: TagsConfig {
                cadence_s: self.tags.cadence_s,
                upload_s: self.tags.upload_s,
                clock_drift_ppm: self.tags.clock_drift_ppm,
                clock_step_share: self.tags.clock_step_share,
                clock_step_s: self.tags.clock_step_s,
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

fn batch<'de, D: Deserializer<'de>>(value: D) -> Result<u16, D::Error> {
    let readings = u16::deserialize(value)?;
    if (1..=BATCH_MAX).contains(&readings) {
        return Ok(readings);
    }
    Err(D::Error::custom(format!(
        "a message carries 1 to {BATCH_MAX} readings"
    )))
}

/// A number within a range, or an error that says which.
fn within<'de, T, D>(
    value: D,
    range: std::ops::RangeInclusive<T>,
    what: &str,
) -> Result<T, D::Error>
where
    T: Deserialize<'de> + PartialOrd + std::fmt::Display,
    D: Deserializer<'de>,
{
    let found = T::deserialize(value)?;
    if range.contains(&found) {
        return Ok(found);
    }
    let (least, most) = range.into_inner();
    Err(D::Error::custom(format!(
        "{found}: {what} from {least} to {most}"
    )))
}

fn wearers<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    within(value, 1..=WEARERS_MAX, "a world has wearers")
}

fn connections<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    within(value, 1..=CONNECTIONS_MAX, "a load has connections")
}

fn cadence<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    within(value, CADENCE_S, "tags take a fix every so many seconds,").map(Some)
}

fn upload<'de, D: Deserializer<'de>>(value: D) -> Result<Option<u32>, D::Error> {
    within(value, UPLOAD_S, "tags upload every so many seconds,").map(Some)
}

fn drift<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(
        value,
        0.0..=DRIFT_PPM_MAX,
        "a clock drifts in parts per million",
    )
}

fn clock_step<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(
        value,
        0.0..=CLOCK_STEP_S_MAX,
        "a clock is set wrong by seconds",
    )
}

fn alerts<'de, D: Deserializer<'de>>(value: D) -> Result<u32, D::Error> {
    within(value, 0..=ALERTS_PER_S_MAX, "a load cuts straps a second")
}

fn outage_minutes<'de, D: Deserializer<'de>>(value: D) -> Result<u32, D::Error> {
    within(value, 1..=OUTAGE_MINUTES_MAX, "it lasts minutes")
}

fn offset<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(
        value,
        -CELL_M_MAX..=CELL_M_MAX,
        "a cell is from the middle of town, in metres,",
    )
}

fn radius<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    within(value, 1.0..=CELL_M_MAX, "a cell has a radius in metres")
}

fn stages<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<Stage>, D::Error> {
    let stages = Vec::<Stage>::deserialize(value)?;
    let asks = |stage: &Stage| {
        stage.messages_per_s > 0 || stage.to_messages_per_s.is_some_and(|rate| rate > 0)
    };
    if stages.is_empty() || !stages.iter().all(|stage| stage.seconds > 0 && asks(stage)) {
        return Err(D::Error::custom(
            "a load has stages, each of a second at least and with messages to send",
        ));
    }
    Ok(stages)
}

fn probability<'de, D: Deserializer<'de>>(value: D) -> Result<f64, D::Error> {
    let probability = f64::deserialize(value)?;
    if (0.0..=1.0).contains(&probability) {
        return Ok(probability);
    }
    Err(D::Error::custom(format!(
        "{probability} is no probability: it lies between 0 and 1"
    )))
}

fn delays<'de, D: Deserializer<'de>>(value: D) -> Result<(f64, f64), D::Error> {
    let (shortest, longest) = <(f64, f64)>::deserialize(value)?;
    if 0.0 <= shortest && shortest <= longest && longest <= DELAY_S_MAX {
        return Ok((shortest, longest));
    }
    Err(D::Error::custom(format!(
        "a message takes from the shortest to the longest, both 0 to {DELAY_S_MAX} seconds"
    )))
}

fn losses<'de, D: Deserializer<'de>>(value: D) -> Result<(f64, f64), D::Error> {
    let (shortest, longest) = <(f64, f64)>::deserialize(value)?;
    if 0.0 <= shortest && shortest <= longest && longest <= LOSS_S_MAX {
        return Ok((shortest, longest));
    }
    Err(D::Error::custom(format!(
        "a loss lasts from the shortest to the longest, both 0 to {LOSS_S_MAX} seconds"
    )))
}

#[cfg(test)]
mod tests;
