//! Forgetting a wearer, for when everything about them is to be erased.

use std::collections::BTreeSet;

use model::{DeviceId, PolicyChange, WearerId};

use crate::Engine;
use crate::registry::Index;
use crate::timers::Timers;

impl Engine {
    /// Forgets `wearer` and what `theirs`, the policy changes about nobody else, brought: places and
    /// zones that no other order points at, absences. A zone among them must be nobody else's. From here
    /// on it decides, and is written to a snapshot, as if neither had ever been handed in; only engine
    /// time stays. Of a wearer it never knew it forgets the places and zones.
    pub fn forget(&mut self, wearer: &WearerId, theirs: &[PolicyChange]) {
        let mut devices: BTreeSet<&DeviceId> = BTreeSet::new();
        for change in theirs {
            match change {
                PolicyChange::Place(place) => self.atlas.remove_place(&place.id),
                PolicyChange::Zone(zone) => self.atlas.remove_zone(&zone.id),
                PolicyChange::Absence(absence) => {
                    self.absences.remove(&absence.id);
                }
                PolicyChange::Activation(activation) => {
                    devices.insert(&activation.device);
                }
                PolicyChange::Wearer(_)
                | PolicyChange::Order(_)
                | PolicyChange::ZoneSet { .. }
                | PolicyChange::Removed(_)
                | PolicyChange::Revision { .. }
                | PolicyChange::Rules { .. }
                | PolicyChange::IntakeGap { .. }
                | PolicyChange::BrokerDropped(_)
                | PolicyChange::Stray { .. } => {}
            }
        }
        self.wearers.retain(|known, _| known != wearer);
        self.out.retain(|decision| decision.wearer != *wearer);
        self.requests.retain(|request| request.wearer != *wearer);
        self.commands
            .retain(|command| !devices.contains(&command.device));
        // Both are by position in the list of wearers, which have moved up.
        self.index = Index::default();
        self.timers = Timers::default();
        self.rebuild();
    }
}
