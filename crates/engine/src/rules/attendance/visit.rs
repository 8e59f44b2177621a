//! What settled evidence shows of one appointment.

use chrono::TimeDelta;
use model::{DecisionKind, Presence, Timestamp};
use serde::{Deserialize, Serialize};

use super::evidence::Known;
use super::{AttendanceRule, Scene};
use crate::rules::scene::seconds;
use crate::windows::Span;

/// What settled evidence shows of one appointment.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Visit {
    pub(super) span: Span,
    /// First known to be there.
    pub(super) arrived: Option<Timestamp>,
    /// Known to be away without a break from the beginning until here.
    away_until: Option<Timestamp>,
    /// Known to be away without a break since here.
    away_since: Option<Timestamp>,
    /// Whether any of it so far is unknown.
    unknown: bool,
    late_told: bool,
}

impl Visit {
    /// Begins, with evidence settled up to `settled`.
    fn new(span: Span, settled: Option<Timestamp>) -> Self {
        Self {
            span,
            arrived: None,
            away_until: None,
            away_since: None,
            unknown: settled.is_none_or(|settled| settled > span.start),
            late_told: false,
        }
    }

    fn is_missed(&self) -> bool {
        self.arrived.is_none() && !self.unknown
    }

    /// What it shows, with the absence that it began with.
    pub(super) fn known(&self) -> Known {
        let away = |until: Timestamp| until.since(self.span.start);
        Known {
            span: self.span,
            arrived: self.arrived,
            left: None,
            away: self.away_until.map_or_else(TimeDelta::zero, away),
        }
    }

    fn spend(&mut self, from: Timestamp, to: Timestamp, presence: Presence) {
        match presence {
            Presence::Present => {
                self.away_since = None;
                self.arrived.get_or_insert(from);
            }
            Presence::Absent => {
                self.away_since.get_or_insert(from);
                if self.is_missed() {
                    self.away_until = Some(to);
                }
            }
            Presence::Unknown => {
                self.away_since = None;
                self.unknown = true;
            }
        }
    }

    /// Goes on with other edges: what was not watched before is unknown.
    fn move_to(&mut self, span: Span) {
        self.unknown |= span.start < self.span.start;
        let clip = |at: Timestamp| at.max(span.start).min(span.end);
        self.arrived = self.arrived.filter(|at| *at < span.end).map(clip);
        let until = self.away_until.map(clip);
        self.away_until = until.filter(|until| *until > span.start && !self.unknown);
        self.away_since = self.away_since.map(clip);
        self.span = span;
    }
}

impl AttendanceRule {
    /// What was known, `presence`, held until `to`: nothing that still comes changes that.
    pub(super) fn settle_visit(
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
            let Some(span) = self.plan.ending_after(from).filter(|span| span.start < to) else {
                break;
            };
            self.enter(span);
            self.spend(from.max(span.start), to.min(span.end), presence, scene);
            if to < span.end {
                break;
            }
            from = span.end;
            self.settled = Some(from);
            self.judge_end(scene);
        }
        self.settled = Some(from.max(to));
    }

    fn enter(&mut self, span: Span) {
        if self.visit.as_ref().is_none_or(|visit| visit.span != span) {
            self.visit = Some(Visit::new(span, self.settled));
        }
    }

    fn spend(&mut self, from: Timestamp, to: Timestamp, presence: Presence, scene: &mut Scene<'_>) {
        let Some(visit) = &mut self.visit else {
            return;
        };
        let had_arrived = visit.arrived.is_some();
        if from < to {
            visit.spend(from, to, presence);
        }
        if !had_arrived && visit.arrived.is_some() {
            self.arrive(scene);
        }
    }

    fn arrive(&mut self, scene: &mut Scene<'_>) {
        let Some(visit) = &mut self.visit else {
            return;
        };
        let known = visit.known();
        let tolerance = seconds(scene.policy.attendance.tolerance_s);
        let late = known.away > tolerance && !visit.late_told;
        visit.late_told |= late;
        self.resolve_silence(known.span, "later fixes show that the wearer came", scene);
        if late {
            let why = self.evidence(known, None, scene);
            let kind = DecisionKind::AttendanceLate;
            scene.desk.fact(kind, known.span.start, why);
        }
    }

    /// The appointment is over, as evidence shows it.
    fn judge_end(&mut self, scene: &mut Scene<'_>) {
        let Some(visit) = self.visit.take() else {
            return;
        };
        let known = visit.known();
        if visit.is_missed() {
            let note = "later fixes show that the wearer was elsewhere";
            self.resolve_silence(known.span, note, scene);
            let why = self.evidence(known, None, scene);
            let kind = DecisionKind::AttendanceMissed;
            scene.desk.fact(kind, known.span.start, why);
        } else if visit.arrived.is_some() {
            self.judge_leaving(&visit, scene);
        } else if self.silence.has_judged(known.span) {
            let note = "later fixes show part of the appointment only";
            self.resolve_silence(known.span, note, scene);
        } else {
            let note = "the fixes show part of the appointment only";
            let why = self.evidence(known, Some(note), scene);
            let kind = DecisionKind::PresenceUnknown;
            scene.desk.fact(kind, known.span.start, why);
        }
        self.silence.forgo(known.span.end);
    }

    fn judge_leaving(&self, visit: &Visit, scene: &mut Scene<'_>) {
        let Some(left) = visit.away_since else {
            return;
        };
        let away = visit.span.end.since(left);
        if away > seconds(scene.policy.attendance.tolerance_s) {
            let known = Known {
                left: Some(left),
                away,
                ..visit.known()
            };
            let why = self.evidence(known, None, scene);
            let kind = DecisionKind::AttendanceLeftEarly;
            scene.desk.fact(kind, left, why);
        }
    }

    /// After the plan has changed: the appointment goes on with its new edges, or is no more.
    pub(super) fn revise_visit(&mut self, scene: &mut Scene<'_>) {
        let Some(old) = self.visit.as_ref().map(|visit| visit.span) else {
            return;
        };
        let revised = self.plan.ending_after(old.start);
        let Some(span) = revised.filter(|span| span.start < old.end) else {
            self.visit = None;
            return;
        };
        if let Some(visit) = &mut self.visit {
            visit.move_to(span);
        }
        if self.settled.is_some_and(|settled| span.end <= settled) {
            self.judge_end(scene);
        } else if self.settled.is_some_and(|settled| settled <= span.start) {
            self.visit = None;
        }
    }
}
