//! Where and until when the fixes of a wearer say nothing new.

use geometry::Patch;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// An edge nearer than this, in metres, leaves no room to be calm in.
pub(super) const ROOM_FROM_M: f64 = 10.0;

/// What a rule would make of a further fix is known beforehand: that things are as they were. It holds of fixes
/// in a patch of ground, observed before some time, that follow the one before without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calm {
    pub(crate) patch: Patch,
    /// Exclusive.
    pub(crate) until: Timestamp,
}

impl Calm {
    /// Of a rule that no fix says anything to.
    pub(crate) const ALWAYS: Self = Self {
        patch: Patch::EVERYWHERE,
        until: Timestamp::MAX,
    };

    /// What holds for both.
    pub(crate) fn shared(&self, other: &Self) -> Self {
        Self {
            patch: self.patch.shared(&other.patch),
            until: self.until.min(other.until),
        }
    }
}
