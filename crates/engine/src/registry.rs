//! How changes of what is to be watched reach the wearers concerned.

use std::collections::BTreeMap;

use model::registry::{Absence, Condition, Duty, Order, RegistryKey, ZoneRef};
use model::{AbsenceId, ConditionId, PlaceId, WearerId};

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::Engine;
use crate::wearer::{Lifted, Wearer};
use crate::windows::Span;

/// Wearers in the order of entry. Each reading looks one up: one hash, where a tree compares ids all the way down, each
/// somewhere else in memory, and the wearer stands beside the id. Hashed without randomness.
pub(crate) type Wearers = IndexMap<WearerId, Wearer, FxBuildHasher>;

/// Who is concerned by what, as positions in the list of wearers. Entries outlive variations that
/// drop them: a wearer asked in vain does nothing.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_zones: BTreeMap<ZoneRef, Positions>,
    by_place: BTreeMap<PlaceId, Positions>,
    by_condition: BTreeMap<ConditionId, Positions>,
}

/// Wearers concerned, ascending. Most zones, places and conditions are of one, for whom no room of its own is made.
#[derive(Debug, Default)]
struct Positions(SmallVec<[usize; 1]>);

impl Positions {
    fn insert(&mut self, position: usize) {
        if let Err(index) = self.0.binary_search(&position) {
            self.0.insert(index, position);
        }
    }
}

impl Index {
    /// Enters what `condition` of the wearer at `position` refers to.
    pub(crate) fn enter(&mut self, condition: &Condition, position: usize) {
        let conditions = self.by_condition.entry(condition.id.clone()).or_default();
        conditions.insert(position);
        for zone in zones(condition) {
            self.by_zones
                .entry(zone.clone())
                .or_default()
                .insert(position);
        }
        if let Some(place) = place(condition) {
            self.by_place
                .entry(place.clone())
                .or_default()
                .insert(position);
        }
    }
}

impl Engine {
    /// The position of a wearer, who is made known if they were not.
    pub(crate) fn wearer(&mut self, id: &WearerId) -> usize {
        if let Some(position) = self.wearers.get_index_of(id) {
            return position;
        }
        let (position, _) = self
            .wearers
            .insert_full(id.clone(), Wearer::new(id.clone()));
        if id.is_partition() {
            self.partitions.insert(id.clone(), position);
        }
        position
    }

    pub(crate) fn put_order(&mut self, order: &Order) {
        let position = self.wearer(&order.wearer);
        for condition in &order.conditions {
            self.index.enter(condition, position);
        }
        self.with(position, |wearer, loan| wearer.put_order(order, loan));
    }

    /// An absence may become known before its order: it is kept by condition.
    pub(crate) fn put_absence(&mut self, absence: &Absence) {
        let before = self.absences.insert(absence.id.clone(), absence.clone());
        self.lifted = lifted(&self.absences);
        // It may have been from another condition.
        if let Some(before) = before.filter(|before| before.condition != absence.condition) {
            self.replan_lifted(&before.condition);
        }
        self.replan_lifted(&absence.condition);
    }

    fn replan_lifted(&mut self, changed: &ConditionId) {
        let concerned = concerned(&self.index.by_condition, changed);
        for &position in &concerned {
            self.with(position, |wearer, loan| wearer.note_lifted(changed, loan));
        }
        self.replan(&concerned, |condition| condition.id == *changed);
    }

    /// Takes out what is registered no more. An activation is as if it had never been; what it brought
    /// in stays evidence. Orders end, and wearers are forgotten: neither is removed.
    pub(crate) fn remove(&mut self, key: &RegistryKey) {
        match key {
            RegistryKey::Zone(id) => {
                self.atlas.remove_zone(id);
                self.replan_zones(&ZoneRef::Zone(id.clone()));
            }
            RegistryKey::ZoneSet(id) => {
                self.atlas.remove_set(id);
                self.replan_zones(&ZoneRef::Set(id.clone()));
            }
            RegistryKey::Place(id) => {
                self.atlas.remove_place(id);
                self.replan_place(id);
            }
            RegistryKey::Absence(id) => {
                if let Some(absence) = self.absences.remove(id) {
                    self.lifted = lifted(&self.absences);
                    self.replan_lifted(&absence.condition);
                }
            }
            RegistryKey::Activation {
                device,
                wearer,
                from,
            } => {
                if let Some(position) = self.wearers.get_index_of(wearer) {
                    self.with(position, |wearer, loan| {
                        wearer.never_wore(device, *from, loan);
                    });
                }
            }
            RegistryKey::Order(_) | RegistryKey::Wearer(_) => {}
        }
    }

    pub(crate) fn replan_zones(&mut self, changed: &ZoneRef) {
        let concerned = concerned(&self.index.by_zones, changed);
        self.replan(&concerned, |condition| zones(condition).contains(changed));
    }

    pub(crate) fn replan_place(&mut self, changed: &PlaceId) {
        let concerned = concerned(&self.index.by_place, changed);
        self.replan(&concerned, |condition| place(condition) == Some(changed));
    }

    fn replan(&mut self, positions: &[usize], concerns: impl Fn(&Condition) -> bool) {
        for &position in positions {
            self.with(position, |wearer, loan| wearer.replan(&concerns, loan));
        }
    }
}

fn concerned<K: Ord>(by: &BTreeMap<K, Positions>, key: &K) -> Vec<usize> {
    by.get(key)
        .map_or_else(Vec::new, |positions| positions.0.to_vec())
}

/// Absences by condition.
pub(crate) fn lifted(absences: &BTreeMap<AbsenceId, Absence>) -> Lifted {
    let mut lifted = Lifted::new();
    for absence in absences.values() {
        lifted
            .entry(absence.condition.clone())
            .or_default()
            .push(Span {
                start: absence.from,
                end: absence.to,
            });
    }
    lifted
}

fn zones(condition: &Condition) -> &[ZoneRef] {
    match &condition.duty {
        Duty::ExclusionZone { zones, .. }
        | Duty::InclusionZone { zones, .. }
        | Duty::RestrictionZone { zones, .. } => zones,
        Duty::Curfew { .. }
        | Duty::AlcoholAbstinence
        | Duty::AlcoholLimit { .. }
        | Duty::Attendance { .. }
        | Duty::CheckIn { .. }
        | Duty::Trail => &[],
    }
}

fn place(condition: &Condition) -> Option<&PlaceId> {
    match &condition.duty {
        Duty::Curfew { place, .. } | Duty::Attendance { place, .. } => Some(place),
        Duty::CheckIn { place, .. } => place.as_ref(),
        Duty::ExclusionZone { .. }
        | Duty::InclusionZone { .. }
        | Duty::RestrictionZone { .. }
        | Duty::AlcoholAbstinence
        | Duty::AlcoholLimit { .. }
        | Duty::Trail => None,
    }
}
