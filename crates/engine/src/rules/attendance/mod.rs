//! Attendance by GPS: missed, late, left early, and not knowing.
//!
//! Two clocks, as with curfews. [`visit`] judges by evidence time: what settled fixes show of an
//! appointment, however late they come. [`silence`] runs by engine time: it tells when an
//! appointment is over and nothing is known of it. Missing an appointment is never concluded from
//! silence, and lateness only from known absence.

mod evidence;
mod plan;
mod silence;
mod visit;

use geometry::Patch;
use model::registry::Appointment;
use model::{DecisionKind, PlaceId, Presence, Timestamp};
use serde::{Deserialize, Serialize};

use self::plan::Plan;
use self::silence::Silence;
use self::visit::Visit;
use super::missing::Missing;
use super::presence::{AtPlace, known};
use super::{Calm, Planning, Scene};
use crate::TimerReason;
use crate::sequential::{Sequential, Verdict};
use crate::trail::{Fix, Step};

/// The appointments of one condition of one wearer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AttendanceRule {
    #[serde(skip)]
    plan: Plan,
    place: PlaceId,
    /// Is the wearer away from the place?
    away: Sequential,
    /// Evidence is settled up to here: nothing that comes changes what was before.
    settled: Option<Timestamp>,
    /// The appointment that settled evidence has reached, and what it shows of it.
    visit: Option<Visit>,
    silence: Silence,
    missing: Missing,
}

impl AttendanceRule {
    /// Begins to watch at `now`.
    pub(crate) fn new(place: PlaceId, now: Timestamp) -> Self {
        Self {
            plan: Plan::default(),
            place,
            away: Sequential::starting(Verdict::Unknown),
            settled: None,
            visit: None,
            silence: Silence::new(now),
            missing: Missing::default(),
        }
    }

    /// Lays a plan under the state.
    pub(crate) fn equip(
        &mut self,
        planning: &Planning<'_>,
        place: &PlaceId,
        appointments: &[Appointment],
    ) {
        if self.place != *place {
            // What is known of one place says nothing of another.
            self.away.forget(self.settled.unwrap_or_default());
            self.place.clone_from(place);
        }
        self.plan = Plan::new(planning, place, appointments);
    }

    /// Reconsiders the state after its plan has changed.
    pub(crate) fn reconsider(&mut self, scene: &mut Scene<'_>) {
        self.tell_missing(scene);
        self.revise_visit(scene);
        self.revise_silence(scene);
    }

    /// Takes a fix as evidence.
    pub(crate) fn on_fix(&mut self, step: &Step, scene: &mut Scene<'_>) {
        let Some(place) = &self.plan.place else {
            return;
        };
        let outside_m = place.outside_m(step.fix.point);
        self.weigh_fix(step, outside_m, scene);
        self.review_silence(scene);
    }

    /// Where and until when further fixes say nothing new: anywhere but near an appointment, in place or time.
    pub(crate) fn calm(&self, fix: &Fix) -> Option<Calm> {
        let Some(place) = &self.plan.place else {
            return Some(Calm::ALWAYS);
        };
        let room_m = self.room_m(place.outside_m(fix.point))?;
        let next = self.plan.ending_after(fix.at);
        let until = next.map_or(Timestamp::MAX, |span| span.start);
        let settled = self.settled == Some(fix.at) && self.visit.is_none();
        (settled && !self.silence.is_told() && fix.at < until).then(|| Calm {
            patch: Patch::within(fix.point, room_m),
            until,
        })
    }

    /// Takes in that fixes have said nothing new up to `last`.
    pub(crate) fn catch_up(&mut self, last: Timestamp, scene: &mut Scene<'_>) {
        if self.plan.place.is_some() {
            self.settle(last, known(&self.away), scene);
        }
    }

    /// Takes over from the state in force what hangs on when things arrived.
    pub(crate) fn keep_unheard(&mut self, live: Self) {
        self.missing = live.missing;
        self.silence = live.silence;
    }

    /// Does what is due.
    pub(crate) fn on_time(&mut self, scene: &mut Scene<'_>) {
        self.review_silence(scene);
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        self.silence.deadline()
    }

    /// Ends what is open, because the condition is no more.
    pub(crate) fn close(&mut self, note: &str, scene: &mut Scene<'_>) {
        self.clear_silence(note, scene);
        self.missing.clear(note, scene);
    }

    fn tell_missing(&mut self, scene: &mut Scene<'_>) {
        match &self.plan.problem {
            Some(reason) if scene.now() < self.plan.ends => {
                let kind = DecisionKind::GeometryMissing;
                self.missing.tell(kind, reason, scene);
            }
            Some(_) => {}
            None if self.missing.is_open() => {
                self.missing
                    .clear("the place of the appointments is known", scene);
                // Of appointments until now it has been told that they are not watched.
                self.silence.forgo(scene.now());
            }
            None => {}
        }
    }
}

impl AtPlace for AttendanceRule {
    fn away(&self) -> &Sequential {
        &self.away
    }

    fn away_mut(&mut self) -> &mut Sequential {
        &mut self.away
    }

    fn settle(&mut self, to: Timestamp, presence: Presence, scene: &mut Scene<'_>) {
        self.settle_visit(to, presence, scene);
    }
}
