//! The vocabulary: what every other room talks about.
//!
//! Ids, units, the three times of a reading, readings, orders and their conditions, policy changes,
//! decisions and notifications. One word has one meaning, the one of the field.
//!
//! Architecture invariant: nothing here does I/O, reads a clock or decides anything.

mod alert;
mod command;
mod contact;
mod decision;
mod evidence;
mod id;
mod notification;
mod reading;
pub mod registry;
mod schema;
mod time;
mod triage;
mod unit;

pub use alert::{AlertState, Recipient, RecipientError, Severity};
pub use command::DeviceCommand;
pub use contact::{Answer, Contact, Means};
pub use decision::{Decision, DecisionKind, KindGroup, Phase};
pub use evidence::{
    AlcoholEvidence, AlcoholGapCause, AlcoholGapEvidence, AlcoholQualification, AlcoholTail,
    AlcoholThresholds, AttendanceEvidence, AtvEvidence, BrokerLossEvidence, ChargeEvidence,
    CheckInEvidence, ContactEvidence, CountedAbsence, CurfewEvidence, DeviceContact,
    DeviceEvidence, Evidence, FixEvidence, ObstructionEvidence, OversightEvidence, Presence,
    PresenceSource, RfEvidence, SensorFaultEvidence, TacEvidence, TransitEvidence, ZoneEvidence,
};
pub use id::{
    AbsenceId, AlertId, ConditionId, DeviceId, IdError, OrderId, PartitionId, PlaceId, WearerId,
    ZoneId, ZoneSetId,
};
pub use notification::{Escalation, Notification, NotificationId};
pub use reading::{
    Alcohol, BadPosition, CheckIn, DeviceEvent, DeviceReading, EventCode, FactKind, FixSource,
    Identity, IdentityMatch, Position, Reading, ReadingBody, ReadingKind,
};
pub use registry::{PolicyChange, RegistryDocument};
pub use time::{ObservedAt, ReceivedAt, RecordedAt, Timestamp, TimestampError};
pub use triage::{Action, Excused, Finding, Outcome, Rung, Stage, Step, Triage};
pub use unit::{GeoPoint, KmPerHour, Latitude, Longitude, Metres, OutOfRange};
