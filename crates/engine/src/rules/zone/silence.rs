//! Not knowing whether a wearer is inside or outside, by engine time.
//!
//! Of an area to stay in, while that is demanded. Of zones to keep out of, while a breach is open
//! only: that a wearer of whom nothing is heard may be anywhere, the silence of their devices says.

use model::registry::ZoneRef;
use model::{DecisionKind, Evidence, OversightEvidence, Timestamp};
use serde::{Deserialize, Serialize};

use super::plan::Side;
use super::{Scene, Verdict, ZoneRule};
use crate::episode::Episode;
use crate::windows::Span;

/// What is known of not knowing.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Silence {
    /// Watched since.
    from: Option<Timestamp>,
    /// The newest fix after which it was known.
    known_until: Timestamp,
    /// The episode, and the window it belongs to.
    open: Option<(Episode, Span)>,
    due: Option<Timestamp>,
}

impl Silence {
    /// Whether nothing is told of, by somebody who has looked.
    pub(super) const fn is_at_rest(&self) -> bool {
        self.from.is_some() && self.open.is_none()
    }

    /// A fix at `at` shows where the wearer is.
    pub(super) fn know_until(&mut self, at: Timestamp) {
        self.known_until = self.known_until.max(at);
    }

    pub(super) const fn due(&self) -> Option<Timestamp> {
        self.due
    }
}

impl ZoneRule {
    /// Opens and clears what time and evidence call for, and works out when to look again.
    pub(super) fn review_silence(&mut self, scene: &mut Scene<'_>) {
        let now = scene.now();
        let from = *self.silence.from.get_or_insert(now);
        self.silence.due = None;
        let is_known = self.is_known();
        if let (true, Some(last)) = (is_known, scene.trail.last()) {
            self.silence.know_until(last.at);
        }
        let span = self.span_to_know(now);
        if self.silence.open.as_ref().map(|(_, open)| *open) != span {
            self.clear_silence(
                "it is no longer to be known: the duty, or the breach, has ended",
                scene,
            );
        }
        let Some(span) = span else {
            return;
        };
        let margin_s = scene.policy.zone.silence_margin_s;
        let known_until = self.silence.known_until.max(span.start);
        let patience = scene.upload_after(known_until, margin_s);
        if is_known && now < patience {
            self.clear_silence("it is known again where the wearer is", scene);
        }
        if self.silence.open.is_none() {
            let due = scene.excused(patience, from, margin_s);
            if now < due {
                self.silence.due = Some(due.min(span.end));
                return;
            }
            self.open_silence(span, from, scene);
        }
        self.silence.due = (span.end < Timestamp::MAX).then_some(span.end);
    }

    /// The window in which it matters, the current or the next one.
    fn span_to_know(&mut self, now: Timestamp) -> Option<Span> {
        if !self.plan.is_watchable() {
            return None;
        }
        match self.plan.side {
            Some(Side::Inclusion | Side::Restriction) => self.plan.diary.at_or_after(now),
            Some(Side::Exclusion) => {
                let span = self.breach.as_ref().map(|breach| breach.span);
                span.filter(|span| now < span.end)
            }
            None => None,
        }
    }

    pub(super) fn is_known(&self) -> bool {
        let known = |verdict: Verdict| verdict != Verdict::Unknown;
        self.tracks.iter().any(|track| known(track.test.verdict))
    }

    fn open_silence(&mut self, span: Span, from: Timestamp, scene: &mut Scene<'_>) {
        let onset = self.silence.known_until.max(span.start).max(from);
        let limit_s = scene.pace.upload_s + scene.policy.zone.silence_margin_s;
        let reason = format!(
            "since {onset} no fix has shown whether the wearer is inside or outside, for longer than {limit_s} s"
        );
        let why = Evidence::Oversight(OversightEvidence {
            zones: self.zones_tracked(),
            limit_s: Some(limit_s),
            ..OversightEvidence::new(&scene.policy.version, reason)
        });
        let kind = DecisionKind::ZoneUnknown;
        self.silence.open = Some((scene.desk.open_unheard(kind, onset, why), span));
    }

    fn zones_tracked(&self) -> Vec<ZoneRef> {
        let zones = self.tracks.iter().map(|track| track.zone.clone());
        zones.map(ZoneRef::Zone).collect()
    }

    pub(super) fn clear_silence(&mut self, note: &str, scene: &mut Scene<'_>) {
        if let Some((episode, _)) = self.silence.open.take() {
            let why = scene.oversight(note.to_owned(), self.zones_tracked());
            scene.desk.clear(episode, why);
        }
    }
}
