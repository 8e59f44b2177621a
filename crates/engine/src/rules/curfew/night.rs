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
    /// By a timer, and not yet shown by evidence.
    presumed: bool,
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
            unbroken_from: None,
            long_from: None,
            told: false,
            open: None,
            last: Presence::Unknown,
        }
    }

    /// Whether the wearer has been home, and nothing is known of them but that they are there.
    pub(super) fn is_at_home(&self) -> bool {
        let away = [self.absent_from, self.unbroken_from, self.long_from];
        self.seen_present && !self.told && self.open.is_none() && away == [None; 3]
    }

    /// When the open episode is closed if nothing further comes.
    pub(super) fn close_at(&self) -> Option<Timestamp> {
        self.open.as_ref().and_then(|open| open.close_at)
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

    /// The running absence, with what the window's absences add up to.
    fn absence(&self, to: Option<Timestamp>, length: TimeDelta) -> Absence {
        Absence {
            span: self.span,
            from: self.absent_from,
            to,
            length,
        }
    }

    /// Goes on with other edges. What began before them began with them.
    fn move_to(&mut self, span: Span, reached: Timestamp, grace: TimeDelta) {
        let clip = |from: Option<Timestamp>| from.map(|from| from.max(span.start));
        if self.span.start < span.start && self.unbroken_from.is_some_and(|from| from <= span.start)
        {
            self.seen_present = false;
            self.seen_unknown = false;
        }
        self.span = span;
        self.absent_from = clip(self.absent_from);
        self.unbroken_from = clip(self.unbroken_from);
        self.long_from = clip(self.long_from).filter(|from| reached.since(*from) >= grace);
    }
}

impl CurfewRule {
    /// Known absence within a window, less what is excused.
    fn known_absence(&self, span: Span) -> TimeDelta {
        self.tally.within(&span, &self.plan.excused)
    }

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

    pub(super) fn enter(&mut self, span: Span) {
        if self.night.as_ref().is_none_or(|night| night.span != span) {
            self.night = Some(Box::new(Night::new(span, self.settled)));
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
        if to <= from {
            return;
        }
        let unbroken_from = *night.unbroken_from.get_or_insert(from);
        if to.since(unbroken_from) >= grace {
            night.long_from.get_or_insert(unbroken_from);
        }
        let since = *night.absent_from.get_or_insert(from);
        let used_up = to.since(since) >= grace;
        if let Some(open) = night.open.as_mut().filter(|_| used_up) {
            open.presumed = false;
        }
        let tell = used_up && !night.told;
        let absence = Span {
            start: from,
            end: to,
        };
        self.count(absence, scene);
        if tell {
            self.open_absence(to, false, scene);
        }
    }

    /// Opens the breach that the running absence is, as known, or presumed, at `until`.
    fn open_absence(&mut self, until: Timestamp, presumed: bool, scene: &mut Scene<'_>) {
        let Some(span) = self.night.as_ref().map(|night| night.span) else {
            return;
        };
        let unsettled = self.running(until).filter(|_| presumed);
        let more = unsettled.map_or(TimeDelta::zero(), |rest| until.since(rest.start));
        let known = self.known_absence(span);
        let Some(night) = &mut self.night else {
            return;
        };
        night.told = true;
        let kind = night.kind();
        let onset = night.absent_from.unwrap_or(span.start);
        let absence = night.absence(None, known + more);
        let why = self.evidence(absence, None, scene);
        let episode = scene.desk.open(kind, onset, why);
        let close_at = scene.closing(span.end);
        if let Some(night) = &mut self.night {
            night.open = Some(Open {
                episode,
                presumed,
                close_at,
            });
        }
    }

    /// By timer: the wearer is taken to be absent still when the grace is used up.
    pub(super) fn use_up_grace(&mut self, due: Timestamp, scene: &mut Scene<'_>) {
        let Some(running) = self.running(due) else {
            return;
        };
        let Some(span) = self.plan.diary.at(due) else {
            return;
        };
        self.enter(span);
        if let Some(night) = &mut self.night {
            night.absent_from.get_or_insert(running.start);
        }
        self.open_absence(due, true, scene);
    }

    pub(super) fn come_home(&mut self, at: Timestamp, scene: &mut Scene<'_>) {
        if let Some(night) = self.night.as_mut().filter(|night| night.is_at_home()) {
            night.last = Presence::Present;
            return;
        }
        let grace = seconds(scene.policy.curfew.grace_s);
        let Some(span) = self.night.as_ref().map(|night| night.span) else {
            return;
        };
        let known = self.known_absence(span);
        let Some(night) = &mut self.night else {
            return;
        };
        let absence = night.absence(Some(at), known);
        night.last = Presence::Present;
        let first = !std::mem::replace(&mut night.seen_present, true);
        let from = night.absent_from.take();
        let told = std::mem::take(&mut night.told);
        let open = night.open.take();
        night.unbroken_from = None;
        let long_from = night.long_from.take();
        if let Some(open) = open {
            let short = from.is_some_and(|from| at.since(from) < grace);
            if open.presumed && short {
                let note = "later readings show a return within the grace";
                let why = self.evidence(absence, Some(note.to_owned()), scene);
                scene.desk.withdraw(open.episode, why);
                return;
            }
            let why = self.evidence(absence, None, scene);
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
        let known = self.known_absence(night.span);
        let absence = night.absence(Some(night.span.end), known);
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
        // Being out when an authorised absence begins is not being out at the curfew's end.
        let end = night.span.end;
        let lifted = self.plan.excused.iter().any(|span| span.contains(end));
        let kind = match (throughout, night.seen_present) {
            (true, _) => DecisionKind::AbsentThroughout,
            (false, true) if !lifted => DecisionKind::OutAtEnd,
            (false, _) => return,
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
        let close_at = self.night.as_ref().and_then(|night| night.close_at());
        if close_at.is_some_and(|due| due <= now) {
            self.clear_absence("the curfew has ended and no later fix has come", scene);
        }
    }

    /// Ends the open episode, which stays told of.
    pub(super) fn clear_absence(&mut self, note: &str, scene: &mut Scene<'_>) {
        let Some(span) = self.night.as_ref().map(|night| night.span) else {
            return;
        };
        let known = self.known_absence(span);
        let open = self.night.as_mut().and_then(|night| {
            let absence = night.absence(None, known);
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
        let Some(span) = self.plan.diary.at(reached) else {
            let why = self.plan.why_not_in_force(reached);
            self.clear_absence(why, scene);
            self.night = None;
            return;
        };
        let grace = seconds(scene.policy.curfew.grace_s);
        let close_at = scene.closing(span.end);
        let Some(night) = &mut self.night else {
            return;
        };
        night.move_to(span, reached, grace);
        if let Some(open) = &mut night.open {
            open.close_at = close_at;
        }
        let short = |from: Timestamp| reached.since(from) < grace;
        let presumed = night.open.as_ref().is_some_and(|open| open.presumed);
        if night.told && !presumed && night.absent_from.is_some_and(short) {
            night.told = false;
            self.clear_absence("what is left of the absence is within the grace", scene);
        }
    }
}
