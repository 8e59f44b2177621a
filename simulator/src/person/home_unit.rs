//! A wearer's home monitoring unit.

use model::registry::{Activation, DeviceKind};
use model::{DeviceId, IdError, PlaceId, Timestamp, WearerId};

use crate::WorldConfig;
use crate::dice::{Dice, Stream};
use crate::tag::HOME_UNIT_REPORTS_S;

/// A home unit, at the address of the curfew.
#[derive(Debug, Clone)]
pub(crate) struct OwnHomeUnit {
    pub(crate) device: DeviceId,
    place: PlaceId,
}

impl OwnHomeUnit {
    /// That of the `index`-th wearer, where they have one: `place` is their curfew's.
    pub(super) fn new(
        config: &WorldConfig,
        index: u64,
        place: Option<&PlaceId>,
    ) -> Result<Option<Self>, IdError> {
        let mut dice = Dice::new(config.seed, Stream::HomeUnit, index, 0);
        let Some(place) = place.filter(|_place| dice.chance(config.people.home_units)) else {
            return Ok(None);
        };
        Ok(Some(Self {
            device: DeviceId::new(format!("HMU-{:06}", index + 1))?,
            place: place.clone(),
        }))
    }

    pub(super) fn activation_record(&self, wearer: WearerId, from: Timestamp) -> Activation {
        Activation {
            device: self.device.clone(),
            kind: DeviceKind::Rf,
            wearer,
            from,
            to: None,
            cadence_s: HOME_UNIT_REPORTS_S,
            upload_interval_s: HOME_UNIT_REPORTS_S,
            hmu_place: Some(self.place.clone()),
        }
    }
}
