//! Not knowing whether a wearer came, by engine time.

use model::{DecisionKind, Presence, Timestamp};
use serde::{Deserialize, Serialize};

use super::evidence::Known;
use super::visit::Visit;
use super::{AttendanceRule, Scene};
use crate::TimerReason;
use crate::episode::Episode;
use crate::rules::presence::known;
use crate::windows::Span;

/// What is known of not knowing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Silence {
    /// Watched since.
    from: Timestamp,
    /// Appointments that end until here have been given up, or need no giving up.
    until: Timestamp,
    open: Option<(Episode, Span)>,
    due: Option<Timestamp>,
}

impl Silence {
    pub(super) const fn new(from: Timestamp) -> Self {
        Self {
            from,
            until: from,
            open: None,
            due: None,
        }
    }

    pub(super) const fn is_told(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        self.due.map(|due| (due, TimerReason::Silence))
    }

    /// Appointments that end until `until` need no giving up.
    pub(super) fn forgo(&mut self, until: Timestamp) {
        self.until = self.until.max(until);
    }

    /// Whether the appointment has been given up, or needed no giving up.
    pub(super) fn has_judged(&self, span: Span) -> bool {
        span.end <= self.until
    }
}

impl AttendanceRule {
    /// Gives up appointments that time calls for, and works out when to look again.
    pub(super) fn review_silence(&mut self, scene: &mut Scene<'_>) {
        self.silence.due = None;
        if self.plan.place.is_none() {
            return;
        }
        while let Some(span) = self.plan.ending_after(self.silence.until) {
            let due = self.give_up_at(span, scene);
            if scene.now() < due {
                self.silence.due = Some(due);
                return;
            }
            self.give_up(span, scene);
            self.silence.forgo(span.end);
        }
    }

    /// When an appointment is given up. Later for what is no fault of the wearer's: a backlog that
    /// has begun to come in, a gap in our own intake, a condition that we have only just heard of.
    fn give_up_at(&self, span: Span, scene: &Scene<'_>) -> Timestamp {
        let margin_s = scene.policy.attendance.silence_margin_s;
        let due = scene.upload_after(span.end, margin_s);
        scene.excused(due, self.silence.from, margin_s)
    }

    fn give_up(&mut self, span: Span, scene: &mut Scene<'_>) {
        let visit = self.visit.as_ref().filter(|visit| visit.span == span);
        let settled = self.settled.is_some_and(|settled| span.end <= settled);
        if settled || visit.is_some_and(|visit| visit.arrived.is_some()) {
            return;
        }
        let what = visit.map_or(Known::nothing(span), Visit::known);
        self.clear_silence("nothing has come to show it", scene);
        let why = self.evidence(what, None, scene);
        let onset = self.known_until(scene).max(span.start).min(span.end);
        let kind = DecisionKind::PresenceUnknown;
        self.silence.open = Some((scene.desk.open_unheard(kind, onset, why), span));
    }

    /// Until when it is known where the wearer is.
    fn known_until(&self, scene: &Scene<'_>) -> Timestamp {
        match known(&self.away) {
            Presence::Present | Presence::Absent => {
                scene.trail.last().map_or(self.away.since, |fix| fix.at)
            }
            Presence::Unknown => self.away.since,
        }
    }

    /// Evidence about `span` has come after all.
    pub(super) fn resolve_silence(&mut self, span: Span, note: &str, scene: &mut Scene<'_>) {
        if matches!(&self.silence.open, Some((_, open)) if open.meets(&span)) {
            self.clear_silence(note, scene);
        }
    }

    /// After the plan has changed.
    pub(super) fn revise_silence(&mut self, scene: &mut Scene<'_>) {
        if let Some((_, open)) = &self.silence.open {
            let revised = self.plan.ending_after(open.start);
            if revised.is_none_or(|span| open.end <= span.start) {
                self.clear_silence(
                    "an absence is authorised for this time, or the order was changed",
                    scene,
                );
            }
        }
        self.review_silence(scene);
    }

    pub(super) fn clear_silence(&mut self, note: &str, scene: &mut Scene<'_>) {
        if let Some((episode, span)) = self.silence.open.take() {
            let visit = self.visit.as_ref().filter(|visit| visit.span == span);
            let what = visit.map_or(Known::nothing(span), Visit::known);
            let why = self.evidence(what, Some(note), scene);
            scene.desk.clear(episode, why);
        }
    }
}
