//! Not knowing whether a wearer is at home, by engine time.

use model::{DecisionKind, Presence, Timestamp};
use serde::{Deserialize, Serialize};

use super::evidence::Absence;
use super::{CurfewRule, Scene};
use crate::episode::Episode;
use crate::rules::presence::known;
use crate::windows::Span;

/// What is known of not knowing.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Silence {
    /// Watched since.
    from: Timestamp,
    /// The window watched: the current or the next one.
    span: Option<Span>,
    open: Option<Episode>,
    due: Option<Timestamp>,
}

/// What to do about a window.
enum Step {
    Wait(Timestamp),
    Open,
    Clear(&'static str),
    End,
    NextWindow,
}

impl Silence {
    pub(super) const fn new(from: Timestamp) -> Self {
        Self {
            from,
            span: None,
            open: None,
            due: None,
        }
    }

    pub(super) const fn is_told(&self) -> bool {
        self.open.is_some()
    }

    pub(super) const fn due(&self) -> Option<Timestamp> {
        self.due
    }
}

impl CurfewRule {
    /// Opens and clears what time and evidence call for, and works out when to look again.
    pub(super) fn review_silence(&mut self, scene: &mut Scene<'_>) {
        self.silence.due = None;
        if self.plan.place.is_none() {
            return;
        }
        loop {
            let diary = &mut self.plan.diary;
            let upcoming = self.silence.span.or_else(|| diary.at_or_after(scene.now()));
            self.silence.span = upcoming;
            let Some(span) = upcoming else {
                return;
            };
            match self.next_step(span, scene) {
                Step::Wait(due) => {
                    self.silence.due = Some(due);
                    return;
                }
                Step::Open => {
                    let why = self.evidence(unknown(span), None, scene);
                    let onset = self
                        .known_until(scene)
                        .max(span.start)
                        .max(self.silence.from);
                    let kind = DecisionKind::PresenceUnknown;
                    self.silence.open = Some(scene.desk.open_unheard(kind, onset, why));
                }
                Step::Clear(note) => self.clear_silence(note, scene),
                Step::End => {
                    self.clear_silence("the curfew has ended", scene);
                    self.silence.span = None;
                }
                Step::NextWindow => self.silence.span = None,
            }
        }
    }

    fn next_step(&self, span: Span, scene: &Scene<'_>) -> Step {
        let now = scene.now();
        let known_until = self.known_until(scene);
        let is_known = self.presence(scene) != Presence::Unknown;
        let patience = self.patience(span, scene);
        if self.silence.open.is_some() {
            return match (is_known && patience > now, now >= span.end) {
                (true, _) => Step::Clear("it is known again where the wearer is"),
                (false, true) => Step::End,
                (false, false) => Step::Wait(span.end),
            };
        }
        let due = self.excuse(patience, scene);
        let wholly = known_until <= span.start;
        match (due <= now, due <= span.end || wholly) {
            (true, true) => Step::Open,
            (false, true) => Step::Wait(due),
            (_, false) if now >= span.end => Step::NextWindow,
            (_, false) => Step::Wait(span.end),
        }
    }

    /// Later than `due` for what is no fault of the wearer's: a backlog that has begun to come in, a gap
    /// in our own intake, a condition that we have only just heard of.
    fn excuse(&self, due: Timestamp, scene: &Scene<'_>) -> Timestamp {
        scene.excused(due, self.silence.from, scene.policy.curfew.silence_margin_s)
    }

    /// How long it is waited for something to be known of a window.
    fn patience(&self, span: Span, scene: &Scene<'_>) -> Timestamp {
        let rules = &scene.policy.curfew;
        let wait_from = |known: Timestamp| scene.upload_after(known, rules.silence_margin_s);
        let fixes = self.fixes_known_until(scene);
        let begun = span.start.plus_seconds(rules.grace_s.into());
        // A unit reports at its own cadence: what it says holds in between, without an upload to wait for.
        let units = self.units.known_until(rules);
        let units = units.map_or(begun, |(known, holds)| holds.max(wait_from(known)));
        wait_from(begun.max(fixes)).max(units)
    }

    /// Until when it is known where the wearer is.
    fn known_until(&self, scene: &Scene<'_>) -> Timestamp {
        let units = self.units.known_until(&scene.policy.curfew);
        let fixes = self.fixes_known_until(scene);
        units.map_or(fixes, |(known, _)| known.max(fixes))
    }

    /// Until when fixes show where the wearer is.
    fn fixes_known_until(&self, scene: &Scene<'_>) -> Timestamp {
        match known(&self.away) {
            Presence::Present | Presence::Absent => {
                scene.trail.last().map_or(self.away.since, |fix| fix.at)
            }
            Presence::Unknown => self.away.since,
        }
    }

    /// After the plan has changed.
    pub(super) fn revise_silence(&mut self, scene: &mut Scene<'_>) {
        let current = self.plan.diary.at(scene.now());
        if current.is_none() {
            let why = self.plan.why_not_in_force(scene.now());
            self.clear_silence(why, scene);
        }
        self.silence.span = current;
        self.review_silence(scene);
    }

    pub(super) fn clear_silence(&mut self, note: &str, scene: &mut Scene<'_>) {
        if let (Some(episode), Some(span)) = (self.silence.open.take(), self.silence.span) {
            let why = self.evidence(unknown(span), Some(note.to_owned()), scene);
            scene.desk.clear(episode, why);
        }
    }
}

fn unknown(span: Span) -> Absence {
    Absence {
        span,
        from: None,
        to: None,
        length: chrono::TimeDelta::zero(),
    }
}
