//! The shapes of evidence, by rule.

mod alcohol;
mod atv;
mod broker;
mod health;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use alcohol::{AlcoholEvidence, AlcoholGapEvidence, ObstructionEvidence, SensorFaultEvidence};
use atv::{AtvEvidence, RfEvidence};
use broker::BrokerLossEvidence;
use health::{ChargeEvidence, ContactEvidence};

/// What a decision rests on, by rule.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub(in crate::web) enum Evidence {
    /// The sequential test against a zone.
    Zone(ZoneEvidence),
    /// Two fixes on either side of a zone.
    Transit(TransitEvidence),
    /// Presence at a curfew address.
    Curfew(CurfewEvidence),
    /// Time out of curfew, added up.
    Atv(AtvEvidence),
    /// Presence at an appointment.
    Attendance(AttendanceEvidence),
    /// A prompt to check in, and its answer.
    CheckIn(CheckInEvidence),
    /// A device, or a reading that cannot be true.
    Device(DeviceEvidence),
    /// A device that is not heard from, or gives no fix.
    Contact(ContactEvidence),
    /// A battery that is not charged.
    Charge(ChargeEvidence),
    /// What is not watched, although it should be.
    Oversight(OversightEvidence),
    /// Messages that the broker dropped.
    BrokerLoss(BrokerLossEvidence),
    /// An episode of alcohol.
    Alcohol(Box<AlcoholEvidence>),
    /// An alcohol device that may not be measuring its wearer.
    Obstruction(ObstructionEvidence),
    /// A time in which nothing is known of alcohol.
    AlcoholGap(AlcoholGapEvidence),
    /// Readings of alcohol that no body can give.
    SensorFault(SensorFaultEvidence),
}

/// One fix as a rule used it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct FixEvidence {
    /// The device's running number.
    seq: Option<u64>,
    /// When it was observed.
    #[schema(format = DateTime)]
    observed_at: String,
    /// Degrees, WGS84.
    lat: f64,
    /// Degrees, WGS84.
    lon: f64,
    /// How it was obtained: `gps`, `rf`, `lbs`, `wifi`.
    src: String,
    /// Standard deviation assumed for it, in metres.
    sigma_m: f64,
    /// Signed distance to the edge in metres, positive where it violates.
    distance_m: f64,
}

/// The sequential test against one zone (or a place) of a condition.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct ZoneEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The zone.
    zone: String,
    /// The cumulative sum reached.
    score: f64,
    /// The sum at which this conclusion is drawn.
    threshold: f64,
    /// How many fixes counted since the onset.
    fixes_used: u32,
    /// Greatest signed distance since the onset, in metres, positive where it violates.
    deepest_m: f64,
    /// Standard deviation of the deciding fix, in metres.
    sigma_m: f64,
    /// The device's planned seconds between fixes.
    cadence_s: u32,
    /// When the condition came into force by its schedule, where it has one.
    #[schema(format = DateTime)]
    in_force_from: Option<String>,
    /// The last instant of the violation, once it has ended.
    #[schema(format = DateTime)]
    ended: Option<String>,
    /// Why the episode changed for another reason than fixes.
    note: Option<String>,
    /// The latest fixes that counted, oldest first.
    fixes: Vec<FixEvidence>,
}

/// Two fixes outside an exclusion zone whose straight line runs through it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct TransitEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The zone.
    zone: String,
    /// The fix before.
    before: FixEvidence,
    /// The fix after.
    after: FixEvidence,
    /// How deep in the zone the straight line between them runs, in metres.
    depth_m: f64,
    /// How deep it must run for this conclusion, in metres.
    depth_needed_m: f64,
    /// Seconds between the fixes.
    gap_s: f64,
}

/// Presence at a curfew address during one window.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct CurfewEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The curfew address.
    place: String,
    /// Its radius in metres.
    radius_m: f64,
    /// The window began.
    #[schema(format = DateTime)]
    window_start: String,
    /// The window ends.
    #[schema(format = DateTime)]
    window_end: String,
    /// What is known of the wearer now: `present`, `absent`, `unknown`.
    presence: String,
    /// Since when that has been so.
    #[schema(format = DateTime)]
    presence_since: Option<String>,
    /// The absence within the window began.
    #[schema(format = DateTime)]
    absent_from: Option<String>,
    /// The absence within the window ended.
    #[schema(format = DateTime)]
    absent_to: Option<String>,
    /// Elapsed seconds of absence within the window so far.
    absent_s: i64,
    /// Seconds of absence that are let pass.
    grace_s: u32,
    /// Which readings show what is known of the wearer now: `gps`, `rf`.
    source: Option<String>,
    /// What a home unit at the place says.
    rf: Option<RfEvidence>,
    /// The newest reading about it was observed at.
    #[schema(format = DateTime)]
    last_observed_at: Option<String>,
    /// Why the episode changed for another reason than fixes.
    note: Option<String>,
    /// The latest fixes that counted, oldest first; distance positive outside the place.
    fixes: Vec<FixEvidence>,
}

/// Presence at one appointment.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct AttendanceEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The place of the appointment.
    place: String,
    /// Its radius in metres.
    radius_m: f64,
    /// The appointment begins, or the part of it that no absence was authorised for.
    #[schema(format = DateTime)]
    appointment_start: String,
    /// It ends.
    #[schema(format = DateTime)]
    appointment_end: String,
    /// First known to be at the place during it.
    #[schema(format = DateTime)]
    arrived: Option<String>,
    /// Known to be away from the place from here on, until the end.
    #[schema(format = DateTime)]
    left: Option<String>,
    /// Elapsed seconds known to be away without a break: from the start, or, of one who left
    /// early, until the end.
    away_s: i64,
    /// Seconds of lateness, or of leaving early, that are let pass.
    tolerance_s: u32,
    /// The newest fix about it was observed at.
    #[schema(format = DateTime)]
    last_observed_at: Option<String>,
    /// What else there is to say.
    note: Option<String>,
    /// The latest fixes that counted, oldest first; distance positive outside the place.
    fixes: Vec<FixEvidence>,
}

/// A prompt to check in, and its answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct CheckInEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The prompt.
    prompt: String,
    /// The device that asked.
    device: String,
    /// When it asked.
    #[schema(format = DateTime)]
    asked_at: String,
    /// An answer observed after this is too late.
    #[schema(format = DateTime)]
    answer_by: String,
    /// Seconds waited for the answer to arrive after that.
    margin_s: u32,
    /// When the device says it was answered.
    #[schema(format = DateTime)]
    observed_at: Option<String>,
    /// When the answer was taken in.
    #[schema(format = DateTime)]
    received_at: Option<String>,
    /// Whether the person who answered is the wearer: `match`, `no_match`.
    identity: Option<String>,
    /// Where the answer was to be given.
    place: Option<String>,
    /// The radius of that place in metres.
    radius_m: Option<f64>,
    /// Where it was given, in degrees, WGS84.
    lat: Option<f64>,
    /// Where it was given, in degrees, WGS84.
    lon: Option<f64>,
    /// Metres outside the edge of the place, negative inside.
    distance_m: Option<f64>,
    /// Metres by which the position may be wrong; within that of the edge is inside.
    allowance_m: Option<f64>,
    /// What else there is to say.
    note: Option<String>,
}

/// A device, or a reading that cannot be true.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct DeviceEvidence {
    /// Version of the rules policy.
    policy: String,
    /// When the device says it happened.
    #[schema(format = DateTime)]
    observed_at: Option<String>,
    /// When it was taken in.
    #[schema(format = DateTime)]
    received_at: Option<String>,
    /// What is wrong, with the value and the limit it was held against.
    reason: String,
    /// How often it has happened in this episode.
    count: u32,
}

/// What is not watched, although it should be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct OversightEvidence {
    /// Version of the rules policy.
    policy: String,
    /// What is wrong.
    reason: String,
    /// The zones and sets concerned.
    #[serde(default)]
    zones: Vec<String>,
    /// The devices worn, where the decision rests on their silence.
    #[serde(default)]
    devices: Vec<DeviceContact>,
    /// Seconds let pass before it was told.
    limit_s: Option<u32>,
    /// How often it has happened in this episode.
    count: Option<u32>,
}

/// When a device was last heard.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct DeviceContact {
    /// The device.
    device: String,
    /// Worn from this instant.
    #[schema(format = DateTime)]
    activated_at: String,
    /// When the last reading of it was taken in; never, if absent.
    #[schema(format = DateTime)]
    heard_at: Option<String>,
    /// Its silence is counted from here: the last reading, or else when it was put on or we were told
    /// of it.
    #[schema(format = DateTime)]
    silent_from: String,
    /// Seconds of silence let pass: its upload interval and what the rules policy adds.
    allowed_s: u32,
}
