//! Decisions: what the engine concludes, with its evidence.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AlertId, ConditionId, DeviceId, Evidence, OrderId, Timestamp, WearerId};

/// One step in the life of an episode: it opened, changed, cleared, or was corrected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The alert of the episode.
    pub alert: AlertId,
    /// Counts the decisions about this alert from 1; with `alert`, the identity of the decision.
    pub revision: u32,
    /// Whom it is about.
    pub wearer: WearerId,
    /// The order breached, where the decision is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The version of the order under which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_version: Option<u32>,
    /// The revision of the registry under which it was made, where there is a registry with revisions:
    /// it says which zones, places and devices were registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<u64>,
    /// The condition breached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<ConditionId>,
    /// The device, where the decision is about a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// What is concluded.
    pub kind: DecisionKind,
    /// Where in its life the episode is.
    pub phase: Phase,
    /// When the episode began, as the readings show it.
    pub onset: Timestamp,
    /// When the engine concluded it.
    pub decided: Timestamp,
    /// Whether late evidence caused it.
    pub late: bool,
    /// The readings used and the numbers compared.
    pub evidence: Evidence,
}

/// The steps in the life of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The episode begins.
    Opened,
    /// The episode goes on, with new evidence worth telling.
    Updated,
    /// The episode has ended.
    Cleared,
    /// Late evidence changed its times or numbers.
    Amended,
    /// Late evidence showed that it never was.
    Withdrawn,
}

impl Phase {
    /// The name in formats.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Updated => "updated",
            Self::Cleared => "cleared",
            Self::Amended => "amended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The rules that kinds of decision belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum KindGroup {
    Zone,
    Curfew,
    Alcohol,
    Attendance,
    CheckIn,
    Device,
    Oversight,
}

macro_rules! decision_kinds {
    ($($group:ident: $($(#[$doc:meta])* $variant:ident = $name:literal),+;)+) => {
        /// What the engine can conclude.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum DecisionKind {
            $($($(#[$doc])* #[serde(rename = $name)] $variant,)+)+
        }

        impl DecisionKind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &[Self] = &[$($(Self::$variant,)+)+];

            /// The name in formats.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$variant => $name,)+)+
                }
            }

            /// The rule it belongs to.
            #[must_use]
            pub const fn group(self) -> KindGroup {
                match self {
                    $($(Self::$variant)|+ => KindGroup::$group,)+
                }
            }
        }
    };
}

decision_kinds! {
    Zone:
        /// Inside a zone to be kept out of.
        ExclusionZoneEntered = "exclusion_zone_entered",
        /// Perhaps inside; for operators only.
        ExclusionZonePossible = "exclusion_zone_possible",
        /// Crossed between two fixes; for operators only.
        TransitPossible = "transit_possible",
        /// Outside a zone to be inside of.
        InclusionZoneLeft = "inclusion_zone_left",
        /// Outside an area not to be left.
        RestrictionZoneLeft = "restriction_zone_left",
        /// Not known whether inside or outside.
        ZoneUnknown = "zone_unknown";
    Curfew:
        /// AL08: out past curfew commencement.
        OutPastStart = "out_past_start",
        /// AL09: returned home late.
        LateReturn = "late_return",
        /// AL10: left home during curfew.
        LeftDuring = "left_during",
        /// AL11: out at the end of the curfew.
        OutAtEnd = "out_at_end",
        /// AL12: out for the entire curfew.
        AbsentThroughout = "absent_throughout",
        /// Not known whether at home during a curfew.
        PresenceUnknown = "presence_unknown",
        /// The budget of minutes is nearly used up.
        AtvWarning = "atv_warning",
        /// The budget of minutes is used up.
        AtvExhausted = "atv_exhausted";
    Alcohol:
        /// Sustained readings over the threshold; provisional.
        AlcoholDetected = "alcohol_detected",
        /// A drinking episode with the curve of one.
        AlcoholConfirmed = "alcohol_confirmed",
        /// A drinking episode for a person to review.
        AlcoholProbable = "alcohol_probable",
        /// Not drinking: a spray, a gel, a vapour.
        AlcoholEnvironmental = "alcohol_environmental",
        /// The sensor's view of the skin is blocked.
        AlcoholObstruction = "alcohol_obstruction",
        /// No readings for too long.
        AlcoholGap = "alcohol_gap",
        /// The sensor reports what it cannot measure.
        SensorFault = "sensor_fault";
    Attendance:
        /// Was not at an appointment.
        AttendanceMissed = "attendance_missed",
        /// Came late to an appointment.
        AttendanceLate = "attendance_late",
        /// Left an appointment before its end.
        AttendanceLeftEarly = "attendance_left_early";
    CheckIn:
        /// Did not answer a prompt.
        CheckInMissed = "check_in_missed",
        /// Answered a prompt from elsewhere.
        CheckInElsewhere = "check_in_elsewhere",
        /// Somebody else answered a prompt.
        CheckInIdentity = "check_in_identity";
    Device:
        /// The strap was cut or opened.
        StrapTamper = "strap_tamper",
        /// The case was opened.
        CaseOpen = "case_open",
        /// The battery is low.
        BatteryLow = "battery_low",
        /// The battery is dead.
        BatteryDead = "battery_dead",
        /// Repeatedly not charged.
        ChargeMissed = "charge_missed",
        /// The home monitoring unit was moved.
        HmuMoved = "hmu_moved",
        /// The home monitoring unit lost its mains.
        HmuMainsLost = "hmu_mains_lost",
        /// Jammed or shielded.
        Jamming = "jamming",
        /// No contact for too long.
        NoContact = "no_contact",
        /// In contact, but without a fix for too long.
        NoFix = "no_fix",
        /// The device's clock is wrong.
        ClockSkew = "clock_skew",
        /// The device is broken; not a tamper.
        DeviceFault = "device_fault";
    Oversight:
        /// An order in force, and nobody watching.
        NotMonitored = "not_monitored",
        /// A device that nobody wears reports.
        UnknownDevice = "unknown_device",
        /// A device reports to a partition that is not its wearer's.
        WrongPartition = "wrong_partition",
        /// This system did not take readings in for a while.
        IntakeGap = "intake_gap",
        /// A condition's zone has no geometry, so nothing is watched.
        GeometryMissing = "geometry_missing",
        /// Many alerts of one cause.
        Incident = "incident";
}

impl DecisionKind {
    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The alert code of the service in England and Wales, where there is one.
    #[must_use]
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most kinds have no such code"
    )]
    pub const fn alert_code(self) -> Option<&'static str> {
        match self {
            Self::HmuMainsLost => Some("AL04"),
            Self::HmuMoved => Some("AL05"),
            Self::OutPastStart => Some("AL08"),
            Self::LateReturn => Some("AL09"),
            Self::LeftDuring => Some("AL10"),
            Self::OutAtEnd => Some("AL11"),
            Self::AbsentThroughout => Some("AL12"),
            Self::BatteryLow => Some("AL21"),
            Self::BatteryDead => Some("AL23"),
            Self::DeviceFault => Some("AL24"),
            _ => None,
        }
    }
}

impl fmt::Display for DecisionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_written_by_it() {
        for &kind in DecisionKind::ALL {
            assert_eq!(DecisionKind::parse(kind.as_str()), Some(kind));
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(json, format!("\"{kind}\""));
        }
        assert_eq!(DecisionKind::parse("loitering"), None);
    }
}
