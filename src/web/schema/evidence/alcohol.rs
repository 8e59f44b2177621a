//! The shapes of evidence of alcohol. Concentrations (TAC) are in mg/100 mL.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One transdermal reading as the rule used it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct TacEvidence {
    /// The device's running number.
    seq: Option<u64>,
    /// When it was observed.
    #[schema(format = DateTime)]
    observed_at: String,
    /// The concentration, in mg/100 mL.
    tac: i32,
}

/// The fall after the last rise of an episode.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct AlcoholTail {
    /// Readings in it.
    readings: u32,
    /// Its first reading.
    #[schema(format = DateTime)]
    from: String,
    /// Its last reading.
    #[schema(format = DateTime)]
    to: String,
    /// How fast it falls by least squares, in mg/100 mL an hour; negative when it rises. Absent for
    /// a single reading.
    fall_per_h: Option<f64>,
}

/// The numbers that readings of alcohol are compared with.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct AlcoholThresholds {
    /// The concentration from which a reading counts, in mg/100 mL.
    tac: i32,
    /// Readings in a run that make it sustained.
    run_readings: u32,
    /// Seconds that a sustained run spans.
    run_span_s: u32,
    /// Readings that an adequate tail has.
    tail_readings: u32,
    /// Seconds that an adequate tail spans.
    tail_span_s: u32,
    /// The slowest fall of elimination, in mg/100 mL an hour.
    fall_low_per_h: f64,
    /// The fastest fall of elimination from a peak like this one, in mg/100 mL an hour.
    fall_high_per_h: f64,
    /// A faster drop from peak to close is no elimination, in mg/100 mL an hour.
    drop_max_per_h: f64,
    /// A longer time without readings is a gap, in seconds.
    gap_s: u32,
}

/// An episode of alcohol, as far as its readings show it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct AlcoholEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The device.
    device: String,
    /// The greatest peak allowed, in mg/100 mL, where the condition is a limit.
    limit: Option<u32>,
    /// What it was compared with.
    thresholds: AlcoholThresholds,
    /// Readings in the episode.
    readings_used: u32,
    /// The highest reading, in mg/100 mL.
    peak: i32,
    /// When it was observed.
    #[schema(format = DateTime)]
    peak_at: String,
    /// Readings in the best run at or over the threshold.
    run_readings: u32,
    /// Seconds that it spans.
    run_span_s: f64,
    /// The readings after the last rise.
    tail: Option<AlcoholTail>,
    /// The reading that closed the episode.
    #[schema(format = DateTime)]
    closed: Option<String>,
    /// From the peak down to the threshold by the time of closing, in mg/100 mL an hour.
    drop_per_h: Option<f64>,
    /// Whether the tail hardly fell for so long that no body explains it.
    plateau: bool,
    /// Infra-red reflection of the newest reading, in the device's own unit.
    ir: Option<f64>,
    /// What it is held against, in the same unit.
    ir_baseline: Option<f64>,
    /// What qualifies the episode: `strap`, `obstruction`, `off_body`.
    #[serde(default)]
    qualified: Vec<String>,
    /// The longest time without readings within it, in seconds, where that was a gap.
    gap_s: Option<f64>,
    /// The onset of the earlier episode that this one goes on from.
    #[schema(format = DateTime)]
    goes_on_from: Option<String>,
    /// Why the alert changed.
    note: Option<String>,
    /// The latest readings of the episode, oldest first.
    readings: Vec<TacEvidence>,
}

/// A device that may not be measuring its wearer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct ObstructionEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The device.
    device: String,
    /// What is concluded: `obstruction` or `off_body`.
    cause: String,
    /// Infra-red reflection, in the device's own unit.
    ir: Option<f64>,
    /// What it is held against, in the same unit.
    ir_baseline: Option<f64>,
    /// How far it may be from that, in per cent.
    ir_band_pct: f64,
    /// Seconds out of the band so far.
    out_s: f64,
    /// Seconds after which this is concluded.
    hold_s: u32,
    /// Skin temperature, in °C.
    skin_c: Option<f64>,
    /// Ambient temperature, in °C.
    ambient_c: Option<f64>,
    /// Why it ended.
    note: Option<String>,
}

/// A time in which nothing is known of alcohol.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct AlcoholGapEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The device.
    device: String,
    /// What is lacking: `readings`, `missed_upload`, `silence`.
    cause: String,
    /// Nothing since.
    #[schema(format = DateTime)]
    from: String,
    /// Until the next, where it came.
    #[schema(format = DateTime)]
    to: Option<String>,
    /// The longest time let pass, in seconds.
    limit_s: u32,
    /// Why it ended.
    note: Option<String>,
}

/// Readings that no body can give.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct SensorFaultEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The device.
    device: String,
    /// The latest such reading, in mg/100 mL.
    tac: i32,
    /// The least that can be, in mg/100 mL.
    tac_min: i32,
    /// The greatest that can be, in mg/100 mL.
    tac_max: i32,
    /// When it was observed.
    #[schema(format = DateTime)]
    observed_at: String,
    /// When it was taken in.
    #[schema(format = DateTime)]
    received_at: String,
    /// Such readings in this episode.
    count: u32,
    /// Why it ended.
    note: Option<String>,
}
