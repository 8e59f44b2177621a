//! What decides who may see somebody.

use std::collections::BTreeSet;

use model::Recipient;
use model::registry::Wearer;

use super::scope::{SPECIALS_FLAGS, SPECIALS_QUEUE};

/// What decides who may see a wearer, or an alert about one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The police force of their area, by their newest profile.
    pub police_force: Option<String>,
    /// Their probation region.
    pub probation_region: Option<String>,
    /// Whether their profile says that only those named may see them.
    pub special: bool,
    /// The queues that were told: about the alert or, of a wearer, about any alert of theirs.
    pub told: BTreeSet<Recipient>,
}

impl Facts {
    /// What a profile says; nothing, where there is none.
    #[must_use]
    pub fn of(profile: Option<&Wearer>) -> Self {
        profile.map_or_else(Self::default, |profile| Self {
            police_force: profile.police_force.clone(),
            probation_region: profile.probation_region.clone(),
            special: SPECIALS_FLAGS
                .iter()
                .any(|flag| profile.flags.contains(*flag)),
            told: BTreeSet::new(),
        })
    }

    /// The same, and these queues were told.
    #[must_use]
    pub fn told(self, told: impl IntoIterator<Item = Recipient>) -> Self {
        Self {
            told: told.into_iter().collect(),
            ..self
        }
    }

    /// Whether only those named may see them: by their profile, or because the specials' queue was told.
    #[must_use]
    pub fn are_special(&self) -> bool {
        self.special
            || self
                .told
                .iter()
                .any(|queue| queue.as_str() == SPECIALS_QUEUE)
    }
}
