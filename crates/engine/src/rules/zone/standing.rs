//! An open episode of a zone condition, with the evidence it was opened on.

use model::{DecisionKind, Evidence, Timestamp, ZoneEvidence};
use serde::{Deserialize, Serialize};

use super::Scene;
use super::evidence::Told;
use crate::episode::Episode;
use crate::trail::hundredths;
use crate::windows::Span;

/// An open episode of a zone condition.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Standing {
    pub(super) episode: Episode,
    /// The window it belongs to.
    pub(super) span: Span,
    /// When it is closed if nothing further comes; never, if its window does not end.
    pub(super) close_at: Option<Timestamp>,
    /// The evidence last told.
    pub(super) told: ZoneEvidence,
}

impl Standing {
    pub(super) fn open(
        kind: DecisionKind,
        onset: Timestamp,
        span: Span,
        told: Told,
        scene: &mut Scene<'_>,
    ) -> Self {
        let Told(told) = told;
        Self {
            episode: scene.desk.open(kind, onset, Evidence::Zone(told.clone())),
            span,
            close_at: scene.closing(span.end),
            told,
        }
    }

    /// A further zone of the condition.
    pub(super) fn update(&mut self, told: Told, scene: &mut Scene<'_>) {
        self.told = told.0;
        let why = Evidence::Zone(self.told.clone());
        scene.desk.update(&mut self.episode, why);
    }

    /// Remembers how deep it went.
    pub(super) fn deepen(&mut self, depth_m: f64) {
        self.told.deepest_m = self.told.deepest_m.max(hundredths(depth_m));
    }

    /// Ends it for another reason than fixes.
    pub(super) fn clear(self, note: &str, ended: Option<Timestamp>, scene: &mut Scene<'_>) {
        let why = ZoneEvidence {
            note: Some(note.to_owned()),
            ended,
            ..self.told
        };
        scene.desk.clear(self.episode, Evidence::Zone(why));
    }
}
