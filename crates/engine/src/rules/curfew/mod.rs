//! Curfews by GPS: out past the start (AL08), late return (AL09), left during (AL10), out at the
//! end (AL11), absent throughout (AL12), and not knowing.
//!
//! Two clocks. [`night`] judges by evidence time: what the fixes show, in the order in which they
//! were observed, however late they come; minutes are counted from when an absence began, not from
//! when it was certain. [`silence`] runs by engine time: it tells when nothing has been known for
//! too long. Absence is never concluded from silence.

mod evidence;
mod night;
mod plan;
mod silence;

pub(super) use self::plan::{Address, address};

use model::registry::{ReleaseDay, WeeklyWindow};
use model::{PlaceId, Presence, Timestamp};
use serde::{Deserialize, Serialize};

use self::night::Night;
use self::plan::Plan;
use self::silence::Silence;
use super::presence::{AtPlace, known};
use super::scene::seconds;
use super::{Planning, Scene};
use crate::TimerReason;
use crate::episode::Episode;
use crate::sequential::{Sequential, Verdict};
use crate::trail::Step;

/// One curfew of one wearer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CurfewRule {
    #[serde(skip)]
    plan: Plan,
    place: PlaceId,
    /// Is the wearer away from the place?
    away: Sequential,
    /// Evidence is settled up to here: nothing that comes changes what was before.
    settled: Option<Timestamp>,
    /// The window that settled evidence has reached, and what it shows of it.
    night: Option<Night>,
    /// When absence becomes a breach unless something changes before.
    grace_due: Option<Timestamp>,
    silence: Silence,
    /// What is not watched for want of a place, and the reason told.
    missing: Option<(Episode, String)>,
}

impl CurfewRule {
    /// Begins to watch at `now`.
    pub(crate) fn new(place: PlaceId, now: Timestamp) -> Self {
        Self {
            plan: Plan::default(),
            place,
            away: Sequential::starting(Verdict::Unknown),
            settled: None,
            night: None,
            grace_due: None,
            silence: Silence::new(now),
            missing: None,
        }
    }

    /// Lays a plan under the state.
    pub(crate) fn equip(
        &mut self,
        planning: &Planning<'_>,
        place: &PlaceId,
        windows: &[WeeklyWindow],
        release_day: Option<ReleaseDay>,
    ) {
        self.place.clone_from(place);
        self.plan = Plan::new(planning, place, windows, release_day);
    }

    /// Reconsiders the state after its plan has changed.
    pub(crate) fn reconsider(&mut self, scene: &mut Scene<'_>) {
        self.tell_missing(scene);
        self.revise_night(scene);
        self.arm_grace(scene);
        self.revise_silence(scene);
    }

    /// Takes a fix as evidence.
    pub(crate) fn on_fix(&mut self, step: &Step, scene: &mut Scene<'_>) {
        let Some(place) = &self.plan.place else {
            return;
        };
        let outside_m = place.outside_m(step.fix.point);
        self.weigh_fix(step, outside_m, scene);
        self.arm_grace(scene);
        self.review_silence(scene);
    }

    /// What is known of the wearer.
    fn presence(&self) -> Presence {
        known(&self.away)
    }

    /// Readies the breach of a wearer who is freshly known to be absent when their grace is used
    /// up, if nothing speaks for a return. A fix that arrives after that moment does not: later
    /// ones will show.
    fn arm_grace(&mut self, scene: &mut Scene<'_>) {
        self.grace_due = None;
        let Some(last) = scene.trail.last().map(|fix| fix.at) else {
            return;
        };
        if !self.away.is_surely_violating() {
            return;
        }
        let Some(span) = self.plan.diary.at_or_after(last) else {
            return;
        };
        let night = self.night.as_ref().filter(|night| night.span == span);
        if night.is_some_and(|night| night.told) {
            return;
        }
        let from = night.and_then(|night| night.absent_from);
        let due = from
            .unwrap_or(span.start)
            .plus(seconds(scene.policy.curfew.grace_s));
        let presumed = last < due && due < span.end && scene.is_fresh(last, due);
        if presumed && scene.sets_timer(last, due) {
            self.grace_due = Some(due);
        }
    }

    /// Takes over from the state in force what hangs on when things arrived.
    pub(crate) fn keep_unheard(&mut self, live: Self) {
        self.missing = live.missing;
        self.silence = live.silence;
    }

    /// Does what is due.
    pub(crate) fn on_time(&mut self, scene: &mut Scene<'_>) {
        let now = scene.now();
        if let Some(due) = self.grace_due.take_if(|due| *due <= now) {
            self.use_up_grace(due, scene);
        }
        self.close_night(scene);
        self.review_silence(scene);
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let grace = self.grace_due.map(|due| (due, TimerReason::Grace));
        let close = self.night.as_ref().and_then(Night::close_at);
        let close = close.map(|due| (due, TimerReason::WindowEnd));
        let silence = self.silence.deadline();
        [grace, close, silence].into_iter().flatten().min()
    }

    /// Ends what is open, because the condition is no more.
    pub(crate) fn close(&mut self, note: &str, scene: &mut Scene<'_>) {
        self.clear_absence(note, scene);
        self.clear_silence(note, scene);
        if let Some((episode, _)) = self.missing.take() {
            let why = scene.oversight(note.to_owned(), Vec::new());
            scene.desk.clear(episode, why);
        }
    }

    fn tell_missing(&mut self, scene: &mut Scene<'_>) {
        match (self.missing.take(), &self.plan.problem) {
            (Some((episode, _)), None) => {
                let why = scene.oversight("the curfew address is known".to_owned(), Vec::new());
                scene.desk.clear(episode, why);
            }
            (Some(told), Some(_)) => self.missing = Some(told),
            (None, Some(reason)) if scene.now() < self.plan.ends => {
                let why = scene.oversight(reason.clone(), Vec::new());
                let kind = model::DecisionKind::GeometryMissing;
                let episode = scene.desk.open_unheard(kind, scene.now(), why);
                self.missing = Some((episode, reason.clone()));
            }
            (None, _) => {}
        }
    }
}

impl AtPlace for CurfewRule {
    fn away(&mut self) -> &mut Sequential {
        &mut self.away
    }

    fn settle(&mut self, to: Timestamp, presence: Presence, scene: &mut Scene<'_>) {
        self.settle_night(to, presence, scene);
    }
}
