//! What cannot be watched for want of something, told of once.

use model::DecisionKind;
use serde::{Deserialize, Serialize};

use super::Scene;
use crate::episode::Episode;

/// The open episode of something that cannot be watched, if there is one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Missing(Option<Episode>);

impl Missing {
    pub(super) const fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Tells of it, unless that has been done.
    pub(super) fn tell(&mut self, kind: DecisionKind, reason: &str, scene: &mut Scene<'_>) {
        if self.0.is_none() {
            let why = scene.oversight(reason.to_owned(), Vec::new());
            self.0 = Some(scene.desk.open_unheard(kind, scene.now(), why));
        }
    }

    /// It is there, or no longer wanted.
    pub(super) fn clear(&mut self, note: &str, scene: &mut Scene<'_>) {
        if let Some(episode) = self.0.take() {
            let why = scene.oversight(note.to_owned(), Vec::new());
            scene.desk.clear(episode, why);
        }
    }
}
