//! What lies where: zones, shared sets of zones and places, as defined and as compiled.

use std::collections::BTreeMap;
use std::sync::Arc;

use geometry::{Area, ZoneSet};
use model::registry::{Place, Zone, ZoneRef};
use model::{Metres, PlaceId, ZoneId, ZoneSetId};
use serde::{Deserialize, Serialize};

/// Everything defined on the ground.
#[derive(Debug, Default)]
pub(crate) struct Atlas {
    zones: BTreeMap<ZoneId, ChartedZone>,
    sets: BTreeMap<ZoneSetId, ChartedSet>,
    places: BTreeMap<PlaceId, Place>,
}

/// A zone as defined, and as compiled or why it cannot be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(crate) struct ChartedZone {
    source: Arc<Zone>,
    area: Result<Area, String>,
}

/// A [`ChartedZone`] as it is written: with what took long to find out.
#[derive(Serialize, Deserialize)]
struct Written {
    source: Arc<Zone>,
    inner_radius: Result<Metres, String>,
}

impl From<ChartedZone> for Written {
    fn from(zone: ChartedZone) -> Self {
        Self {
            source: zone.source,
            inner_radius: zone.area.map(|area| area.inner_radius()),
        }
    }
}

impl From<Written> for ChartedZone {
    fn from(written: Written) -> Self {
        let source = written.source;
        let area = written.inner_radius;
        Self {
            area: area.map(|inner_radius| Area::again(Arc::clone(&source), inner_radius)),
            source,
        }
    }
}

impl ChartedZone {
    fn new(source: Zone) -> Self {
        let source = Arc::new(source);
        let area = Area::of(Arc::clone(&source)).map_err(|error| error.to_string());
        Self { source, area }
    }
}

/// A shared set as defined, and what of it could be compiled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<ChartedZone>", into = "Vec<ChartedZone>")]
pub(crate) struct ChartedSet {
    zones: Arc<[ChartedZone]>,
    areas: Arc<ZoneSet>,
}

impl From<Vec<ChartedZone>> for ChartedSet {
    fn from(zones: Vec<ChartedZone>) -> Self {
        let areas = zones.iter().filter_map(|zone| zone.area.as_ref().ok());
        let areas = Arc::new(ZoneSet::new(areas.cloned().collect()));
        Self {
            zones: zones.into(),
            areas,
        }
    }
}

impl From<ChartedSet> for Vec<ChartedZone> {
    fn from(set: ChartedSet) -> Self {
        set.zones.to_vec()
    }
}

/// A zone or a set of them, by its id.
#[derive(Debug)]
pub(crate) enum Charted {
    Zone(ZoneId, ChartedZone),
    Set(ZoneSetId, ChartedSet),
}

/// The areas that a condition's references resolve to, and those that do not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ground {
    pub(crate) sets: Vec<Arc<ZoneSet>>,
    /// What has no geometry.
    pub(crate) missing: Vec<Missing>,
}

/// A reference without geometry, and the reason.
#[derive(Debug, Clone)]
pub(crate) struct Missing {
    /// Nothing, where the condition refers to nothing.
    pub(crate) zone: Option<ZoneRef>,
    pub(crate) reason: String,
}

impl Atlas {
    /// How many zones, sets and places there are.
    pub(crate) fn len(&self) -> usize {
        self.zones.len() + self.sets.len() + self.places.len()
    }

    /// Every place.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.values()
    }

    /// Every zone and set as defined, shared with this atlas.
    pub(crate) fn charted(&self) -> impl Iterator<Item = Charted> {
        let zones = self.zones.iter();
        let zones = zones.map(|(id, zone)| Charted::Zone(id.clone(), zone.clone()));
        let sets = self.sets.iter();
        zones.chain(sets.map(|(id, set)| Charted::Set(id.clone(), set.clone())))
    }

    /// Puts in what a snapshot kept.
    pub(crate) fn restore_zone(&mut self, id: ZoneId, zone: ChartedZone) {
        self.zones.insert(id, zone);
    }

    /// Puts in what a snapshot kept.
    pub(crate) fn restore_set(&mut self, id: ZoneSetId, set: ChartedSet) {
        self.sets.insert(id, set);
    }

    pub(crate) fn put_zone(&mut self, source: Zone) {
        self.zones
            .insert(source.id.clone(), ChartedZone::new(source));
    }

    pub(crate) fn put_set(&mut self, id: ZoneSetId, sources: Vec<Zone>) {
        let zones: Vec<_> = sources.into_iter().map(ChartedZone::new).collect();
        self.sets.insert(id, zones.into());
    }

    pub(crate) fn put_place(&mut self, place: Place) {
        self.places.insert(place.id.clone(), place);
    }

    pub(crate) fn remove_zone(&mut self, id: &ZoneId) {
        self.zones.remove(id);
    }

    pub(crate) fn remove_set(&mut self, id: &ZoneSetId) {
        self.sets.remove(id);
    }

    pub(crate) fn remove_place(&mut self, id: &PlaceId) {
        self.places.remove(id);
    }

    pub(crate) fn place(&self, id: &PlaceId) -> Option<&Place> {
        self.places.get(id)
    }

    /// Resolves a condition's references: its single zones become one set of its own.
    pub(crate) fn ground(&self, references: &[ZoneRef]) -> Ground {
        let mut ground = Ground::default();
        let mut own = Vec::new();
        for reference in references {
            match reference {
                ZoneRef::Zone(id) => match self.area(id) {
                    Ok(area) => own.push(area.clone()),
                    Err(reason) => ground.miss(Some(reference.clone()), reason),
                },
                ZoneRef::Set(id) => self.add_set(id, &mut ground),
            }
        }
        if !own.is_empty() {
            ground.sets.insert(0, Arc::new(ZoneSet::new(own)));
        }
        if ground.missing.is_empty() && ground.sets.iter().all(|set| set.is_empty()) {
            ground.miss(None, "the condition has no zone at all".to_owned());
        }
        ground
    }

    fn area(&self, id: &ZoneId) -> Result<&Area, String> {
        let zone = self.zones.get(id);
        let zone = zone.ok_or_else(|| format!("zone {id} is not defined"))?;
        zone.area.as_ref().map_err(String::clone)
    }

    fn add_set(&self, id: &ZoneSetId, ground: &mut Ground) {
        let reference = ZoneRef::Set(id.clone());
        let Some(set) = self.sets.get(id) else {
            let reason = format!("{reference} is not defined");
            ground.miss(Some(reference), reason);
            return;
        };
        for reason in set.zones.iter().filter_map(|zone| zone.area.as_ref().err()) {
            ground.miss(Some(reference.clone()), reason.clone());
        }
        ground.sets.push(Arc::clone(&set.areas));
    }
}

impl Ground {
    fn miss(&mut self, zone: Option<ZoneRef>, reason: String) {
        self.missing.push(Missing { zone, reason });
    }

    /// The area at `spot`.
    pub(crate) fn area(&self, spot: Spot) -> Option<&Area> {
        self.sets.get(spot.set)?.get(spot.index)
    }

    /// Where the zone of that id is.
    pub(crate) fn find(&self, zone: &ZoneId) -> Option<Spot> {
        self.sets.iter().enumerate().find_map(|(set, areas)| {
            let index = areas.areas().iter().position(|area| area.id() == zone)?;
            Some(Spot { set, index })
        })
    }
}

/// Where an area is within a [`Ground`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) set: usize,
    pub(crate) index: usize,
}
