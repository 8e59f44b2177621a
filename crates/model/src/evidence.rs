//! Evidence: the readings a decision rests on and the numbers it compared.
//!
//! Lengths are in metres, spans in seconds, scores are sums of natural-log likelihood ratios.

mod alcohol;
mod broker;
mod health;

use serde::{Deserialize, Serialize};

pub use alcohol::{
    AlcoholEvidence, AlcoholGapCause, AlcoholGapEvidence, AlcoholQualification, AlcoholTail,
    AlcoholThresholds, ObstructionEvidence, SensorFaultEvidence, TacEvidence,
};
pub use broker::BrokerLossEvidence;
pub use health::{ChargeEvidence, ContactEvidence};

use crate::registry::ZoneRef;
use crate::{
    DeviceId, FixSource, IdentityMatch, ObservedAt, PlaceId, ReceivedAt, Timestamp, ZoneId,
};

/// What a decision rests on, by rule. Every form names the rules policy it was decided under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Evidence {
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
    /// What is not watched, and why.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FixEvidence {
    /// The device's running number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// When it was observed.
    pub observed_at: ObservedAt,
    /// Degrees, WGS84.
    pub lat: f64,
    /// Degrees, WGS84.
    pub lon: f64,
    /// How it was obtained.
    pub src: FixSource,
    /// Standard deviation assumed for it, in metres.
    pub sigma_m: f64,
    /// Signed distance to the edge in metres, positive where it violates.
    pub distance_m: f64,
}

/// The sequential test against one zone (or a place) of a condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ZoneEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The zone.
    pub zone: ZoneId,
    /// The cumulative sum reached.
    pub score: f64,
    /// The sum at which this conclusion is drawn.
    pub threshold: f64,
    /// How many fixes counted since the onset.
    pub fixes_used: u32,
    /// Greatest signed distance since the onset, in metres, positive where it violates.
    pub deepest_m: f64,
    /// Standard deviation of the deciding fix, in metres.
    pub sigma_m: f64,
    /// The device's planned seconds between fixes.
    pub cadence_s: u32,
    /// When the condition came into force by its schedule, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force_from: Option<Timestamp>,
    /// The last instant of the violation, once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Why the episode changed for another reason than fixes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The latest fixes that counted, oldest first.
    pub fixes: Vec<FixEvidence>,
}

/// Two fixes outside an exclusion zone whose straight line runs through it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransitEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The zone.
    pub zone: ZoneId,
    /// The fix before.
    pub before: FixEvidence,
    /// The fix after.
    pub after: FixEvidence,
    /// How deep in the zone the straight line between them runs, in metres.
    pub depth_m: f64,
    /// How deep it must run for this conclusion, in metres.
    pub depth_needed_m: f64,
    /// Seconds between the fixes.
    pub gap_s: f64,
}

/// Whether a wearer is where they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At the place.
    Present,
    /// Elsewhere.
    Absent,
    /// Not known.
    #[default]
    Unknown,
}

/// Presence at a curfew address during one window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurfewEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The curfew address.
    pub place: PlaceId,
    /// Its radius in metres.
    pub radius_m: f64,
    /// The window began.
    pub window_start: Timestamp,
    /// The window ends.
    pub window_end: Timestamp,
    /// What is known of the wearer now.
    pub presence: Presence,
    /// Since when that has been so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_since: Option<Timestamp>,
    /// The absence within the window began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_from: Option<Timestamp>,
    /// The absence within the window ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_to: Option<Timestamp>,
    /// Elapsed seconds of absence within the window so far.
    pub absent_s: i64,
    /// Seconds of absence that are let pass.
    pub grace_s: u32,
    /// Which readings show what is known of the wearer now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<PresenceSource>,
    /// What a home unit at the place says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rf: Option<RfEvidence>,
    /// The newest reading about it was observed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_observed_at: Option<ObservedAt>,
    /// Why the episode changed for another reason than fixes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The latest fixes that counted, oldest first; distance positive outside the place.
    pub fixes: Vec<FixEvidence>,
}

/// Which readings show where a wearer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceSource {
    /// Positions.
    Gps,
    /// A home unit.
    Rf,
}

/// What a home unit says of its wearer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RfEvidence {
    /// The device.
    pub device: DeviceId,
    /// Whether it hears the tag.
    pub in_range: bool,
    /// Since when it has said so without a break.
    pub since: Timestamp,
    /// The newest reading that says so was observed at.
    pub observed_at: ObservedAt,
}

/// Accumulated time violation: time out of one curfew, added up over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtvEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The curfew address.
    pub place: PlaceId,
    /// Seconds that may be used up in the period.
    pub budget_s: i64,
    /// Seconds at which this is told: the budget, or the warning's share of it.
    pub threshold_s: i64,
    /// Seconds counted so far: known absence within curfew hours, less what is excused.
    pub counted_s: i64,
    /// Seconds taken out again because they were excused afterwards.
    pub excused_s: i64,
    /// The period began.
    pub period_start: Timestamp,
    /// The period ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_end: Option<Timestamp>,
    /// Which readings show what is known of the wearer now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<PresenceSource>,
    /// What a home unit at the place says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rf: Option<RfEvidence>,
    /// The newest reading about it was observed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_observed_at: Option<ObservedAt>,
    /// Why the episode changed for another reason than readings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The newest absences counted, oldest first.
    pub absences: Vec<CountedAbsence>,
}

/// One absence that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedAbsence {
    /// Out from.
    pub from: Timestamp,
    /// Until; so far, of one that goes on.
    pub to: Timestamp,
    /// Seconds of it that count.
    pub counted_s: i64,
}

/// Presence at one appointment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttendanceEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The place of the appointment.
    pub place: PlaceId,
    /// Its radius in metres.
    pub radius_m: f64,
    /// The appointment begins, or the part of it that no absence was authorised for.
    pub appointment_start: Timestamp,
    /// It ends.
    pub appointment_end: Timestamp,
    /// First known to be at the place during it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<Timestamp>,
    /// Known to be away from the place from here on, until the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Timestamp>,
    /// Elapsed seconds known to be away without a break: from the start, or, of one who left
    /// early, until the end.
    pub away_s: i64,
    /// Seconds of lateness, or of leaving early, that are let pass.
    pub tolerance_s: u32,
    /// The newest fix about it was observed at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_observed_at: Option<ObservedAt>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The latest fixes that counted, oldest first; distance positive outside the place.
    pub fixes: Vec<FixEvidence>,
}

/// A prompt to check in, and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckInEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The prompt.
    pub prompt: String,
    /// The device that asked.
    pub device: DeviceId,
    /// When it asked.
    pub asked_at: Timestamp,
    /// An answer observed after this is too late.
    pub answer_by: Timestamp,
    /// Seconds waited for the answer to arrive after that.
    pub margin_s: u32,
    /// When the device says it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<ObservedAt>,
    /// When the answer was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<ReceivedAt>,
    /// Whether the person who answered is the wearer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityMatch>,
    /// Where the answer was to be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceId>,
    /// The radius of that place in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius_m: Option<f64>,
    /// Where it was given, in degrees, WGS84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<f64>,
    /// Where it was given, in degrees, WGS84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<f64>,
    /// Metres outside the edge of the place, negative inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
    /// Metres by which the position may be wrong; within that of the edge is inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowance_m: Option<f64>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A device, or a reading that cannot be true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// When the device says it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<ObservedAt>,
    /// When it was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<ReceivedAt>,
    /// What is wrong, with the value and the limit it was held against.
    pub reason: String,
    /// How often it has happened in this episode.
    pub count: u32,
}

/// Something that ought to be watched and is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OversightEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// What is wrong.
    pub reason: String,
    /// The zones and sets concerned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneRef>,
    /// The devices worn, where the decision rests on their silence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceContact>,
    /// Seconds let pass before it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_s: Option<u32>,
    /// How often it has happened in this episode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

impl OversightEvidence {
    /// That something is not watched under rules policy `policy`, for `reason`.
    #[must_use]
    pub fn new(policy: &str, reason: String) -> Self {
        Self {
            policy: policy.to_owned(),
            reason,
            zones: Vec::new(),
            devices: Vec::new(),
            limit_s: None,
            count: None,
        }
    }
}

/// When a device was last heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceContact {
    /// The device.
    pub device: DeviceId,
    /// Worn from this instant.
    pub activated_at: Timestamp,
    /// When the last reading of it was taken in; never, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<ReceivedAt>,
    /// Its silence is counted from here: the last reading, or else when it was put on or we were told
    /// of it.
    pub silent_from: Timestamp,
    /// Seconds of silence let pass: its upload interval and what the rules policy adds.
    pub allowed_s: u32,
}
