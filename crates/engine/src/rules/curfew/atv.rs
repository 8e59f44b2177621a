//! Accumulated time violation: time out of one curfew, added up over a period.
//!
//! Every minute of known absence within curfew hours counts, those of short absences that are let pass
//! as breaches included; none that is not known; none for which an absence was authorised, be it
//! afterwards. `atv_warning` and `atv_exhausted` are told at the minute at which the total is reached: by
//! timer, while the wearer is freshly known to be absent, or else as of when the evidence shows it.
//!
//! What a timer presumed and evidence does not bear out is withdrawn. What is excused afterwards is
//! cleared, and told anew if the total is reached again.

use chrono::TimeDelta;
use model::{AtvEvidence, CountedAbsence, DecisionKind, Evidence, ObservedAt, Presence, Timestamp};
use serde::{Deserialize, Serialize};

use super::sources::Absent;
use super::{CurfewRule, Scene};
use crate::TimerReason;
use crate::episode::Episode;
use crate::timers::Earliest;
use crate::windows::Span;

/// Absences that evidence lists: a month of nights.
const ABSENCES_LISTED: usize = 31;

/// What has been told of the budget in the current period.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Atv {
    /// The period that evidence has reached, once there has been an absence.
    period: Option<Span>,
    warning: Level,
    exhausted: Level,
    /// When what is open ends without further evidence.
    close_at: Option<Timestamp>,
    /// Periods that end until here are over.
    over: Timestamp,
}

/// One total that is told of when it is reached.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Level {
    told: Option<Told>,
    /// Reached then, unless something comes before.
    due: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Told {
    episode: Episode,
    /// By a timer, and not yet shown by evidence.
    presumed: bool,
}

const KINDS: [DecisionKind; 2] = [DecisionKind::AtvWarning, DecisionKind::AtvExhausted];

impl Atv {
    fn level(&mut self, kind: DecisionKind) -> &mut Level {
        if kind == DecisionKind::AtvWarning {
            &mut self.warning
        } else {
            &mut self.exhausted
        }
    }

    /// Whether anything told rests on a timer alone.
    pub(super) fn presumes(&self) -> bool {
        let mut told = [&self.warning.told, &self.exhausted.told]
            .into_iter()
            .flatten();
        told.any(|told| told.presumed)
    }

    /// Whether a total is reached soon unless something comes before.
    pub(super) const fn is_readied(&self) -> bool {
        self.warning.due.is_some() || self.exhausted.due.is_some()
    }

    pub(super) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        Earliest::default()
            .or(self.warning.due, TimerReason::Budget)
            .or(self.exhausted.due, TimerReason::Budget)
            .or(self.close_at, TimerReason::WindowEnd)
            .get()
    }
}

impl CurfewRule {
    /// Counts a known absence within curfew hours.
    pub(super) fn count(&mut self, absence: Span, scene: &mut Scene<'_>) {
        let mut from = absence.start;
        while from < absence.end {
            let period = self.plan.period(from, &scene.policy.curfew);
            let Some(period) = period.filter(|period| period.contains(from)) else {
                return;
            };
            self.enter_period(period, scene);
            let to = absence.end.min(period.end);
            let piece = Span {
                start: from,
                end: to,
            };
            self.tally.add(piece, &period, &self.plan.excused);
            self.review_atv(scene);
            from = to;
        }
    }

    fn enter_period(&mut self, period: Span, scene: &mut Scene<'_>) {
        if self
            .atv
            .period
            .is_some_and(|known| known.start < period.start)
        {
            self.clear_atv("the period of the budget has ended", scene);
            self.tally.begin_period();
        }
        self.atv.period = Some(period);
    }

    /// After the plan has changed: the period goes on with its new end.
    pub(super) fn revise_atv(&mut self, scene: &mut Scene<'_>) {
        if let Some(known) = self.atv.period {
            let revised = self.plan.period(known.start, &scene.policy.curfew);
            let end = revised.map_or(known.end, |revised| revised.end);
            self.atv.period = Some(Span { end, ..known });
            if self.atv.close_at.is_some() {
                self.atv.close_at = scene.closing(end);
            }
        }
        self.review_atv(scene);
    }

    /// Tells, withdraws and clears what the total calls for.
    pub(super) fn review_atv(&mut self, scene: &mut Scene<'_>) {
        let Some(period) = self.atv.period.filter(|period| period.end > self.atv.over) else {
            return;
        };
        for kind in KINDS {
            let reached = self
                .threshold(kind, scene)
                .and_then(|threshold| self.tally.reached(threshold, &period, &self.plan.excused));
            let told = self.atv.level(kind).told.take();
            let told = match (told, reached) {
                (None, None) => None,
                (None, Some(at)) => Some(self.tell_atv(kind, at, None, scene)),
                (Some(told), Some(_)) => Some(Told {
                    presumed: false,
                    ..told
                }),
                (Some(told), None) => self.doubt_atv(kind, told, scene),
            };
            self.atv.level(kind).told = told;
        }
        let open = self.atv.warning.told.is_some() || self.atv.exhausted.told.is_some();
        if !open {
            self.atv.close_at = None;
        }
    }

    /// The total is not reached, although it has been told of.
    fn doubt_atv(&self, kind: DecisionKind, told: Told, scene: &mut Scene<'_>) -> Option<Told> {
        let settled = self.settled.unwrap_or_default();
        let goes_on = self.presence(scene) != Presence::Present;
        if told.presumed && goes_on && settled < told.episode.onset {
            return Some(told);
        }
        let why = |note: &str| self.atv_evidence(kind, None, Some(note.to_owned()), scene);
        if told.presumed {
            let why = why("later readings do not bear out that the total was reached");
            scene.desk.withdraw(told.episode, why);
        } else {
            let why =
                why("what counts is under the total again: excused, or the budget is another");
            scene.desk.clear(told.episode, why);
        }
        None
    }

    fn tell_atv(
        &mut self,
        kind: DecisionKind,
        at: Timestamp,
        running: Option<Span>,
        scene: &mut Scene<'_>,
    ) -> Told {
        let why = self.atv_evidence(kind, running, None, scene);
        let episode = scene.desk.open(kind, at, why);
        let end = self.atv.period.map_or(Timestamp::MAX, |period| period.end);
        self.atv.close_at = scene.closing(end);
        Told {
            episode,
            presumed: running.is_some(),
        }
    }

    /// Readies what is told when a total is reached, if the wearer stays as surely absent as they are.
    pub(super) fn arm_atv(&mut self, absent: Option<Absent>, scene: &Scene<'_>) {
        for kind in KINDS {
            let due = absent.and_then(|absent| self.atv_due(kind, absent, scene));
            self.atv.level(kind).due = due;
        }
    }

    fn atv_due(
        &mut self,
        kind: DecisionKind,
        absent: Absent,
        scene: &Scene<'_>,
    ) -> Option<Timestamp> {
        let now = scene.now();
        let threshold = self.threshold(kind, scene)?;
        if self.atv.level(kind).told.is_some() || absent.not_before > now {
            return None;
        }
        // Nothing of a window is used up before it opens: of one that is far off no more needs to be known.
        let running = self
            .running(absent.last)
            .filter(|running| running.start <= absent.fresh_until)?;
        let period = self.plan.period(running.start, &scene.policy.curfew)?;
        let counted = self.counted_in(&period);
        let due = running
            .start
            .plus((threshold - counted).max(TimeDelta::zero()));
        let presumed = absent.last < due && due <= absent.fresh_until;
        let within = due <= running.end && due <= period.end && period.end > self.atv.over;
        (presumed && within && scene.came_before(due)).then_some(due)
    }

    /// What counts in a period: nothing yet in one that evidence has not reached.
    fn counted_in(&self, period: &Span) -> TimeDelta {
        let same = self
            .atv
            .period
            .is_some_and(|known| known.start == period.start);
        if same {
            self.tally.counted(period, &self.plan.excused)
        } else {
            self.tally.within(period, &self.plan.excused)
        }
    }

    /// The part of the window about `at` that is not settled yet.
    pub(super) fn running(&mut self, at: Timestamp) -> Option<Span> {
        let span = self.plan.diary.at_or_after(at)?;
        let start = self.settled.map_or(span.start, |to| to.max(span.start));
        Some(Span { start, ..span })
    }

    /// Does what is due.
    pub(super) fn atv_on_time(&mut self, scene: &mut Scene<'_>) {
        let now = scene.now();
        for kind in KINDS {
            if let Some(due) = self.atv.level(kind).due.take_if(|due| *due <= now) {
                self.presume_atv(kind, due, scene);
            }
        }
        if self.atv.close_at.is_some_and(|due| due <= now) {
            self.atv.over = self.atv.period.map_or(now, |period| period.end);
            self.clear_atv("the period of the budget has ended", scene);
        }
    }

    fn presume_atv(&mut self, kind: DecisionKind, due: Timestamp, scene: &mut Scene<'_>) {
        // It may be the very end of the window, or of the period.
        let before = due.minus(TimeDelta::milliseconds(1));
        let Some(period) = self.plan.period(before, &scene.policy.curfew) else {
            return;
        };
        let Some(running) = self.running(before) else {
            return;
        };
        self.enter_period(period, scene);
        let running = Span {
            end: due,
            ..running
        };
        let told = self.tell_atv(kind, due, Some(running), scene);
        self.atv.level(kind).told = Some(told);
    }

    pub(super) fn clear_atv(&mut self, note: &str, scene: &mut Scene<'_>) {
        self.atv.close_at = None;
        for kind in KINDS {
            let level = self.atv.level(kind);
            level.due = None;
            if let Some(told) = level.told.take() {
                let why = self.atv_evidence(kind, None, Some(note.to_owned()), scene);
                scene.desk.clear(told.episode, why);
            }
        }
    }

    fn threshold(&self, kind: DecisionKind, scene: &Scene<'_>) -> Option<TimeDelta> {
        let rules = &scene.policy.curfew;
        if kind == DecisionKind::AtvWarning {
            rules.atv_warning(self.plan.hdc)
        } else {
            rules.atv_budget(self.plan.hdc)
        }
    }

    /// The numbers of a decision; `running` is an absence that is taken to last until its end.
    fn atv_evidence(
        &self,
        kind: DecisionKind,
        running: Option<Span>,
        note: Option<String>,
        scene: &Scene<'_>,
    ) -> Evidence {
        let period = self.atv.period.unwrap_or_else(Span::always);
        let excused = &self.plan.excused;
        let counted = self.tally.counted(&period, excused);
        let all = self.tally.within(&period, &[]);
        let mut absences = self.tally.newest(ABSENCES_LISTED, &period, excused);
        let more = running.map_or(TimeDelta::zero(), |span| span.end.since(span.start));
        if let Some(span) = running.filter(|span| !span.is_empty()) {
            list(&mut absences, span);
        }
        let budget = scene.policy.curfew.atv_budget(self.plan.hdc);
        let (_, _, source) = self.standing(scene);
        Evidence::Atv(AtvEvidence {
            policy: scene.policy.version.clone(),
            place: self.place.clone(),
            budget_s: budget.map_or(0, |budget| budget.num_seconds()),
            threshold_s: self
                .threshold(kind, scene)
                .map_or(0, |threshold| threshold.num_seconds()),
            counted_s: (counted + more).num_seconds(),
            excused_s: (all - self.tally.within(&period, excused)).num_seconds(),
            period_start: period.start,
            period_end: (period.end < Timestamp::MAX).then_some(period.end),
            source,
            rf: self.rf_evidence(),
            last_observed_at: self.last_observed(scene).map(ObservedAt),
            note,
            absences,
        })
    }
}

/// Adds an absence that goes on to those listed.
fn list(absences: &mut Vec<CountedAbsence>, running: Span) {
    let counted_s = running.end.since(running.start).num_seconds();
    if let Some(last) = absences.last_mut()
        && last.to == running.start
    {
        last.to = running.end;
        last.counted_s += counted_s;
        return;
    }
    if absences.len() >= ABSENCES_LISTED {
        absences.remove(0);
    }
    absences.push(CountedAbsence {
        from: running.start,
        to: running.end,
        counted_s,
    });
}
