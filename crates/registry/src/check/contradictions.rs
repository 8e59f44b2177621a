//! A place where a wearer must be, in a zone that they must stay out of.

use std::collections::BTreeMap;

use geometry::{Area, MIN_INNER_RADIUS_M, ZoneSet};
use model::registry::{Condition, Duty, Order, Place, RegistryKey, WeeklyWindow, ZoneRef};
use model::{GeoPoint, Metres, ZoneId};

use super::Findings;
use super::span::Span;
use super::week;
use super::world::World;
use crate::read::Path;

/// Tells of curfews that cannot be kept without breaching an exclusion zone of the same wearer.
pub(super) fn find(world: &World<'_>, findings: &mut Findings) {
    let mut compiled = Compiled::default();
    for orders in world.wearers_orders() {
        let conditions = || {
            orders.iter().flat_map(|order| {
                let conditions = order.conditions.iter().enumerate();
                conditions.map(move |(index, condition)| At {
                    order,
                    index,
                    condition,
                })
            })
        };
        for (curfew, place, windows) in conditions().filter_map(At::curfew) {
            let Some(place) = world.place(place) else {
                continue;
            };
            for (excluded, zones, schedule) in conditions().filter_map(At::exclusion) {
                if curfew.meets(&excluded, windows, schedule) {
                    let mut pair = Pair {
                        world,
                        curfew,
                        excluded,
                        place,
                    };
                    pair.tell(zones, &mut compiled, findings);
                }
            }
        }
    }
}

/// A condition and where it stands.
#[derive(Clone, Copy)]
struct At<'a> {
    order: &'a Order,
    index: usize,
    condition: &'a Condition,
}

impl<'a> At<'a> {
    fn curfew(self) -> Option<(Self, &'a model::PlaceId, &'a [WeeklyWindow])> {
        if let Duty::Curfew { place, windows, .. } = &self.condition.duty {
            return Some((self, place, windows));
        }
        None
    }

    fn exclusion(self) -> Option<(Self, &'a [ZoneRef], &'a [WeeklyWindow])> {
        if let Duty::ExclusionZone { zones, schedule } = &self.condition.duty {
            return Some((self, zones, schedule));
        }
        None
    }

    fn key(&self) -> RegistryKey {
        RegistryKey::Order(self.order.id.clone())
    }

    fn span(&self) -> Span {
        Span::of_condition(self.order, self.condition)
    }

    /// Whether both are ever in force together.
    fn meets(&self, other: &Self, windows: &[WeeklyWindow], schedule: &[WeeklyWindow]) -> bool {
        let always = schedule.is_empty();
        // Hours of different zones of time are not compared: they may well meet.
        let elsewhere = self.order.time_zone != other.order.time_zone;
        let together = || week::meet(&week::stretches(windows), &week::stretches(schedule));
        self.span().overlaps(other.span()) && (always || elsewhere || together())
    }
}

/// A curfew and an exclusion that are in force together.
struct Pair<'a> {
    world: &'a World<'a>,
    curfew: At<'a>,
    excluded: At<'a>,
    place: &'a Place,
}

impl Pair<'_> {
    fn tell(&mut self, zones: &[ZoneRef], compiled: &mut Compiled, findings: &mut Findings) {
        for zone in zones {
            let deepest = match zone {
                ZoneRef::Zone(id) => compiled.zone(id, self.place, self.world),
                ZoneRef::Set(_) => compiled.set(zone, self.place, self.world),
            };
            if let Some((id, depth)) = deepest {
                self.tell_one(zone, &id, depth, findings);
            }
        }
    }

    fn tell_one(&self, zone: &ZoneRef, id: &ZoneId, depth: f64, findings: &mut Findings) {
        let Some((part, path)) = self.told_at(zone) else {
            return;
        };
        let place = &self.place.id;
        let under = &self.excluded.condition.id;
        if depth >= 0.0 {
            let message = format!(
                "the curfew's place {place} is {depth:.0} m inside zone {id}, which condition {under} \
                 excludes the wearer from at the same time"
            );
            findings.error(&part, path, message);
        } else {
            let message = format!(
                "the curfew's place {place} is {:.0} m from zone {id}, which condition {under} excludes the \
                 wearer from at the same time: too near to be told apart",
                -depth
            );
            findings.warn(&part, path, message);
        }
    }

    /// The first of what is proposed that brings it about; nothing, where it was so before.
    fn told_at(&self, zone: &ZoneRef) -> Option<(RegistryKey, Path)> {
        let condition = |at: &At<'_>| Path::default().field("conditions").index(at.index);
        let zone = match zone {
            ZoneRef::Zone(id) => RegistryKey::Zone(id.clone()),
            ZoneRef::Set(id) => RegistryKey::ZoneSet(id.clone()),
        };
        [
            (self.curfew.key(), condition(&self.curfew).field("place")),
            (
                self.excluded.key(),
                condition(&self.excluded).field("zones"),
            ),
            (RegistryKey::Place(self.place.id.clone()), Path::default()),
            (zone, Path::default()),
        ]
        .into_iter()
        .find(|(part, _)| self.world.is_new(part))
    }
}

/// Zones made ready for measuring, each once.
#[derive(Default)]
struct Compiled {
    zones: BTreeMap<ZoneId, Option<Area>>,
    sets: BTreeMap<ZoneRef, ZoneSet>,
}

/// How near is too near: within the place's own radius, and what the narrowest zone that can be watched
/// leaves of doubt.
fn reach(place: &Place) -> f64 {
    place.radius_m.0.max(0.0) + MIN_INNER_RADIUS_M
}

fn centre(place: &Place) -> GeoPoint {
    GeoPoint {
        lat: place.lat,
        lon: place.lon,
    }
}

impl Compiled {
    /// How deep in the zone the place is, where it is within reach.
    fn zone(&mut self, id: &ZoneId, place: &Place, world: &World<'_>) -> Option<(ZoneId, f64)> {
        let area = self
            .zones
            .entry(id.clone())
            .or_insert_with(|| Area::new(world.zone(id)?).ok());
        within(area.as_ref()?, place)
    }

    /// The same for the zone of a shared set that it is deepest in.
    fn set(&mut self, zone: &ZoneRef, place: &Place, world: &World<'_>) -> Option<(ZoneId, f64)> {
        let ZoneRef::Set(id) = zone else {
            return None;
        };
        let set = self.sets.entry(zone.clone()).or_insert_with(|| {
            let zones = world.zone_set(id).unwrap_or_default();
            ZoneSet::new(
                zones
                    .iter()
                    .filter_map(|zone| Area::new(zone).ok())
                    .collect(),
            )
        });
        let near = set.near(centre(place), Metres(reach(place)));
        near.filter_map(|index| within(set.get(index)?, place))
            .max_by(|one, other| one.1.total_cmp(&other.1))
    }
}

fn within(area: &Area, place: &Place) -> Option<(ZoneId, f64)> {
    let depth = area.signed_distance(centre(place)).0;
    (depth > -reach(place)).then(|| (area.id().clone(), depth))
}
