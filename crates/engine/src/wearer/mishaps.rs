//! What has gone wrong with a wearer's devices.

use model::Timestamp;
use model::registry::Activation;
use serde::{Deserialize, Serialize};

use crate::TimerReason;
use crate::rules::{Charges, FaultDesk, Faults, Gap, Strays, Troubles};
use crate::timers::Earliest;

/// What has gone wrong with a wearer's devices, or is told of a partition in the place of a wearer. Of most wearers
/// nothing has.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Mishaps {
    pub(super) faults: Faults,
    pub(super) troubles: Troubles,
    pub(super) charges: Charges,
    pub(super) strays: Strays,
    pub(super) gap: Gap,
}

impl Mishaps {
    /// Whether anything goes on that a fix might end.
    pub(super) fn go_on(&self) -> bool {
        !self.faults.is_empty() || self.troubles.go_on()
    }

    /// Does what is due.
    pub(super) fn on_time(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        self.troubles.on_time(desk);
        self.charges.on_time(activations, desk);
        self.strays.on_time(desk);
    }

    /// Ends what is open about devices that are no longer worn.
    pub(super) fn taken_off(&mut self, activations: &[Activation], desk: &mut FaultDesk<'_>) {
        self.troubles.taken_off(activations, desk);
        self.faults.taken_off(activations, desk);
    }

    /// When something is due next.
    pub(super) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        Earliest::default()
            .or_that(self.troubles.deadline())
            .or_that(self.charges.deadline())
            .or_that(self.strays.deadline())
            .get()
    }
}
