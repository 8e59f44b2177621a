//! Is the wearer at a place? The sequential test, and up to when its answer is settled.

use model::{Presence, Timestamp};

use super::Scene;
use super::calm::ROOM_FROM_M;
use crate::sequential::{Sequential, Verdict};
use crate::trail::Step;

/// A rule that rests on whether the wearer is at one place.
pub(super) trait AtPlace {
    /// Is the wearer away from the place?
    fn away(&self) -> &Sequential;

    /// The same.
    fn away_mut(&mut self) -> &mut Sequential;

    /// What was known, `presence`, held until `to`: nothing that still comes changes that.
    fn settle(&mut self, to: Timestamp, presence: Presence, scene: &mut Scene<'_>);

    /// How many metres a wearer, now `outside_m` outside the place's edge, can go in any direction and fixes go on
    /// saying what is known; nothing where they may say otherwise.
    fn room_m(&self, outside_m: f64) -> Option<f64> {
        let away = self.away();
        let inside = away.is_surely_compliant() && outside_m <= -ROOM_FROM_M;
        let outside = away.is_surely_violating() && outside_m >= ROOM_FROM_M;
        (inside || outside).then_some(outside_m.abs())
    }

    /// Takes a fix, `outside_m` metres outside the place's edge, as evidence.
    fn weigh_fix(&mut self, step: &Step, outside_m: f64, scene: &mut Scene<'_>) {
        let at = step.fix.at;
        if step.gap {
            self.settle(at, Presence::Unknown, scene);
            self.away_mut()
                .forget(step.before.map_or(at, |before| before.at));
        }
        let before = known(self.away());
        if scene.count(step, outside_m, self.away_mut()) {
            let since = self.away().since;
            self.settle(since, before, scene);
            let now = known(self.away());
            self.settle(at, now, scene);
        } else {
            let doubted = self.away().doubted_since();
            let settled = doubted.map_or(at, |since| since.min(at));
            self.settle(settled, before, scene);
        }
    }
}

/// What is known of a wearer who is tested for being away.
pub(super) const fn known(away: &Sequential) -> Presence {
    match away.verdict {
        Verdict::Unknown => Presence::Unknown,
        Verdict::Compliant => Presence::Present,
        Verdict::Violating => Presence::Absent,
    }
}
