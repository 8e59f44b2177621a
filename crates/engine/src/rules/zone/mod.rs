//! Zones: exclusion, inclusion and restriction.
//!
//! The wearer's state against a zone is tracked whether or not the duty is in force; breaches exist
//! only while it is. What is in force when is driven by the time at which fixes were observed, not
//! by when they arrived: a fix observed before a window opens cannot breach it however late it
//! comes, and one observed within it counts after it has closed. Timers (engine time) do three
//! things only: open the breach of a wearer freshly known to be inside when a window opens, close an
//! episode whose window has ended and about which nothing further came, and tell when it has not been
//! known for too long.

mod evidence;
mod measure;
mod plan;
mod silence;
mod standing;
mod transit;

use geometry::Patch;
use model::registry::{WeeklyWindow, ZoneRef};
use model::{DecisionKind, Timestamp};
use serde::{Deserialize, Serialize};

use self::measure::Track;
use self::plan::{Plan, Side};
use self::silence::Silence;
use self::standing::Standing;
use super::{Calm, Planning, Scene};
use crate::TimerReason;
use crate::episode::Episode;
use crate::sequential::Verdict;
use crate::timers::Earliest;
use crate::trail::Step;
use crate::windows::Span;

/// One zone condition of one wearer.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ZoneRule {
    #[serde(skip)]
    plan: Box<Plan>,
    /// Where the newest fix was measured, and how far around no edge is: of zones to keep out of, no zone; of
    /// zones to be inside of, the same one.
    #[serde(skip)]
    clear: Option<Patch>,
    /// Zones about which there is evidence; of an inclusion or restriction, one for all its zones.
    tracks: Vec<Track>,
    breach: Option<Box<Standing>>,
    possible: Option<Box<Standing>>,
    /// What is not watched for want of geometry, and the reason told.
    missing: Option<(Episode, String)>,
    /// The end of a window whose breach was closed by timer: its zones are not told of again
    /// before that.
    told_until: Option<Timestamp>,
    /// The window's start at which a breach opens unless something changes before.
    start_due: Option<Timestamp>,
    silence: Silence,
}

impl ZoneRule {
    /// Lays a plan under the state; false when the state is that of another kind of zone.
    pub(crate) fn equip(
        &mut self,
        planning: &Planning<'_>,
        zones: &[ZoneRef],
        schedule: &[WeeklyWindow],
    ) -> bool {
        let plan = Plan::new(planning, zones, schedule);
        let same_side = self.plan.side.is_none_or(|side| Some(side) == plan.side);
        *self.plan = plan;
        self.clear = None;
        // Of an inclusion or restriction, the track is about all zones together.
        if self.plan.side == Some(Side::Exclusion) {
            let ground = &self.plan.ground;
            for track in &mut self.tracks {
                track.spot = ground.find(&track.zone);
            }
        }
        same_side
    }

    /// Reconsiders the state after its plan has changed.
    pub(crate) fn reconsider(&mut self, scene: &mut Scene<'_>) {
        self.tell_missing(scene);
        if self.plan.side == Some(Side::Exclusion) {
            self.tracks.retain(|track| track.spot.is_some());
        }
        self.start_due = None;
        let last = scene.trail.last().map(|fix| fix.at);
        if let Some(mut breach) = self.breach.take() {
            let at = last.map_or(breach.episode.onset, |last| last.max(breach.episode.onset));
            match self.plan.diary.at(at) {
                None => self.end(
                    *breach,
                    "an absence is authorised for this time, or the order was changed",
                    None,
                    scene,
                ),
                Some(_) if !self.tracks.iter().any(|track| track.breached) => {
                    self.end(
                        *breach,
                        "the zone is no longer part of the condition",
                        None,
                        scene,
                    );
                }
                Some(span) => {
                    breach.span = span;
                    breach.close_at = scene.closing(span.end);
                    self.breach = Some(breach);
                }
            }
        }
        if let Some(last) = last {
            self.arm(last, scene);
        }
        self.review_silence(scene);
    }

    fn tell_missing(&mut self, scene: &mut Scene<'_>) {
        let missing = &self.plan.ground.missing;
        let told = missing.iter().map(|missing| missing.reason.as_str());
        let reason = told.collect::<Vec<_>>().join("; ");
        let zones = || {
            missing
                .iter()
                .filter_map(|missing| missing.zone.clone())
                .collect()
        };
        match self.missing.take() {
            Some((episode, _)) if missing.is_empty() => {
                let why = scene.oversight("every zone has its geometry".to_owned(), zones());
                scene.desk.clear(episode, why);
            }
            Some((mut episode, told)) => {
                if told != reason {
                    let why = scene.oversight(reason.clone(), zones());
                    scene.desk.update(&mut episode, why);
                }
                self.missing = Some((episode, reason));
            }
            None if missing.is_empty() || self.plan.ends <= scene.now() => {}
            None => {
                let why = scene.oversight(reason.clone(), zones());
                let kind = DecisionKind::GeometryMissing;
                let episode = scene.desk.open_unheard(kind, scene.now(), why);
                self.missing = Some((episode, reason));
            }
        }
    }

    /// Takes a fix as evidence.
    pub(crate) fn on_fix(&mut self, step: &Step, scene: &mut Scene<'_>) {
        if !self.plan.is_watchable() {
            return;
        }
        if self.is_foregone(step) {
            self.review_silence(scene);
            return;
        }
        self.start_due = None;
        self.pass_ends(step.fix.at, scene);
        if step.gap {
            self.lapse();
        }
        let excluded = self.plan.side == Some(Side::Exclusion);
        if excluded {
            self.weigh_exclusion(step, scene);
        } else {
            self.weigh_union(step, scene);
        }
        let span = self.plan.diary.at(step.fix.at);
        match span {
            Some(span) => self.judge(span, scene),
            None => self.arm(step.fix.at, scene),
        }
        // After the judgement: leaving one zone for another of the same condition goes on.
        self.leave(scene);
        if excluded {
            self.judge_possible(span, scene);
            if let Some(span) = span {
                self.judge_transit(step, span, scene);
            }
            self.tracks.retain(Track::matters);
        }
        self.review_silence(scene);
    }

    /// Whether a fix says nothing new: all is well, and no edge is near the way here.
    fn is_foregone(&self, step: &Step) -> bool {
        let clear = |clear: Patch| {
            let before = step.before.is_none_or(|before| clear.holds(before.point));
            before && clear.holds(step.fix.point)
        };
        !step.gap && self.clear.is_some_and(clear) && self.is_at_rest()
    }

    /// Whether nothing is told of or readied, and nothing speaks against a wearer who is known to comply.
    fn is_at_rest(&self) -> bool {
        let told = self.breach.is_some() || self.possible.is_some() || self.told_until.is_some();
        let known = self.plan.side == Some(Side::Exclusion) || !self.tracks.is_empty();
        known && !(told || self.start_due.is_some()) && self.tracks.iter().all(Track::is_at_rest)
    }

    /// Where further fixes say nothing new.
    pub(crate) fn calm(&self) -> Option<Calm> {
        if !self.plan.is_watchable() {
            return Some(Calm::ALWAYS);
        }
        let patch = self.clear?;
        let calm = Calm {
            patch,
            ..Calm::ALWAYS
        };
        (self.is_at_rest() && self.silence.is_at_rest()).then_some(calm)
    }

    /// Takes in that fixes have said nothing new up to `last`.
    pub(crate) fn catch_up(&mut self, last: Timestamp) {
        if self.is_known() {
            self.silence.know_until(last);
        }
    }

    /// Ends what was open in a window that ended at or before `at`.
    fn pass_ends(&mut self, at: Timestamp, scene: &mut Scene<'_>) {
        if let Some(breach) = self.breach.take_if(|breach| breach.span.end <= at) {
            let end = breach.span.end;
            self.end(*breach, "the duty is no longer in force", Some(end), scene);
        }
        if let Some(possible) = self.possible.take_if(|possible| possible.span.end <= at) {
            possible.clear("the duty is no longer in force", None, scene);
        }
        if self.told_until.take_if(|until| *until <= at).is_some() && self.breach.is_none() {
            self.untell();
        }
    }

    /// Nothing was known for too long: evidence is void, and so is every verdict but that of a
    /// breach that is open, for an exit is never invented.
    fn lapse(&mut self) {
        let open = self.breach.is_some();
        let start = self.plan.starting_verdict();
        for track in &mut self.tracks {
            if open && track.breached {
                track.test.forget_evidence();
            } else {
                track.restart(start);
            }
        }
    }

    /// Ends the breach when the last of its zones has been left.
    fn leave(&mut self, scene: &mut Scene<'_>) {
        let mut left = None;
        for (index, track) in self.tracks.iter_mut().enumerate() {
            if track.breached && track.test.verdict == Verdict::Compliant {
                track.breached = false;
                left = Some(index);
            } else if let (true, Some(breach)) = (track.breached, &mut self.breach) {
                breach.deepen(track.test.basis.deepest_m);
            }
        }
        if left.is_none() || self.tracks.iter().any(|track| track.breached) {
            return;
        }
        let track = left.and_then(|index| self.tracks.get(index));
        if let (Some(track), Some(breach)) = (track, self.breach.take()) {
            let why = self.exit_evidence(track, &breach, scene);
            // Presumed when the window opened: later fixes show that the wearer had left by then.
            if track.test.since <= breach.episode.onset {
                scene.desk.withdraw(breach.episode, why);
            } else {
                scene.desk.clear(breach.episode, why);
            }
        }
    }

    /// Draws conclusions from a fix observed while the duty is in force.
    fn judge(&mut self, span: Span, scene: &mut Scene<'_>) {
        for index in 0..self.tracks.len() {
            let track = self.tracks.get(index);
            if track.is_some_and(|track| !track.breached && track.test.is_surely_violating()) {
                self.breach_zone(index, span, scene);
            }
        }
    }

    fn breach_zone(&mut self, index: usize, span: Span, scene: &mut Scene<'_>) {
        let (Some(kind), Some(track)) = (self.plan.breach_kind(), self.tracks.get_mut(index))
        else {
            return;
        };
        track.breached = true;
        let onset = track.test.since.max(span.start);
        let Some(track) = self.tracks.get(index) else {
            return;
        };
        let told = self
            .evidence(track, scene)
            .in_force_from(self.plan.opening(span, onset));
        if let Some(breach) = &mut self.breach {
            breach.update(told, scene);
            return;
        }
        if let Some(possible) = self.possible.take() {
            possible.clear(&format!("became {kind}"), None, scene);
        }
        let standing = Standing::open(kind, onset, span, told, scene);
        self.breach = Some(Box::new(standing));
    }

    /// Opens, keeps or ends the episode that operators see before a breach is certain.
    fn judge_possible(&mut self, span: Option<Span>, scene: &mut Scene<'_>) {
        let undecided = |track: &&Track| track.test.verdict != Verdict::Violating;
        if self.possible.is_some() {
            let hovers = |track: &Track| track.test.up.is_open();
            if !self.tracks.iter().filter(undecided).any(hovers)
                && let Some(possible) = self.possible.take()
            {
                possible.clear("the evidence is spent", None, scene);
            }
            return;
        }
        let (Some(span), None) = (span, &self.breach) else {
            return;
        };
        let enough = |track: &&Track| track.test.up.score >= scene.policy.zone.possible_score;
        let told = self
            .tracks
            .iter()
            .filter(undecided)
            .find(enough)
            .map(|track| {
                let onset = track.test.up.onset.max(span.start);
                let opening = self.plan.opening(span, onset);
                (
                    onset,
                    self.possible_evidence(track, scene).in_force_from(opening),
                )
            });
        if let Some((onset, told)) = told {
            let kind = DecisionKind::ExclusionZonePossible;
            let standing = Standing::open(kind, onset, span, told, scene);
            self.possible = Some(Box::new(standing));
        }
    }

    /// Readies the breach of a wearer who is freshly known to violate when a window opens. A fix
    /// that arrives after the opening does not: later ones will show.
    fn arm(&mut self, at: Timestamp, scene: &Scene<'_>) {
        let Some(span) = self.plan.diary.at_or_after(at) else {
            return;
        };
        let surely = |track: &Track| track.test.is_surely_violating();
        let presumed =
            at < span.start && scene.is_fresh(at, span.start) && self.tracks.iter().any(surely);
        if presumed && scene.came_before(span.start) {
            self.start_due = Some(span.start);
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
        if let Some(start) = self.start_due.take_if(|due| *due <= now)
            && let Some(span) = self.plan.diary.at(start)
        {
            self.pass_ends(start, scene);
            self.judge(span, scene);
        }
        let due = |standing: &mut Box<Standing>| standing.close_at.is_some_and(|due| due <= now);
        if let Some(breach) = self.breach.take_if(due) {
            let end = breach.span.end;
            // The zones stay marked as told of: fixes that still come from before the end tell
            // nothing new.
            self.told_until = Some(end);
            breach.clear(
                "the duty has ended and no later fix has come",
                Some(end),
                scene,
            );
        }
        if let Some(possible) = self.possible.take_if(due) {
            possible.clear("the duty has ended and no later fix has come", None, scene);
        }
        self.review_silence(scene);
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let ends = |standing: &Option<Box<Standing>>| standing.as_ref()?.close_at;
        Earliest::default()
            .or(self.start_due, TimerReason::WindowStart)
            .or(ends(&self.breach), TimerReason::WindowEnd)
            .or(ends(&self.possible), TimerReason::WindowEnd)
            .or(self.silence.due(), TimerReason::Silence)
            .get()
    }

    /// Ends what is open, because the condition is no more.
    pub(crate) fn close(&mut self, note: &str, scene: &mut Scene<'_>) {
        if let Some(breach) = self.breach.take() {
            self.end(*breach, note, None, scene);
        }
        if let Some(possible) = self.possible.take() {
            possible.clear(note, None, scene);
        }
        self.clear_silence(note, scene);
        if let Some((episode, _)) = self.missing.take() {
            let why = scene.oversight(note.to_owned(), Vec::new());
            scene.desk.clear(episode, why);
        }
    }

    fn end(
        &mut self,
        breach: Standing,
        note: &str,
        ended: Option<Timestamp>,
        scene: &mut Scene<'_>,
    ) {
        self.untell();
        breach.clear(note, ended, scene);
    }

    fn untell(&mut self) {
        for track in &mut self.tracks {
            track.breached = false;
        }
    }
}
