//! What is judged in the order of observation, each lane for itself: where the wearer is, and alcohol.

use model::registry::{Activation, DeviceKind};
use model::{EventCode, Reading, ReadingBody, Timestamp};
use serde::{Deserialize, Serialize};

/// Readings that are judged in one order. Those of alcohol come a day at once, while positions come as
/// they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Place,
    Alcohol,
}

impl Lane {
    /// The lane of a reading; none of what is judged whenever it comes. Events that say what the
    /// readings of an alcohol tag or of a home unit are worth are in the lane of those.
    pub(super) fn of(reading: &Reading, activations: &[Activation]) -> Option<Self> {
        let device = &reading.report.device;
        let is = |kind| {
            let mut known = activations.iter();
            known.any(|known| known.kind == kind && known.device == *device)
        };
        match &reading.report.body {
            ReadingBody::Position(_) | ReadingBody::Presence { .. } => Some(Self::Place),
            ReadingBody::Alcohol(_) => Some(Self::Alcohol),
            ReadingBody::CheckIn(_) => None,
            ReadingBody::Event(event) => match event.code {
                EventCode::StrapCut | EventCode::StrapRestored => {
                    is(DeviceKind::Alcohol).then_some(Self::Alcohol)
                }
                EventCode::HmuMoved | EventCode::MainsLost | EventCode::MainsRestored => {
                    is(DeviceKind::Rf).then_some(Self::Place)
                }
                EventCode::CaseOpen
                | EventCode::CaseClosed
                | EventCode::Battery
                | EventCode::BatteryLow
                | EventCode::BatteryDead
                | EventCode::ChargingStart
                | EventCode::ChargingEnd
                | EventCode::MotionStart
                | EventCode::MotionEnd
                | EventCode::JammingStart
                | EventCode::JammingEnd
                | EventCode::Fault => None,
            },
        }
    }
}

/// A time in each lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Lanes {
    pub(super) place: Timestamp,
    pub(super) alcohol: Timestamp,
}

impl Lanes {
    pub(super) const fn both(at: Timestamp) -> Self {
        Self {
            place: at,
            alcohol: at,
        }
    }

    pub(super) const fn get(&self, lane: Lane) -> Timestamp {
        match lane {
            Lane::Place => self.place,
            Lane::Alcohol => self.alcohol,
        }
    }

    pub(super) const fn get_mut(&mut self, lane: Lane) -> &mut Timestamp {
        match lane {
            Lane::Place => &mut self.place,
            Lane::Alcohol => &mut self.alcohol,
        }
    }

    /// The later in each lane.
    pub(super) fn max(self, other: Self) -> Self {
        Self {
            place: self.place.max(other.place),
            alcohol: self.alcohol.max(other.alcohol),
        }
    }

    /// Whether it is before `other` in each lane.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.place < other.place && self.alcohol < other.alcohol
    }
}
