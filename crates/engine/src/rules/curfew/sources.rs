//! Presence from two sources: home units and positions.
//!
//! - A unit that hears the tag outranks positions: while it does, they conclude no exit. What they show
//!   meanwhile is kept, and counts from when the unit was last heard if it then falls silent.
//! - A unit that does not hear the tag shows absence, unless positions show the wearer at home: surely,
//!   and without a gap up to then. Walls and gardens are out of range; a tag that also sees the sky
//!   decides then. Positions that have stopped by then, for a gap and an upload interval, prove nothing.
//! - Where units say nothing, positions alone decide; where these say nothing either, it is not known.

use std::cmp::Ordering;

use chrono::TimeDelta;
use geometry::Patch;
use model::registry::Activation;
use model::{DeviceId, EventCode, Presence, PresenceSource, Timestamp};

use super::unit::Unit;
use super::{CurfewRule, Scene};
use crate::Outcome;
use crate::rules::presence::{AtPlace, known};
use crate::rules::{Calm, seconds};
use crate::sequential::{Sequential, Sum, Verdict};
use crate::trail::{Fix, Step};

/// What is known with no doubt now, and for how long it is taken to hold: the wearer is absent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absent {
    /// The newest reading that shows it.
    pub(super) last: Timestamp,
    /// It is taken to hold until then.
    pub(super) fresh_until: Timestamp,
    /// It only holds from then, if nothing comes.
    pub(super) not_before: Timestamp,
}

impl CurfewRule {
    /// Takes a fix as evidence. One from while a unit is known to have heard the tag is none.
    pub(crate) fn on_fix(&mut self, step: &Step, scene: &mut Scene<'_>) {
        let Some(place) = &self.plan.place else {
            return;
        };
        let outside_m = place.outside_m(step.fix.point);
        if !self.units.heard_throughout(step.fix.at) {
            self.weigh_fix(step, outside_m, scene);
        }
        self.conclude(scene);
    }

    /// Where and until when further fixes say nothing new: at home, or away from it while no curfew is near. What
    /// units say beside fixes is judged as it comes.
    pub(crate) fn calm(&mut self, fix: &Fix, scene: &Scene<'_>) -> Option<Calm> {
        let Some(place) = &self.plan.place else {
            return Some(Calm::ALWAYS);
        };
        let room_m = self.room_m(place.outside_m(fix.point))?;
        let readied = self.grace_due.is_some() || self.atv.is_readied() || self.displaced;
        let told = self.silence.is_told() || self.atv.presumes();
        let settled = self.units.is_empty() && self.settled == Some(fix.at);
        if readied || told || !settled {
            return None;
        }
        Some(Calm {
            patch: Patch::within(fix.point, room_m),
            until: self.calm_until(fix.at, scene)?,
        })
    }

    /// Until when fixes that go on as they are leave the curfew as it is.
    fn calm_until(&mut self, at: Timestamp, scene: &Scene<'_>) -> Option<Timestamp> {
        let Some(span) = self.plan.diary.at_or_after(at) else {
            return Some(Timestamp::MAX);
        };
        let home = self.away.verdict == Verdict::Compliant;
        if span.contains(at) {
            let night = self.night.as_ref().filter(|night| night.span == span);
            return night
                .is_some_and(|night| home && night.is_at_home())
                .then_some(span.end);
        }
        // From then on an absence is presumed to hold into the curfew.
        let fresh_s = scene.policy.zone.fresh_s(scene.pace.cadence_s);
        let fresh = if home { 0 } else { fresh_s };
        Some(span.start.minus(seconds(fresh)))
    }

    /// Takes in that fixes have said nothing new up to `last`.
    pub(crate) fn catch_up(&mut self, last: Timestamp, scene: &mut Scene<'_>) {
        if self.plan.place.is_some() {
            self.settle(last, known(&self.away), scene);
        }
    }

    /// Takes what a home unit says as evidence.
    pub(crate) fn on_presence(
        &mut self,
        device: &DeviceId,
        in_range: bool,
        at: Timestamp,
        scene: &mut Scene<'_>,
    ) -> Outcome {
        let Some(worn) = self.unit_here(device, at, scene) else {
            return Outcome::NotJudged;
        };
        match self.units.order(device, at) {
            Ordering::Equal => return Outcome::Duplicate,
            Ordering::Less => return Outcome::Late,
            Ordering::Greater => {}
        }
        self.settle_until_unit(at, Some(in_range), scene);
        let elsewhere = self.away.is_surely_violating() && self.is_live(at, scene);
        let rules = &scene.policy.curfew;
        self.units.hear(worn, in_range, at, elsewhere, rules);
        if self.units.says(at, rules).is_some_and(Unit::is_in_range) {
            self.outrank_fixes(at, scene);
            self.arrive(at, scene);
        }
        self.conclude(scene);
        Outcome::Used
    }

    /// Takes in what happened to a home unit.
    pub(crate) fn on_unit_event(
        &mut self,
        device: &DeviceId,
        code: EventCode,
        at: Timestamp,
        scene: &mut Scene<'_>,
    ) {
        if let Some(worn) = self.unit_here(device, at, scene) {
            self.settle_until_unit(at, None, scene);
            self.units.happened(worn, code, at);
            self.conclude(scene);
        }
    }

    /// Takes in that what the wearer wears has changed.
    pub(crate) fn on_activation(&mut self, scene: &mut Scene<'_>) {
        self.units.refit(scene.activations, scene.now());
        self.conclude(scene);
    }

    /// The activation of a device whose home unit stands at the curfew's place.
    fn unit_here<'a>(
        &self,
        device: &DeviceId,
        at: Timestamp,
        scene: &Scene<'a>,
    ) -> Option<&'a Activation> {
        let worn = scene
            .activations
            .iter()
            .find(|known| known.device == *device && known.covers(at))?;
        let here = worn.hmu_place.as_ref().is_none_or(|at| *at == self.place);
        (here && self.plan.place.is_some()).then_some(worn)
    }

    /// What was said so far held until a unit says something at `at`: `next`.
    fn settle_until_unit(&mut self, at: Timestamp, next: Option<bool>, scene: &mut Scene<'_>) {
        let live = self.is_live(at, scene);
        let gps = if live {
            known(&self.away)
        } else {
            Presence::Unknown
        };
        let said = self.units.says(at, &scene.policy.curfew);
        let said = said.map(|unit| (unit.is_in_range(), unit.since));
        match (said, gps) {
            (Some((true, _)), _) => self.settle_night(at, Presence::Present, scene),
            (Some((false, _)), Presence::Present) => {
                if next == Some(true) {
                    self.settle_night(at, Presence::Present, scene);
                }
            }
            (Some((false, since)), Presence::Absent | Presence::Unknown) => {
                let doubt = self.away.down.is_open() && live && next != Some(true);
                let to = if doubt {
                    self.away.down.onset.min(at)
                } else {
                    at
                };
                self.settle_night(since.min(to), Presence::Unknown, scene);
                self.settle_night(to, Presence::Absent, scene);
            }
            (None, Presence::Unknown) => self.settle_night(at, Presence::Unknown, scene),
            (None, Presence::Present | Presence::Absent) => {
                if next == Some(true) {
                    self.settle_return(at, gps, scene);
                }
            }
        }
    }

    /// Fixes alone had shown `gps` until a unit heard the tag at `at`.
    fn settle_return(&mut self, at: Timestamp, gps: Presence, scene: &mut Scene<'_>) {
        let last = scene.trail.last().map_or(at, |fix| fix.at);
        let gap = TimeDelta::seconds(i64::from(scene.policy.zone.gap_s(scene.pace.cadence_s)));
        if gps == Presence::Present {
            self.settle_night(at, gps, scene);
        } else if self.away.down.is_open() {
            self.settle_night(self.away.down.onset.min(at), gps, scene);
            self.settle_night(at, Presence::Present, scene);
        } else if at <= last.plus(gap) {
            self.settle_night(at, gps, scene);
        } else {
            self.settle_night(last, gps, scene);
            self.settle_night(at, Presence::Unknown, scene);
        }
    }

    /// A unit hears the tag at `at`: what fixes showed of the way out until then was wrong, or is over.
    fn outrank_fixes(&mut self, at: Timestamp, scene: &Scene<'_>) {
        if scene.trail.last().is_some_and(|fix| at < fix.at) {
            return;
        }
        match self.away.verdict {
            Verdict::Violating => self.away.forget(at),
            Verdict::Unknown | Verdict::Compliant => {
                self.away.up = Sum::default();
            }
        }
    }

    /// The wearer is home at `at`, however long they stay.
    fn arrive(&mut self, at: Timestamp, scene: &mut Scene<'_>) {
        if self.settled != Some(at) {
            return;
        }
        if let Some(span) = self.plan.diary.at(at) {
            self.enter(span);
            self.come_home(at, scene);
        }
    }

    /// Until when fixes that may still be on their way keep what the newest one shows alive.
    fn live_until(&self, scene: &Scene<'_>) -> Option<Timestamp> {
        let last = scene.trail.last()?;
        let gap_s = scene.policy.zone.gap_s(scene.pace.cadence_s);
        Some(scene.upload_after(last.at, gap_s))
    }

    fn is_live(&self, at: Timestamp, scene: &Scene<'_>) -> bool {
        self.live_until(scene).is_some_and(|until| at < until)
    }

    /// What is known of the wearer, since when, and by which readings.
    pub(super) fn standing(
        &self,
        scene: &Scene<'_>,
    ) -> (Presence, Timestamp, Option<PresenceSource>) {
        let now = scene.now();
        let gps = known(&self.away);
        let by_fixes = (gps, self.away.since, Some(PresenceSource::Gps));
        match self.units.says(now, &scene.policy.curfew) {
            Some(unit) if unit.is_in_range() => {
                (Presence::Present, unit.since, Some(PresenceSource::Rf))
            }
            Some(_) if gps == Presence::Present && self.is_live(now, scene) => by_fixes,
            Some(unit) => {
                let since = match gps {
                    Presence::Absent => self.away.since.min(unit.since),
                    Presence::Present | Presence::Unknown => unit.since,
                };
                (Presence::Absent, since, Some(PresenceSource::Rf))
            }
            None if gps == Presence::Unknown => (gps, self.away.since, None),
            None => by_fixes,
        }
    }

    /// What is known of the wearer.
    pub(super) fn presence(&self, scene: &Scene<'_>) -> Presence {
        self.standing(scene).0
    }

    /// Whether the wearer is known to be absent, with nothing that speaks for a return.
    pub(super) fn surely_absent(&self, scene: &Scene<'_>) -> Option<Absent> {
        let fix = scene.trail.last().map(|fix| fix.at);
        let fresh_s = scene.policy.zone.fresh_s(scene.pace.cadence_s);
        let by_fixes = fix
            .filter(|_| self.away.is_surely_violating())
            .map(|last| Absent {
                last,
                fresh_until: last.plus_seconds(fresh_s.into()),
                not_before: Timestamp::default(),
            });
        let Some(unit) = self.units.says(scene.now(), &scene.policy.curfew) else {
            return by_fixes;
        };
        let live_until = self.live_until(scene).filter(|until| scene.now() < *until);
        let returning = self.away.verdict != Verdict::Compliant && self.away.down.is_open();
        if unit.is_in_range() || returning && live_until.is_some() {
            return None;
        }
        let holds = unit.holds_until(&scene.policy.curfew);
        let holds = holds.minus(TimeDelta::milliseconds(1));
        // Fixes that still show the wearer at home stand until they have stopped.
        let stands = live_until.filter(|_| self.away.verdict == Verdict::Compliant);
        Some(Absent {
            last: by_fixes.map_or(unit.newest(), |absent| absent.last.max(unit.newest())),
            fresh_until: by_fixes.map_or(holds, |absent| absent.fresh_until.max(holds)),
            not_before: stands.unwrap_or_default(),
        })
    }
}

impl AtPlace for CurfewRule {
    fn away(&self) -> &Sequential {
        &self.away
    }

    fn away_mut(&mut self) -> &mut Sequential {
        &mut self.away
    }

    /// Fixes said `gps` until `to`: what that means beside the units.
    fn settle(&mut self, to: Timestamp, gps: Presence, scene: &mut Scene<'_>) {
        let said = self.units.says(to, &scene.policy.curfew);
        let presence = match (said.map(Unit::is_in_range), gps) {
            (Some(true), Presence::Absent) => return,
            (Some(true), Presence::Present | Presence::Unknown) => Presence::Present,
            (Some(false), Presence::Absent | Presence::Unknown) => Presence::Absent,
            (Some(false) | None, _) => gps,
        };
        self.settle_night(to, presence, scene);
    }
}
