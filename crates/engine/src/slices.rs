//! A snapshot taken in slices, beside the work: whoever is about to change is written first, so that all
//! of it is of the moment at which it was begun.
//!
//! It is a head, the zones (of shared sets, then single ones) and the wearers, one after the other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use model::registry::{Absence, Place, Zone};
use model::{AbsenceId, Decision, DeviceCommand, PlaceId, Timestamp, ZoneSetId};
use serde::{Deserialize, Serialize};

use crate::atlas::Atlas;
use crate::intake::Intake;
use crate::snapshot::{Pages, SnapshotError, begin, push};
use crate::wearer::{HistoryRequest, Wearer};
use crate::{Engine, RulesPolicy};

/// A snapshot under way.
#[derive(Debug)]
pub(crate) struct Slices {
    head: Vec<u8>,
    /// Those not written yet. They are replaced, never changed.
    zones: std::vec::IntoIter<Arc<Zone>>,
    /// The first wearer not written yet.
    next: usize,
    /// How many wearers there were.
    wearers: usize,
    /// Those who have changed before it was their turn, as they were.
    before: BTreeMap<usize, Result<Vec<u8>, SnapshotError>>,
}

#[derive(Serialize)]
struct HeadRef<'a> {
    policy: &'a RulesPolicy,
    now: Timestamp,
    registry: u64,
    intake: &'a Intake,
    absences: &'a BTreeMap<AbsenceId, Absence>,
    places: &'a BTreeMap<PlaceId, Place>,
    sets: BTreeMap<&'a ZoneSetId, usize>,
    zones: usize,
    wearers: usize,
    out: &'a VecDeque<Decision>,
    commands: &'a VecDeque<DeviceCommand>,
    requests: &'a VecDeque<HistoryRequest>,
}

/// What comes before the zones and the wearers, and how many of each there are.
#[derive(Deserialize)]
struct Head {
    policy: RulesPolicy,
    now: Timestamp,
    registry: u64,
    intake: Intake,
    absences: BTreeMap<AbsenceId, Absence>,
    places: BTreeMap<PlaceId, Place>,
    sets: BTreeMap<ZoneSetId, usize>,
    zones: usize,
    wearers: usize,
    out: VecDeque<Decision>,
    commands: VecDeque<DeviceCommand>,
    requests: VecDeque<HistoryRequest>,
}

impl Slices {
    pub(crate) fn begin(engine: &Engine) -> Result<Self, SnapshotError> {
        let zones = engine.atlas.every_zone();
        let head = HeadRef {
            policy: &engine.policy,
            now: engine.now,
            registry: engine.registry,
            intake: &engine.intake,
            absences: &engine.absences,
            places: engine.atlas.places(),
            sets: engine.atlas.set_sizes(),
            zones: engine.atlas.single_zones(),
            wearers: engine.wearers.len(),
            out: &engine.out,
            commands: &engine.commands,
            requests: &engine.requests,
        };
        let mut bytes = begin();
        push(&mut bytes, &head)?;
        Ok(Self {
            head: bytes,
            zones: zones.into_iter(),
            next: 0,
            wearers: engine.wearers.len(),
            before: BTreeMap::new(),
        })
    }

    /// Writes the wearer at `position`, who is about to change, unless that is done already.
    pub(crate) fn keep(&mut self, position: usize, wearer: &Wearer) {
        if (self.next..self.wearers).contains(&position) {
            self.before.entry(position).or_insert_with(|| {
                let mut bytes = Vec::new();
                push(&mut bytes, wearer).map(|()| bytes)
            });
        }
    }

    /// The next up to `max` zones and wearers; nothing once all are written.
    pub(crate) fn slice(
        &mut self,
        wearers: &[Wearer],
        max: usize,
    ) -> Result<Vec<u8>, SnapshotError> {
        let mut bytes = std::mem::take(&mut self.head);
        let waiting = self.zones.len();
        for zone in self.zones.by_ref().take(max) {
            push(&mut bytes, &zone)?;
        }
        let from = self.next.min(self.wearers);
        let to = self
            .wearers
            .min(from.saturating_add(max.saturating_sub(waiting)));
        self.next = to;
        for (position, wearer) in wearers.iter().enumerate().take(to).skip(from) {
            match self.before.remove(&position) {
                Some(before) => bytes.append(&mut before?),
                None => push(&mut bytes, wearer)?,
            }
        }
        Ok(bytes)
    }
}

/// The engine that a snapshot was taken of, without what is built again.
pub(crate) fn read(bytes: &[u8]) -> Result<Engine, SnapshotError> {
    let mut pages = Pages::of(bytes)?;
    let head: Head = pages.read()?;
    let mut atlas = Atlas::with_places(head.places);
    for (id, zones) in head.sets {
        atlas.chart_set(id, pages.read_all(zones)?);
    }
    for zone in pages.read_all(head.zones)? {
        atlas.chart_zone(zone);
    }
    let mut engine = Engine::new(head.policy);
    engine.now = head.now;
    engine.registry = head.registry;
    engine.intake = head.intake;
    engine.atlas = atlas;
    engine.absences = head.absences;
    engine.wearers = pages.read_all(head.wearers)?;
    engine.out = head.out;
    engine.commands = head.commands;
    engine.requests = head.requests;
    Ok(engine)
}
