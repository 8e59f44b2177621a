//! What lies where: zones, shared sets of zones and places, as defined and as compiled.

use std::collections::BTreeMap;
use std::sync::Arc;

use geometry::{Area, ZoneSet};
use model::registry::{Place, Zone, ZoneRef};
use model::{PlaceId, ZoneId, ZoneSetId};
use serde::{Deserialize, Serialize};

/// Everything defined on the ground.
#[derive(Debug, Default)]
pub(crate) struct Atlas {
    zones: BTreeMap<ZoneId, ChartedZone>,
    sets: BTreeMap<ZoneSetId, ChartedSet>,
    places: BTreeMap<PlaceId, Place>,
}

/// A zone as defined, and as compiled or why it cannot be.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChartedZone {
    source: Arc<Zone>,
    #[serde(skip)]
    area: Option<Result<Area, String>>,
}

/// A zone or a set of them, by its id.
#[derive(Debug)]
pub(crate) enum Charted {
    Zone(ZoneId, ChartedZone),
    Set(ZoneSetId, ChartedSet),
}

impl ChartedZone {
    fn uncompiled(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            area: None,
        }
    }

    fn compile(&mut self) {
        self.area = Some(Area::of(Arc::clone(&self.source)).map_err(|error| error.to_string()));
    }
}

/// A shared set as defined, and what of it could be compiled.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChartedSet {
    sources: Vec<Arc<Zone>>,
    #[serde(skip)]
    areas: Option<Arc<ZoneSet>>,
    #[serde(skip)]
    refused: Vec<String>,
}

impl ChartedSet {
    fn uncompiled(&self) -> Self {
        Self {
            sources: self.sources.clone(),
            areas: None,
            refused: Vec::new(),
        }
    }

    fn compile(&mut self) {
        let mut areas = Vec::with_capacity(self.sources.len());
        self.refused.clear();
        for zone in &self.sources {
            match Area::of(Arc::clone(zone)) {
                Ok(area) => areas.push(area),
                Err(error) => self.refused.push(error.to_string()),
            }
        }
        self.areas = Some(Arc::new(ZoneSet::new(areas)));
    }
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
    /// Builds again what is not kept in a snapshot.
    pub(crate) fn compile(&mut self) {
        self.zones.values_mut().for_each(ChartedZone::compile);
        self.sets.values_mut().for_each(ChartedSet::compile);
    }

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
        let zones = zones.map(|(id, zone)| Charted::Zone(id.clone(), zone.uncompiled()));
        let sets = self.sets.iter();
        zones.chain(sets.map(|(id, set)| Charted::Set(id.clone(), set.uncompiled())))
    }

    /// Puts in what a snapshot kept, which is compiled with the rest.
    pub(crate) fn restore_zone(&mut self, id: ZoneId, zone: ChartedZone) {
        self.zones.insert(id, zone);
    }

    /// Puts in what a snapshot kept, which is compiled with the rest.
    pub(crate) fn restore_set(&mut self, id: ZoneSetId, set: ChartedSet) {
        self.sets.insert(id, set);
    }

    pub(crate) fn put_zone(&mut self, source: Zone) {
        let id = source.id.clone();
        let mut zone = ChartedZone {
            source: Arc::new(source),
            area: None,
        };
        zone.compile();
        self.zones.insert(id, zone);
    }

    pub(crate) fn put_set(&mut self, id: ZoneSetId, sources: Vec<Zone>) {
        let mut set = ChartedSet {
            sources: sources.into_iter().map(Arc::new).collect(),
            areas: None,
            refused: Vec::new(),
        };
        set.compile();
        self.sets.insert(id, set);
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
        match self.zones.get(id).and_then(|zone| zone.area.as_ref()) {
            Some(Ok(area)) => Ok(area),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(format!("zone {id} is not defined")),
        }
    }

    fn add_set(&self, id: &ZoneSetId, ground: &mut Ground) {
        let reference = ZoneRef::Set(id.clone());
        let Some(set) = self.sets.get(id) else {
            let reason = format!("{reference} is not defined");
            ground.miss(Some(reference), reason);
            return;
        };
        for reason in &set.refused {
            ground.miss(Some(reference.clone()), reason.clone());
        }
        ground.sets.extend(set.areas.clone());
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
