//! Conditions: the enforceable duties under an order.

use std::fmt;

use chrono::NaiveDate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;

use super::{TimeOfDay, WeeklyWindow};
use crate::{ConditionId, IdError, PlaceId, Timestamp, ZoneId, ZoneSetId};

/// One enforceable duty, with its own start and end within those of its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Condition {
    /// The condition's id, unique within the installation.
    pub id: ConditionId,
    /// In force from; the order's start where absent.
    pub from: Option<Timestamp>,
    /// In force until; the order's end where absent.
    pub to: Option<Timestamp>,
    /// What the wearer must do or leave undone.
    pub duty: Duty,
}

/// What a condition demands.
#[derive(Debug, Clone, PartialEq)]
pub enum Duty {
    /// Stay out of these zones.
    ExclusionZone {
        /// The zones, each one counting.
        zones: Vec<ZoneRef>,
        /// In force during these windows; always, where there are none.
        schedule: Vec<WeeklyWindow>,
    },
    /// Be inside one of these zones.
    InclusionZone {
        /// The zones: being inside any one will do.
        zones: Vec<ZoneRef>,
        /// In force during these windows; always, where there are none.
        schedule: Vec<WeeklyWindow>,
    },
    /// Never leave the area these zones make up.
    RestrictionZone {
        /// The zones: being inside any one will do.
        zones: Vec<ZoneRef>,
        /// In force during these windows; always, where there are none.
        schedule: Vec<WeeklyWindow>,
    },
    /// Be at the place during the windows.
    Curfew {
        /// The curfew address.
        place: PlaceId,
        /// The weekly curfew.
        windows: Vec<WeeklyWindow>,
        /// The day of release has its own hours.
        release_day: Option<ReleaseDay>,
    },
    /// No alcohol.
    AlcoholAbstinence,
    /// Alcohol up to a peak.
    AlcoholLimit {
        /// The greatest transdermal concentration allowed, in mg/100 mL.
        peak_mg_per_100ml: u32,
    },
    /// Be at the place for each appointment.
    Attendance {
        /// Where.
        place: PlaceId,
        /// When.
        appointments: Vec<Appointment>,
    },
    /// Answer prompts with position and identity.
    CheckIn {
        /// How many a day.
        prompts_per_day: u8,
        /// The local hours within which prompts are sent.
        between: (TimeOfDay, TimeOfDay),
        /// Seconds within which each is to be answered.
        answer_within_s: u32,
        /// Where the wearer must be when answering, if anywhere.
        place: Option<PlaceId>,
    },
    /// The trail is kept; nothing is demanded.
    Trail,
}

/// The curfew of the day of release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseDay {
    /// The local date.
    pub date: NaiveDate,
    /// Home by this local time.
    pub start: TimeOfDay,
    /// Until this local time; on the next day when not after `start`.
    pub end: TimeOfDay,
}

/// One appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// Begins.
    pub start: Timestamp,
    /// Ends.
    pub end: Timestamp,
}

/// A zone by its id, or a whole shared set as `set:<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ZoneRef {
    /// One zone.
    Zone(ZoneId),
    /// A shared set.
    Set(ZoneSetId),
}

impl TryFrom<String> for ZoneRef {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        match text.strip_prefix("set:") {
            Some(name) => ZoneSetId::new(name).map(Self::Set),
            None => ZoneId::new(text).map(Self::Zone),
        }
    }
}

impl From<ZoneRef> for String {
    fn from(reference: ZoneRef) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for ZoneRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zone(id) => id.fmt(f),
            Self::Set(id) => write!(f, "set:{id}"),
        }
    }
}

/// Why the fields of a condition do not make one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConditionError {
    /// A field that this kind of condition needs is absent.
    #[error("condition {id}: kind {kind} needs `{field}`")]
    Missing {
        /// The condition.
        id: ConditionId,
        /// Its kind.
        kind: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A field that means nothing for this kind of condition is present.
    #[error("condition {id}: kind {kind} does not take `{field}`")]
    Unexpected {
        /// The condition.
        id: ConditionId,
        /// Its kind.
        kind: &'static str,
        /// The field.
        field: &'static str,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    ExclusionZone,
    InclusionZone,
    RestrictionZone,
    Curfew,
    AlcoholAbstinence,
    AlcoholLimit,
    Attendance,
    CheckIn,
    Trail,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::ExclusionZone,
        Self::InclusionZone,
        Self::RestrictionZone,
        Self::Curfew,
        Self::AlcoholAbstinence,
        Self::AlcoholLimit,
        Self::Attendance,
        Self::CheckIn,
        Self::Trail,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::ExclusionZone => "exclusion_zone",
            Self::InclusionZone => "inclusion_zone",
            Self::RestrictionZone => "restriction_zone",
            Self::Curfew => "curfew",
            Self::AlcoholAbstinence => "alcohol_abstinence",
            Self::AlcoholLimit => "alcohol_limit",
            Self::Attendance => "attendance",
            Self::CheckIn => "check_in",
            Self::Trail => "trail",
        }
    }
}

/// The flat form of a condition in documents. Flat, and not a tagged enum, so that errors keep
/// their line and column.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    id: ConditionId,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zones: Option<Vec<ZoneRef>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schedule: Option<Vec<WeeklyWindow>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<PlaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    windows: Option<Vec<WeeklyWindow>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release_day: Option<ReleaseDay>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peak_mg_per_100ml: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    appointments: Option<Vec<Appointment>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prompts_per_day: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    between: Option<(TimeOfDay, TimeOfDay)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer_within_s: Option<u32>,
}

impl Kind {
    /// The fields that it cannot do without, and those that it takes besides.
    const fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::ExclusionZone | Self::InclusionZone | Self::RestrictionZone => {
                (&["zones"], &["schedule"])
            }
            Self::Curfew => (&["place", "windows"], &["release_day"]),
            Self::AlcoholAbstinence | Self::Trail => (&[], &[]),
            Self::AlcoholLimit => (&["peak_mg_per_100ml"], &[]),
            Self::Attendance => (&["place", "appointments"], &[]),
            Self::CheckIn => (
                &["prompts_per_day", "between", "answer_within_s"],
                &["place"],
            ),
        }
    }
}

impl Condition {
    /// The schema of a condition in documents: each kind with its own fields.
    pub(crate) fn fields_schema(generator: &mut SchemaGenerator) -> Schema {
        let flat = Fields::json_schema(generator);
        let properties = flat.get("properties").cloned().unwrap_or_default();
        let of_kind = |kind: Kind| {
            let (needed, taken) = kind.fields();
            let own = ["id", "from", "to"].iter().chain(needed).chain(taken);
            let mut fields: serde_json::Map<String, serde_json::Value> = own
                .filter_map(|field| Some(((*field).to_owned(), properties.get(field)?.clone())))
                .collect();
            fields.insert("kind".to_owned(), json!({"const": kind.name()}));
            let required: Vec<&str> = ["id", "kind"].iter().chain(needed).copied().collect();
            json!({
                "type": "object", "required": required, "properties": fields,
                "additionalProperties": false
            })
        };
        let kinds: Vec<serde_json::Value> = Kind::ALL.iter().copied().map(of_kind).collect();
        json_schema!({
            "description": "One enforceable duty, with its own start and end within those of its order.",
            "oneOf": kinds
        })
    }
}

impl Fields {
    fn blank(id: ConditionId, kind: Kind, from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        Self {
            id,
            kind,
            from,
            to,
            zones: None,
            schedule: None,
            place: None,
            windows: None,
            release_day: None,
            peak_mg_per_100ml: None,
            appointments: None,
            prompts_per_day: None,
            between: None,
            answer_within_s: None,
        }
    }

    fn need<T>(&self, field: &'static str, value: Option<T>) -> Result<T, ConditionError> {
        value.ok_or_else(|| ConditionError::Missing {
            id: self.id.clone(),
            kind: self.kind.name(),
            field,
        })
    }

    fn duty(&mut self) -> Result<Duty, ConditionError> {
        match self.kind {
            Kind::ExclusionZone => {
                let (zones, schedule) = self.zones_and_schedule()?;
                Ok(Duty::ExclusionZone { zones, schedule })
            }
            Kind::InclusionZone => {
                let (zones, schedule) = self.zones_and_schedule()?;
                Ok(Duty::InclusionZone { zones, schedule })
            }
            Kind::RestrictionZone => {
                let (zones, schedule) = self.zones_and_schedule()?;
                Ok(Duty::RestrictionZone { zones, schedule })
            }
            Kind::Curfew => self.curfew(),
            Kind::AlcoholAbstinence => Ok(Duty::AlcoholAbstinence),
            Kind::AlcoholLimit => {
                let peak = self.peak_mg_per_100ml.take();
                let peak_mg_per_100ml = self.need("peak_mg_per_100ml", peak)?;
                Ok(Duty::AlcoholLimit { peak_mg_per_100ml })
            }
            Kind::Attendance => self.attendance(),
            Kind::CheckIn => self.check_in(),
            Kind::Trail => Ok(Duty::Trail),
        }
    }

    fn zones_and_schedule(&mut self) -> Result<(Vec<ZoneRef>, Vec<WeeklyWindow>), ConditionError> {
        let zones = self.zones.take();
        let zones = self.need("zones", zones)?;
        Ok((zones, self.schedule.take().unwrap_or_default()))
    }

    fn curfew(&mut self) -> Result<Duty, ConditionError> {
        let (place, windows) = (self.place.take(), self.windows.take());
        Ok(Duty::Curfew {
            place: self.need("place", place)?,
            windows: self.need("windows", windows)?,
            release_day: self.release_day.take(),
        })
    }

    fn attendance(&mut self) -> Result<Duty, ConditionError> {
        let (place, appointments) = (self.place.take(), self.appointments.take());
        Ok(Duty::Attendance {
            place: self.need("place", place)?,
            appointments: self.need("appointments", appointments)?,
        })
    }

    fn check_in(&mut self) -> Result<Duty, ConditionError> {
        let prompts = self.prompts_per_day.take();
        let (between, within) = (self.between.take(), self.answer_within_s.take());
        Ok(Duty::CheckIn {
            prompts_per_day: self.need("prompts_per_day", prompts)?,
            between: self.need("between", between)?,
            answer_within_s: self.need("answer_within_s", within)?,
            place: self.place.take(),
        })
    }

    /// The first field still present after the duty took its own.
    fn left_over(&self) -> Option<&'static str> {
        [
            (self.zones.is_some(), "zones"),
            (self.schedule.is_some(), "schedule"),
            (self.place.is_some(), "place"),
            (self.windows.is_some(), "windows"),
            (self.release_day.is_some(), "release_day"),
            (self.peak_mg_per_100ml.is_some(), "peak_mg_per_100ml"),
            (self.appointments.is_some(), "appointments"),
            (self.prompts_per_day.is_some(), "prompts_per_day"),
            (self.between.is_some(), "between"),
            (self.answer_within_s.is_some(), "answer_within_s"),
        ]
        .into_iter()
        .find_map(|(present, name)| present.then_some(name))
    }
}

impl TryFrom<Fields> for Condition {
    type Error = ConditionError;

    fn try_from(mut fields: Fields) -> Result<Self, ConditionError> {
        let duty = fields.duty()?;
        if let Some(field) = fields.left_over() {
            return Err(ConditionError::Unexpected {
                id: fields.id,
                kind: fields.kind.name(),
                field,
            });
        }
        Ok(Self {
            id: fields.id,
            from: fields.from,
            to: fields.to,
            duty,
        })
    }
}

impl From<Condition> for Fields {
    fn from(condition: Condition) -> Self {
        let Condition { id, from, to, duty } = condition;
        let blank = |kind| Self::blank(id, kind, from, to);
        match duty {
            Duty::ExclusionZone { zones, schedule } => Self {
                zones: Some(zones),
                schedule: Some(schedule),
                ..blank(Kind::ExclusionZone)
            },
            Duty::InclusionZone { zones, schedule } => Self {
                zones: Some(zones),
                schedule: Some(schedule),
                ..blank(Kind::InclusionZone)
            },
            Duty::RestrictionZone { zones, schedule } => Self {
                zones: Some(zones),
                schedule: Some(schedule),
                ..blank(Kind::RestrictionZone)
            },
            Duty::Curfew {
                place,
                windows,
                release_day,
            } => Self {
                place: Some(place),
                windows: Some(windows),
                release_day,
                ..blank(Kind::Curfew)
            },
            Duty::AlcoholAbstinence => blank(Kind::AlcoholAbstinence),
            Duty::AlcoholLimit { peak_mg_per_100ml } => Self {
                peak_mg_per_100ml: Some(peak_mg_per_100ml),
                ..blank(Kind::AlcoholLimit)
            },
            Duty::Attendance {
                place,
                appointments,
            } => Self {
                place: Some(place),
                appointments: Some(appointments),
                ..blank(Kind::Attendance)
            },
            Duty::CheckIn {
                prompts_per_day,
                between,
                answer_within_s,
                place,
            } => Self {
                prompts_per_day: Some(prompts_per_day),
                between: Some(between),
                answer_within_s: Some(answer_within_s),
                place,
                ..blank(Kind::CheckIn)
            },
            Duty::Trail => blank(Kind::Trail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Condition, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_survives_its_json_form() {
        for text in [
            r#"{"id":"C","kind":"exclusion_zone","zones":["Z-1","set:schools"],"schedule":[{"days":["Mon","Fri"],"start":"08:00","end":"17:00"}]}"#,
            r#"{"id":"C","kind":"inclusion_zone","zones":["Z-2"]}"#,
            r#"{"id":"C","kind":"restriction_zone","zones":["Z-3"]}"#,
            r#"{"id":"C","kind":"curfew","place":"P-1","windows":[{"days":["Mon"],"start":"19:00","end":"07:00"}],"release_day":null}"#,
            r#"{"id":"C","kind":"alcohol_abstinence"}"#,
            r#"{"id":"C","kind":"alcohol_limit","peak_mg_per_100ml":80}"#,
            r#"{"id":"C","kind":"attendance","place":"P-2","appointments":[{"start":"2026-03-04T10:00:00Z","end":"2026-03-04T11:00:00Z"}]}"#,
            r#"{"id":"C","kind":"check_in","prompts_per_day":3,"between":["08:00","21:00"],"answer_within_s":900,"place":null}"#,
            r#"{"id":"C","kind":"trail"}"#,
        ] {
            let condition = parse(text).unwrap();
            let again = serde_json::to_string(&condition).unwrap();
            assert_eq!(parse(&again).unwrap(), condition);
        }
    }

    #[test]
    fn a_field_that_is_missing_misplaced_or_misspelt_is_named() {
        let error = parse(r#"{"id":"C-2","kind":"curfew","windows":[]}"#).unwrap_err();
        assert!(
            error.contains("condition C-2: kind curfew needs `place`"),
            "{error}"
        );
        let error = parse(r#"{"id":"C-9","kind":"trail","zones":[]}"#).unwrap_err();
        assert!(
            error.contains("kind trail does not take `zones`"),
            "{error}"
        );
        let error = parse(r#"{"id":"C-9","kind":"trail","zonse":[]}"#).unwrap_err();
        assert!(error.contains("unknown field `zonse`"), "{error}");
    }
}
