//! What a zone condition demands, where and when.

use geometry::{Area, Patch};
use model::registry::{Duty, WeeklyWindow, ZoneRef};
use model::{DecisionKind, GeoPoint, Metres, Timestamp};

use super::super::Planning;
use super::super::calm::ROOM_FROM_M;
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

    /// Distance in metres outside all the zones together, negative inside.
    pub(super) fn outside_m(&self, point: GeoPoint) -> Option<f64> {
        Some(self.nearest(point)?.outside_m)
    }

    /// The zone to be inside of that is nearest, or that the point is deepest in.
    pub(super) fn nearest(&self, point: GeoPoint) -> Option<Nearest<'_>> {
        let sets = &self.ground.sets;
        let count: usize = sets.iter().map(|set| set.len()).sum();
        if count > ZONES_MEASURED_ONE_BY_ONE {
            for margin in LOOK_WITHIN {
                let near = sets
                    .iter()
                    .flat_map(|set| set.near(point, margin).filter_map(|index| set.get(index)));
                let found = Nearest::among(near, point);
                if let Some(found) = found.filter(|found| found.outside_m <= margin.0) {
                    // Those that were not measured are further off than that.
                    let others_m = found.next_m.min(margin.0);
                    return Some(Nearest {
                        next_m: others_m,
                        ..found
                    });
                }
            }
        }
        Nearest::among(sets.iter().flat_map(|set| set.areas()), point)
    }

    /// A patch around a point without any zone in it; nothing where one may hold the point.
    pub(super) fn free_around(&self, point: GeoPoint) -> Option<Patch> {
        let mut sets = self.ground.sets.iter();
        let first = sets.next()?.free_around(point)?;
        sets.try_fold(first, |free, set| {
            Some(free.shared(&set.free_around(point)?))
        })
    }
}

/// The nearest of several zones to be inside of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nearest<'a> {
    pub(super) area: &'a Area,
    /// Metres outside it, negative inside.
    pub(super) outside_m: f64,
    /// The same of the one that is next.
    next_m: f64,
}

impl<'a> Nearest<'a> {
    fn among(areas: impl Iterator<Item = &'a Area>, point: GeoPoint) -> Option<Self> {
        areas.fold(None, |nearest: Option<Self>, area| {
            let outside_m = -area.signed_distance(point).0;
            let next_m = nearest.map_or(f64::INFINITY, |nearest| nearest.outside_m);
            match nearest {
                Some(nearest) if nearest.outside_m.total_cmp(&outside_m).is_le() => Some(Self {
                    next_m: nearest.next_m.min(outside_m),
                    ..nearest
                }),
                _ => Some(Self {
                    area,
                    outside_m,
                    next_m,
                }),
            }
        })
    }

    /// The patch around `point`, where it was measured, within which it goes on to be the nearest and to hold
    /// the wearer.
    pub(super) fn clear(&self, point: GeoPoint) -> Option<Patch> {
        let lead_m = (self.next_m - self.outside_m) / 2.0;
        let clear_m = lead_m.min(-self.outside_m);
        (clear_m > ROOM_FROM_M).then(|| Patch::within(point, clear_m))
    }
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
