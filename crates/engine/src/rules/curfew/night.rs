//! What settled evidence shows of one curfew window.

use chrono::TimeDelta;
use model::{DecisionKind, Presence, Timestamp};
use serde::{Deserialize, Serialize};

use super::evidence::Absence;
use super::{CurfewRule, Scene};
use crate::episode::Episode;
use crate::rules::scene::seconds;
use crate::windows::Span;

/// What settled evidence shows of one curfew window.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Night {
    pub(super) span: Span,
    seen_present: bool,
    seen_unknown: bool,
    /// The running absence began.
    pub(super) absent_from: Option<Timestamp>,
    /// Milliseconds of absence so far, known ones only.
    absent_ms: i64,
    /// Since when the running absence is known without a break.
    unbroken_from: Option<Timestamp>,
    /// The same, of an absence known to have lasted longer than is let pass.
    long_from: Option<Timestamp>,
    /// Whether the running absence has been told of.
    pub(super) told: bool,
    open: Option<Open>,
    /// What it was like last.
    last: Presence,
}

/// The open episode of an absence.
#[derive(Debug, Serialize, Deserialize)]
struct Open {
    episode: Episode,
    kind: DecisionKind,
    close_at: Option<Timestamp>,
}

impl Night {
    /// Begins, with evidence settled up to `settled`.
    fn new(span: Span, settled: Option<Timestamp>) -> Self {
        Self {
            span,
            seen_present: false,
            seen_unknown: settled.is_none_or(|settled| settled > span.start),
            absent_from: None,
            absent_ms: 0,
            unbroken_from: None,
            long_from: None,
            told: false,
            open: None,
            last: Presence::Unknown,
        }
    }

    /// When the open episode is closed if nothing further comes.
    pub(super) fn close_at(&self) -> Option<Timestamp> {
        self.open.as_ref().and_then(|open| open.close_at)
    }

    /// Absence known so far.
    fn absent(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.absent_ms)
    }

    /// The kind of breach that the running absence is: a wearer who has not been home since the
    /// window began never left it.
    const fn kind(&self) -> DecisionKind {
        if self.seen_present {
            DecisionKind::LeftDuring
        } else {
            DecisionKind::OutPastStart
        }
    }

    fn absence(&self, to: Option<Timestamp>) -> Absence {
        Absence {
            span: self.span,
            from: self.absent_from,
            to,
            length: self.absent(),
        }
    }
}

impl CurfewRule {
    /// What was known, `presence`, held until `to`: nothing that still comes changes that.
    pub(super) fn settle_night(
        &mut self,
        to: Timestamp,
        presence: Presence,
        scene: &mut Scene<'_>,
    ) {
        let Some(mut from) = self.settled else {
            self.settled = Some(to);
            return;
        };
        while from < to {
            let Some(span) = self.plan.diary.at_or_after(from) else {
                break;
            };
            if to <= span.start {
                break;
            }
            self.enter(span);
            self.spend(from.max(span.start), to.min(span.end), presence, scene);
            if to < span.end {
                break;
            }
            self.judge_end(scene);
            from = span.end;
            self.settled = Some(from);
        }
        self.settled = Some(from.max(to));
    }

    fn enter(&mut self, span: Span) {
        if self.night.as_ref().is_none_or(|night| night.span != span) {
            self.night = Some(Night::new(span, self.settled));
        }
    }

    fn spend(&mut self, from: Timestamp, to: Timestamp, presence: Presence, scene: &mut Scene<'_>) {
        let Some(night) = &mut self.night else {
            return;
        };
        if from < to {
            night.last = presence;
        }
        match presence {
            Presence::Present if from < to => self.come_home(from, scene),
            Presence::Present => {}
            Presence::Absent => self.stay_away(from, to, scene),
            Presence::Unknown => {
                night.seen_unknown |= from < to;
                night.unbroken_from = None;
                // An absence that has been told of goes on until there is a return.
                if !night.told {
                    night.absent_from = None;
                }
            }
        }
    }

    fn stay_away(&mut self, from: Timestamp, to: Timestamp, scene: &mut Scene<'_>) {
        let grace = seconds(scene.policy.curfew.grace_s);
        let Some(night) = &mut self.night else {
            return;
        };
        if from < to {
            night.absent_ms += to.since(from).num_milliseconds();
            let unbroken_from = *night.unbroken_from.get_or_insert(from);
            if to.since(unbroken_from) >= grace {
                night.long_from.get_or_insert(unbroken_from);
            }
            night.absent_from.get_or_insert(from);
        }
        let used_up = night
            .absent_from
            .is_some_and(|since| to.since(since) >= grace);
        if used_up && !night.told && from < to {
            self.open_absence(to, scene);
        }
    }

    /// Opens the breach that the running absence is, as known at `until`.
    fn open_absence(&mut self, until: Timestamp, scene: &mut Scene<'_>) {
        let Some(night) = &mut self.night else {
            return;
        };
        night.told = true;
        let kind = night.kind();
        let onset = night.absent_from.unwrap_or(night.span.start);
        let mut absence = night.absence(None);
        absence.length = absence.length.max(until.since(onset));
        let why = self.evidence(absence, None, scene);
        let episode = scene.desk.open(kind, onset, why);
        if let Some(night) = &mut self.night {
            let close_at = scene.closing(night.span.end);
            night.open = Some(Open {
                episode,
                kind,
                close_at,
            });
        }
    }

    /// By timer: the wearer is taken to be absent still when the grace is used up.
    pub(super) fn use_up_grace(&mut self, due: Timestamp, scene: &mut Scene<'_>) {
        let Some(span) = self.plan.diary.at(due) else {
            return;
        };
        self.enter(span);
        if let Some(night) = &mut self.night {
            night.absent_from.get_or_insert(span.start);
        }
        self.open_absence(due, scene);
    }

    fn come_home(&mut self, at: Timestamp, scene: &mut Scene<'_>) {
        let grace = seconds(scene.policy.curfew.grace_s);
        let Some(night) = &mut self.night else {
            return;
        };
        let absence = night.absence(Some(at));
        let first = !std::mem::replace(&mut night.seen_present, true);
        let from = night.absent_from.take();
        let told = std::mem::take(&mut night.told);
        let open = night.open.take();
        night.unbroken_from = None;
        let long_from = night.long_from.take();
        if let Some(open) = open {
            let short = from.is_some_and(|from| at.since(from) < grace);
            let note = short.then(|| "later fixes show a return within the grace".to_owned());
            let why = self.evidence(absence, note, scene);
            scene.desk.clear(open.episode, why);
        }
        // Unlike the breach, which a timer may presume, the fact rests on known absence alone.
        if let (true, true, Some(from)) = (told, first, long_from) {
            let from_known = Absence {
                from: Some(from),
                ..absence
            };
            let why = self.evidence(from_known, None, scene);
            scene.desk.fact(DecisionKind::LateReturn, from, why);
        }
    }

    /// The window is over, as evidence shows it.
    fn judge_end(&mut self, scene: &mut Scene<'_>) {
        let Some(mut night) = self.night.take() else {
            return;
        };
        let absence = night.absence(Some(night.span.end));
        let absent_from = night
            .unbroken_from
            .filter(|_| night.last == Presence::Absent);
        let throughout = absent_from.is_some() && !night.seen_present && !night.seen_unknown;
        if let Some(open) = night.open.take() {
            let note = if throughout {
                "became absent_throughout"
            } else {
                "the curfew has ended"
            };
            let why = self.evidence(absence, Some(note.to_owned()), scene);
            scene.desk.clear(open.episode, why);
        }
        let Some(from) = absent_from else {
            return;
        };
        let kind = match (throughout, night.seen_present) {
            (true, _) => DecisionKind::AbsentThroughout,
            (false, true) => DecisionKind::OutAtEnd,
            (false, false) => return,
        };
        let from_known = Absence {
            from: Some(from),
            ..absence
        };
        let why = self.evidence(from_known, None, scene);
        scene.desk.fact(kind, from, why);
    }

    /// By timer: the window is long over and nothing further has come.
    pub(super) fn close_night(&mut self, scene: &mut Scene<'_>) {
        let now = scene.now();
        let close_at = self.night.as_ref().and_then(Night::close_at);
        if close_at.is_some_and(|due| due <= now) {
            self.clear_absence("the curfew has ended and no later fix has come", scene);
        }
    }

    /// Ends the open episode, which stays told of.
    pub(super) fn clear_absence(&mut self, note: &str, scene: &mut Scene<'_>) {
        let open = self.night.as_mut().and_then(|night| {
            let absence = night.absence(None);
            night.open.take().map(|open| (open, absence))
        });
        if let Some((open, absence)) = open {
            let why = self.evidence(absence, Some(note.to_owned()), scene);
            scene.desk.clear(open.episode, why);
        }
    }

    /// After the plan has changed: the window goes on with its new edges, or is no more.
    pub(super) fn revise_night(&mut self, scene: &mut Scene<'_>) {
        let Some(began) = self.night.as_ref().map(|night| night.span.start) else {
            return;
        };
        // A timer may have entered the window before evidence did.
        let reached = self.settled.map_or(began, |settled| settled.max(began));
        match self.plan.diary.at(reached) {
            Some(span) => {
                let close_at = scene.closing(span.end);
                if let Some(night) = &mut self.night {
                    night.span = span;
                    night.absent_from = night.absent_from.map(|from| from.max(span.start));
                    if let Some(open) = &mut night.open {
                        open.close_at = close_at;
                    }
                }
            }
            None => {
                self.clear_absence("the curfew as varied is not in force", scene);
                self.night = None;
            }
        }
    }
}
