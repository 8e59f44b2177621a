//! Evidence of alcohol, from an ankle device.
//!
//! Transdermal concentrations (TAC) are in mg/100 mL, falls in mg/100 mL an hour, spans in seconds.

use serde::{Deserialize, Serialize};

use crate::{DeviceId, ObservedAt, ReceivedAt, Timestamp};

/// One transdermal reading as the rule used it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TacEvidence {
    /// The device's running number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When it was observed.
    pub observed_at: ObservedAt,
    /// The concentration, in mg/100 mL.
    pub tac: i32,
}

/// Why an episode is not evidence of drinking on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlcoholQualification {
    /// The strap was open.
    Strap,
    /// Infra-red out of its band for too long.
    Obstruction,
    /// Infra-red out of its band, and skin as cold as the air.
    OffBody,
}

impl AlcoholQualification {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strap => "strap",
            Self::Obstruction => "obstruction",
            Self::OffBody => "off_body",
        }
    }
}

/// The fall after the last rise of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AlcoholTail {
    /// Readings in it.
    pub readings: u32,
    /// Its first reading.
    pub from: Timestamp,
    /// Its last reading.
    pub to: Timestamp,
    /// How fast it falls by least squares, in mg/100 mL an hour; negative when it rises. Absent for
    /// a single reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fall_per_h: Option<f64>,
}

/// The numbers that readings of alcohol are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AlcoholThresholds {
    /// The concentration from which a reading counts, in mg/100 mL.
    pub tac: i32,
    /// Readings in a run that make it sustained.
    pub run_readings: u32,
    /// Seconds that a sustained run spans.
    pub run_span_s: u32,
    /// Readings that an adequate tail has.
    pub tail_readings: u32,
    /// Seconds that an adequate tail spans.
    pub tail_span_s: u32,
    /// The slowest fall of elimination, in mg/100 mL an hour.
    pub fall_low_per_h: f64,
    /// The fastest fall of elimination from a peak like this one, in mg/100 mL an hour.
    pub fall_high_per_h: f64,
    /// A faster drop from peak to close is no elimination, in mg/100 mL an hour.
    pub drop_max_per_h: f64,
    /// A longer time without readings is a gap, in seconds.
    pub gap_s: u32,
}

/// An episode of alcohol, as far as its readings show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlcoholEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The device.
    pub device: DeviceId,
    /// The greatest peak allowed, in mg/100 mL, where the condition is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// What it was compared with.
    pub thresholds: AlcoholThresholds,
    /// Readings in the episode.
    pub readings_used: u32,
    /// The highest reading, in mg/100 mL.
    pub peak: i32,
    /// When it was observed.
    pub peak_at: Timestamp,
    /// Readings in the best run at or over the threshold.
    pub run_readings: u32,
    /// Seconds that it spans.
    pub run_span_s: f64,
    /// The readings after the last rise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<AlcoholTail>,
    /// The reading that closed the episode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// From the peak down to the threshold by the time of closing, in mg/100 mL an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_per_h: Option<f64>,
    /// Whether the tail hardly fell for so long that no body explains it.
    pub plateau: bool,
    /// Infra-red reflection of the newest reading, in the device's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ir: Option<f64>,
    /// What it is held against, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ir_baseline: Option<f64>,
    /// What qualifies the episode.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qualified: Vec<AlcoholQualification>,
    /// The longest time without readings within it, in seconds, where that was a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_s: Option<f64>,
    /// The onset of the earlier episode that this one goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on_from: Option<Timestamp>,
    /// Why the alert changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The latest readings of the episode, oldest first.
    pub readings: Vec<TacEvidence>,
}

/// A device that may not be measuring its wearer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObstructionEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The device.
    pub device: DeviceId,
    /// What is concluded.
    pub cause: AlcoholQualification,
    /// Infra-red reflection, in the device's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ir: Option<f64>,
    /// What it is held against, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ir_baseline: Option<f64>,
    /// How far it may be from that, in per cent.
    pub ir_band_pct: f64,
    /// Seconds out of the band so far.
    pub out_s: f64,
    /// Seconds after which this is concluded.
    pub hold_s: u32,
    /// Skin temperature, in °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skin_c: Option<f64>,
    /// Ambient temperature, in °C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ambient_c: Option<f64>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a gap is a lack of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlcoholGapCause {
    /// Nothing between two readings.
    Readings,
    /// The upload that was due did not come.
    MissedUpload,
    /// No reading observed for days.
    Silence,
}

impl AlcoholGapCause {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Readings => "readings",
            Self::MissedUpload => "missed_upload",
            Self::Silence => "silence",
        }
    }
}

/// A time in which nothing is known of alcohol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlcoholGapEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The device.
    pub device: DeviceId,
    /// What is lacking.
    pub cause: AlcoholGapCause,
    /// Nothing since.
    pub from: Timestamp,
    /// Until the next, where it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// The longest time let pass, in seconds.
    pub limit_s: u32,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Readings that no body can give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SensorFaultEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The device.
    pub device: DeviceId,
    /// The latest such reading, in mg/100 mL.
    pub tac: i32,
    /// The least that can be, in mg/100 mL.
    pub tac_min: i32,
    /// The greatest that can be, in mg/100 mL.
    pub tac_max: i32,
    /// When it was observed.
    pub observed_at: ObservedAt,
    /// When it was taken in.
    pub received_at: ReceivedAt,
    /// Such readings in this episode.
    pub count: u32,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
