//! What a snapshot is made of.

use std::collections::{BTreeMap, VecDeque};

use model::registry::{Absence, Place};
use model::{AbsenceId, Decision, DeviceCommand, Timestamp, ZoneId, ZoneSetId};
use serde::{Deserialize, Serialize};

use crate::atlas::{ChartedSet, ChartedZone};
use crate::intake::Intake;
use crate::wearer::{HistoryRequest, Wearer};
use crate::{Engine, RulesPolicy, SnapshotError};

/// A section that is written.
#[derive(Debug, Serialize)]
pub(super) enum Written<'a> {
    Core(CoreWritten<'a>),
    Zone(&'a ZoneId, &'a ChartedZone),
    Set(&'a ZoneSetId, &'a ChartedSet),
    Place(&'a Place),
    /// With the wearer's position.
    Wearer(usize, &'a Wearer),
}

/// A section that is read: the same, owned.
#[derive(Debug, Deserialize)]
enum Section {
    Core(Box<Core>),
    Zone(ZoneId, ChartedZone),
    Set(ZoneSetId, ChartedSet),
    Place(Place),
    Wearer(usize, Box<Wearer>),
}

/// What is not of one wearer, zone, set or place.
#[derive(Debug, Serialize)]
pub(super) struct CoreWritten<'a> {
    policy: &'a RulesPolicy,
    now: Timestamp,
    registry: u64,
    intake: &'a Intake,
    absences: &'a BTreeMap<AbsenceId, Absence>,
    out: &'a VecDeque<Decision>,
    commands: &'a VecDeque<DeviceCommand>,
    requests: &'a VecDeque<HistoryRequest>,
    /// How many sections there are beside this one.
    others: usize,
}

#[derive(Debug, Deserialize)]
struct Core {
    policy: RulesPolicy,
    now: Timestamp,
    registry: u64,
    intake: Intake,
    absences: BTreeMap<AbsenceId, Absence>,
    out: VecDeque<Decision>,
    commands: VecDeque<DeviceCommand>,
    requests: VecDeque<HistoryRequest>,
    others: usize,
}

impl<'a> Written<'a> {
    /// All that is not of one wearer, zone, set or place.
    pub(super) fn core(engine: &'a Engine) -> Self {
        Self::Core(CoreWritten {
            policy: &engine.policy,
            now: engine.now,
            registry: engine.registry,
            intake: &engine.intake,
            absences: &engine.absences,
            out: &engine.out,
            commands: &engine.commands,
            requests: &engine.requests,
            others: engine.wearers.len() + engine.atlas.len(),
        })
    }

    /// Writes it behind its length.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) -> Result<(), SnapshotError> {
        let begin = bytes.len();
        bytes.extend(u64::MAX.to_le_bytes());
        let content = bytes.len();
        rmp_serde::encode::write_named(bytes, self)?;
        let length = u64::try_from(bytes.len() - content).unwrap_or(u64::MAX);
        if let Some(place) = bytes.get_mut(begin..content) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        Ok(())
    }
}

/// The next section's bytes, and those that follow; nothing where some of it is missing.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

/// The engine whose sections these are, in whatever order.
pub(super) fn read(mut bytes: &[u8]) -> Result<Engine, SnapshotError> {
    let mut engine = Engine::new(RulesPolicy::default());
    let mut wearers = Vec::new();
    let (mut expected, mut found) = (0, 0);
    while let Some((section, rest)) = split(bytes) {
        match rmp_serde::from_slice(section)? {
            Section::Core(core) => {
                expected = core.others + 1;
                core.put_into(&mut engine);
            }
            Section::Zone(id, zone) => engine.atlas.restore_zone(id, zone),
            Section::Set(id, set) => engine.atlas.restore_set(id, set),
            Section::Place(place) => engine.atlas.put_place(place),
            Section::Wearer(position, mut wearer) => {
                wearer.share_orders();
                wearers.push((position, wearer));
            }
        }
        bytes = rest;
        found += 1;
    }
    if found != expected || !bytes.is_empty() {
        return Err(SnapshotError::Incomplete { expected, found });
    }
    wearers.sort_unstable_by_key(|(position, _)| *position);
    let wearers = wearers.into_iter();
    engine.wearers = wearers
        .map(|(_, wearer)| (wearer.id().clone(), *wearer))
        .collect();
    engine.rebuild();
    Ok(engine)
}

impl Core {
    fn put_into(self, engine: &mut Engine) {
        engine.policy = self.policy;
        engine.now = self.now;
        engine.registry = self.registry;
        engine.intake = self.intake;
        engine.absences = self.absences;
        engine.out = self.out;
        engine.commands = self.commands;
        engine.requests = self.requests;
    }
}
