//! Who wears which device, and when.

use std::sync::{Arc, PoisonError, RwLock};

use model::registry::{Activation, RegistryKey};
use model::{DeviceId, ObservedAt, PolicyChange, WearerId};
use rustc_hash::FxHashMap;

/// Whose reading it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribution {
    /// The device was worn by this person at the time.
    Wearer(WearerId),
    /// The device is known, but nobody wore it at the time.
    NotActivated,
    /// No such device.
    UnknownDevice,
}

/// Activations by device, as the registry has them at a revision.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    revision: u64,
    activations: FxHashMap<DeviceId, Vec<Activation>>,
}

impl Directory {
    /// The revision of the registry that it has come to.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes in what a change says about devices; other changes mean nothing here.
    pub fn apply(&mut self, change: &PolicyChange) {
        if let PolicyChange::Removed(RegistryKey::Activation {
            device,
            wearer,
            from,
        }) = change
        {
            if let Some(known) = self.activations.get_mut(device) {
                known.retain(|other| other.wearer != *wearer || other.from != *from);
            }
        } else if let PolicyChange::Activation(activation) = change {
            let known = self
                .activations
                .entry(activation.device.clone())
                .or_default();
            known
                .retain(|other| other.wearer != activation.wearer || other.from != activation.from);
            known.push(activation.clone());
            known.sort_by_key(|activation| activation.from);
        }
    }

    /// Attributes what `device` observed at `observed_at`, by activation.
    #[must_use]
    pub fn attribute(&self, device: &DeviceId, observed_at: ObservedAt) -> Attribution {
        let Some(activations) = self.activations.get(device) else {
            return Attribution::UnknownDevice;
        };
        // The newest that covers it: a device handed on while its old activation was left open
        // belongs to its new wearer.
        activations
            .iter()
            .rev()
            .find(|activation| activation.covers(observed_at.0))
            .map_or(Attribution::NotActivated, |found| {
                Attribution::Wearer(found.wearer.clone())
            })
    }
}

/// The directory that all intake shares; replaced as a whole when the registry changes.
#[derive(Debug, Clone, Default)]
pub struct SharedDirectory(Arc<RwLock<Arc<Directory>>>);

impl SharedDirectory {
    /// The directory as it is now.
    #[must_use]
    pub fn get(&self) -> Arc<Directory> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes in changes that lead to `revision` of the registry. Whoever holds the directory keeps it as it was; a copy
    /// is made only then. One task at a time may do this.
    pub fn follow(&self, changes: impl IntoIterator<Item = PolicyChange>, revision: u64) {
        let take_in = |directory: &mut Directory| {
            for change in changes {
                directory.apply(&change);
            }
            directory.revision = revision;
        };
        let write = || self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = Arc::get_mut(&mut write()) {
            return take_in(directory);
        }
        // Not while others wait for it.
        let mut directory = Directory::clone(&self.get());
        take_in(&mut directory);
        *write() = Arc::new(directory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activation(wearer: &str, from: &str, to: Option<&str>) -> PolicyChange {
        let to = to.map_or("null".to_owned(), |to| format!("\"{to}\""));
        let text = format!(
            r#"{{"device":"D","kind":"gps","wearer":"{wearer}","from":"{from}","to":{to}}}"#
        );
        PolicyChange::Activation(serde_json::from_str(&text).unwrap())
    }

    fn at(text: &str) -> ObservedAt {
        ObservedAt(text.parse().unwrap())
    }

    #[test]
    fn a_device_worn_by_two_people_in_turn_is_attributed_by_time() {
        let mut directory = Directory::default();
        directory.apply(&activation(
            "W-1",
            "2026-03-01T00:00:00Z",
            Some("2026-03-10T00:00:00Z"),
        ));
        directory.apply(&activation("W-2", "2026-03-11T00:00:00Z", None));
        let device = DeviceId::new("D").unwrap();
        let wearer = |id| Attribution::Wearer(WearerId::new(id).unwrap());
        assert_eq!(
            directory.attribute(&device, at("2026-03-05T00:00:00Z")),
            wearer("W-1")
        );
        assert_eq!(
            directory.attribute(&device, at("2026-03-12T00:00:00Z")),
            wearer("W-2")
        );
        let between = directory.attribute(&device, at("2026-03-10T12:00:00Z"));
        assert_eq!(between, Attribution::NotActivated);
        let other = DeviceId::new("E").unwrap();
        let unknown = directory.attribute(&other, at("2026-03-12T00:00:00Z"));
        assert_eq!(unknown, Attribution::UnknownDevice);
    }

    #[test]
    fn closing_an_activation_replaces_the_open_one() {
        let mut directory = Directory::default();
        directory.apply(&activation("W-1", "2026-03-01T00:00:00Z", None));
        directory.apply(&activation(
            "W-1",
            "2026-03-01T00:00:00Z",
            Some("2026-03-10T00:00:00Z"),
        ));
        let device = DeviceId::new("D").unwrap();
        let after = directory.attribute(&device, at("2026-03-12T00:00:00Z"));
        assert_eq!(after, Attribution::NotActivated);
    }

    #[test]
    fn who_holds_the_directory_keeps_it_as_it_was() {
        let shared = SharedDirectory::default();
        shared.follow([activation("W-1", "2026-03-01T00:00:00Z", None)], 1);
        let held = shared.get();
        shared.follow([activation("W-2", "2026-03-11T00:00:00Z", None)], 2);
        let device = DeviceId::new("D").unwrap();
        let worn_by =
            |directory: &Directory| directory.attribute(&device, at("2026-03-12T00:00:00Z"));
        let wearer = |id| Attribution::Wearer(WearerId::new(id).unwrap());
        assert_eq!((held.revision(), worn_by(&held)), (1, wearer("W-1")));
        drop(held);
        let now = shared.get();
        assert_eq!((now.revision(), worn_by(&now)), (2, wearer("W-2")));
    }
}
