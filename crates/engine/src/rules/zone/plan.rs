//! What a zone condition demands, where and when.

use model::registry::{Duty, WeeklyWindow, ZoneRef};
use model::{DecisionKind, GeoPoint, Metres, Timestamp, ZoneId};

use super::super::Planning;
use crate::atlas::Ground;
use crate::sequential::Verdict;
use crate::windows::{Calendar, Diary, Span};

/// Conditions of up to so many zones are measured zone by zone; of more, by growing circles.
const ZONES_MEASURED_ONE_BY_ONE: usize = 64;

/// The circles, in metres, within which an area to be inside of is looked for. In the first, a
/// fix outside says "outside" as surely as any can.
const LOOK_WITHIN: [Metres; 3] = [Metres(500.0), Metres(5_000.0), Metres(50_000.0)];

/// Which side of the edge violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Exclusion,
    Inclusion,
    Restriction,
}

/// What a zone condition demands, where and when. Empty until the condition is equipped.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) side: Option<Side>,
    pub(super) ground: Ground,
    pub(super) diary: Diary,
    pub(super) ends: Timestamp,
    scheduled: bool,
}

impl Plan {
    pub(super) fn new(
        planning: &Planning<'_>,
        zones: &[ZoneRef],
        schedule: &[WeeklyWindow],
    ) -> Self {
        let (zone, bounds) = (planning.order.time_zone, planning.bounds());
        let mut calendar = if schedule.is_empty() {
            Calendar::throughout(zone, bounds)
        } else {
            Calendar::weekly(zone, bounds, schedule.to_vec())
        };
        calendar.set_lifted(planning.lifted.clone());
        Self {
            side: side(&planning.condition.duty),
            ground: planning.atlas.ground(zones),
            diary: Diary::new(calendar),
            ends: bounds.end,
            scheduled: !schedule.is_empty(),
        }
    }

    /// Whether fixes can be judged: being outside those of several zones that have geometry says
    /// nothing about being inside the one that has none.
    pub(super) fn is_watchable(&self) -> bool {
        match self.side {
            Some(Side::Exclusion) => true,
            Some(Side::Inclusion | Side::Restriction) => {
                self.ground.missing.is_empty() && !self.ground.sets.is_empty()
            }
            None => false,
        }
    }

    pub(super) fn breach_kind(&self) -> Option<DecisionKind> {
        self.side.map(|side| match side {
            Side::Exclusion => DecisionKind::ExclusionZoneEntered,
            Side::Inclusion => DecisionKind::InclusionZoneLeft,
            Side::Restriction => DecisionKind::RestrictionZoneLeft,
        })
    }

    /// What is assumed where nothing is known. Out of a zone to keep out of is nearly everywhere;
    /// whether the wearer is inside an area to stay in has to be shown either way.
    pub(super) fn starting_verdict(&self) -> Verdict {
        match self.side {
            Some(Side::Inclusion | Side::Restriction) => Verdict::Unknown,
            Some(Side::Exclusion) | None => Verdict::Compliant,
        }
    }

    /// The start of the window, where it is what the episode of that onset began with, or where
    /// there is a schedule.
    pub(super) fn opening(&self, span: Span, onset: Timestamp) -> Option<Timestamp> {
        (self.scheduled || onset == span.start).then_some(span.start)
    }

    /// Distance in metres outside all the zones together, negative inside, and the nearest zone.
    pub(super) fn outside(&self, point: GeoPoint) -> Option<(f64, ZoneId)> {
        let sets = &self.ground.sets;
        let count: usize = sets.iter().map(|set| set.len()).sum();
        if count > ZONES_MEASURED_ONE_BY_ONE {
            for margin in LOOK_WITHIN {
                let near = sets
                    .iter()
                    .flat_map(|set| set.near(point, margin).filter_map(|index| set.get(index)));
                let found = nearest(near, point);
                if found
                    .as_ref()
                    .is_some_and(|(outside, _)| *outside <= margin.0)
                {
                    return found;
                }
            }
        }
        nearest(sets.iter().flat_map(|set| set.areas()), point)
    }
}

fn nearest<'a>(
    areas: impl Iterator<Item = &'a geometry::Area>,
    point: GeoPoint,
) -> Option<(f64, ZoneId)> {
    let measured = areas.map(|area| (-area.signed_distance(point).0, area));
    let least = measured.min_by(|(a, _), (b, _)| a.total_cmp(b))?;
    Some((least.0, least.1.id().clone()))
}

fn side(duty: &Duty) -> Option<Side> {
    match duty {
        Duty::ExclusionZone { .. } => Some(Side::Exclusion),
        Duty::InclusionZone { .. } => Some(Side::Inclusion),
        Duty::RestrictionZone { .. } => Some(Side::Restriction),
        Duty::Curfew { .. }
        | Duty::AlcoholAbstinence
        | Duty::AlcoholLimit { .. }
        | Duty::Attendance { .. }
        | Duty::CheckIn { .. }
        | Duty::Trail => None,
    }
}
