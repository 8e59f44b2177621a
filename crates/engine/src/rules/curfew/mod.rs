//! Curfews by RF and GPS: out past the start (AL08), late return (AL09), left during (AL10), out at the
//! end (AL11), absent throughout (AL12), the time out added up, and not knowing.
//!
//! [`sources`] makes one presence of what home units and positions show, [`mod@unit`] keeps what the units
//! said, [`tally`] the absences, [`atv`] their budget.
//!
//! Two clocks. [`night`] judges by evidence time: what readings show, in the order in which they
//! were observed, however late they come; minutes are counted from when an absence began, not from
//! when it was certain. [`silence`] runs by engine time: it tells when nothing has been known for
//! too long. Absence is never concluded from silence.

mod atv;
mod evidence;
mod night;
mod plan;
mod silence;
mod sources;
mod tally;
mod unit;

pub(super) use self::plan::{Address, address};

use model::registry::{ReleaseDay, WeeklyWindow};
use model::{PlaceId, Timestamp};
use serde::{Deserialize, Serialize};

use self::atv::Atv;
use self::night::Night;
use self::plan::Plan;
use self::silence::Silence;
use self::sources::Absent;
use self::tally::Tally;
use self::unit::Units;
use super::scene::seconds;
use super::{Planning, Scene};
use crate::TimerReason;
use crate::episode::Episode;
use crate::sequential::{Sequential, Verdict};
use crate::timers::Earliest;

/// One curfew of one wearer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CurfewRule {
    #[serde(skip)]
    plan: Box<Plan>,
    place: PlaceId,
    /// Is the wearer away from the place, as positions show it?
    away: Sequential,
    /// What home units at the place say.
    units: Units,
    /// The place is another one than before.
    displaced: bool,
    /// Evidence is settled up to here: nothing that comes changes what was before.
    settled: Option<Timestamp>,
    /// The window that settled evidence has reached, and what it shows of it.
    night: Option<Box<Night>>,
    /// When absence becomes a breach unless something changes before.
    grace_due: Option<Timestamp>,
    /// Known absences.
    tally: Tally,
    /// What is told of their total.
    atv: Atv,
    silence: Silence,
    /// What is not watched for want of a place, and the reason told.
    missing: Option<(Episode, String)>,
}

impl CurfewRule {
    /// Begins to watch at `now`.
    pub(crate) fn new(place: PlaceId, now: Timestamp) -> Self {
        Self {
            plan: Box::default(),
            place,
            away: Sequential::starting(Verdict::Unknown),
            units: Units::default(),
            displaced: false,
            settled: None,
            night: None,
            grace_due: None,
            tally: Tally::default(),
            atv: Atv::default(),
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
        if self.place != *place {
            // What is known of one place says nothing of another.
            self.away.forget(self.settled.unwrap_or_default());
            self.units = Units::default();
            self.displaced = true;
            self.place.clone_from(place);
        }
        *self.plan = Plan::new(planning, place, windows, release_day);
    }

    /// Reconsiders the state after its plan has changed.
    pub(crate) fn reconsider(&mut self, scene: &mut Scene<'_>) {
        self.tell_missing(scene);
        if std::mem::take(&mut self.displaced) {
            self.clear_absence("the curfew is at another place now", scene);
            self.night = None;
        }
        self.revise_night(scene);
        self.revise_atv(scene);
        self.arm(scene);
        self.revise_silence(scene);
    }

    /// Concludes from what has just been taken in.
    fn conclude(&mut self, scene: &mut Scene<'_>) {
        if self.atv.presumes() {
            self.review_atv(scene);
        }
        self.arm(scene);
        self.review_silence(scene);
    }

    /// Readies what is presumed of a wearer who is freshly known to be absent, if nothing speaks for a return.
    fn arm(&mut self, scene: &Scene<'_>) {
        let absent = self.surely_absent(scene);
        self.grace_due = absent.and_then(|absent| self.next_grace(absent, scene));
        self.arm_atv(absent, scene);
    }

    /// When the breach of a wearer who is known to be absent is due: when their grace is used up. A reading that arrives after that moment does not: later
    /// ones will show.
    fn next_grace(&mut self, absent: Absent, scene: &Scene<'_>) -> Option<Timestamp> {
        let span = self.plan.diary.at_or_after(absent.last)?;
        let running = self.running(absent.last)?;
        let night = self.night.as_ref().filter(|night| night.span == span);
        if night.is_some_and(|night| night.told) {
            return None;
        }
        let from = night.and_then(|night| night.absent_from);
        let used_up = from
            .unwrap_or(running.start)
            .plus(seconds(scene.policy.curfew.grace_s));
        let due = used_up.max(absent.not_before);
        let presumed = absent.last < due && due <= absent.fresh_until && due < span.end;
        (presumed && scene.came_before(due)).then_some(due)
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
        self.atv_on_time(scene);
        self.review_atv(scene);
        self.close_night(scene);
        self.review_silence(scene);
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let close = self.night.as_ref().and_then(|night| night.close_at());
        Earliest::default()
            .or(self.grace_due, TimerReason::Grace)
            .or(close, TimerReason::WindowEnd)
            .or(self.silence.due(), TimerReason::Silence)
            .or_that(self.atv.deadline())
            .get()
    }

    /// Ends what is open, because the condition is no more.
    pub(crate) fn close(&mut self, note: &str, scene: &mut Scene<'_>) {
        self.clear_absence(note, scene);
        self.clear_atv(note, scene);
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
