//! Fixes against zones: which zones are measured, and what is kept about each.

use model::{GeoPoint, Metres, ZoneId};
use serde::{Deserialize, Serialize};

use super::{Plan, Scene, ZoneRule};
use crate::atlas::Spot;
use crate::sequential::{Sequential, Verdict};
use crate::trail::Step;

/// Zones whose box is this close to a fix are measured. Only a fix inside a zone begins to count
/// against it, so this need only make up for rounding at the box.
const BOX_MARGIN: Metres = Metres(1.0);

/// What is known about one zone, or about all the zones to be inside of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Track {
    pub(super) zone: ZoneId,
    #[serde(skip)]
    pub(super) spot: Option<Spot>,
    pub(super) test: Sequential,
    /// Whether an episode has told of it.
    pub(super) breached: bool,
}

impl PartialEq<Spot> for Track {
    fn eq(&self, spot: &Spot) -> bool {
        self.spot == Some(*spot)
    }
}

impl Track {
    fn new(zone: ZoneId, spot: Option<Spot>, verdict: Verdict) -> Self {
        Self {
            zone,
            spot,
            test: Sequential::starting(verdict),
            breached: false,
        }
    }

    pub(super) fn restart(&mut self, verdict: Verdict) {
        self.test = Sequential::starting(verdict);
        self.breached = false;
    }

    /// Whether the wearer is known to comply, and nothing speaks against it.
    pub(super) fn is_at_rest(&self) -> bool {
        !self.breached && self.test.is_surely_compliant()
    }

    /// Whether there is anything to remember; of most zones there is not.
    pub(super) fn matters(&self) -> bool {
        self.test.verdict == Verdict::Violating || self.test.up.is_open()
    }
}

impl Plan {
    /// Distance in metres on the violating side of what `track` is about.
    pub(super) fn violation(&self, track: &Track, point: GeoPoint) -> Option<f64> {
        match track.spot {
            Some(spot) => Some(self.ground.area(spot)?.signed_distance(point).0),
            None => self.outside_m(point),
        }
    }
}

impl ZoneRule {
    /// Against every zone that there is evidence about, and every one that the fix is inside of.
    pub(super) fn weigh_exclusion(&mut self, step: &Step, scene: &Scene<'_>) {
        let point = step.fix.point;
        for track in &mut self.tracks {
            if let Some(distance_m) = self.plan.violation(track, point) {
                scene.count(step, distance_m, &mut track.test);
            }
        }
        if !self.clear.is_some_and(|clear| clear.holds(point)) {
            self.clear = self.plan.free_around(point);
        }
        if self.clear.is_some() {
            return;
        }
        for (set, areas) in self.plan.ground.sets.iter().enumerate() {
            for index in areas.near(point, BOX_MARGIN) {
                let spot = Spot { set, index };
                let Some(area) = areas.get(index) else {
                    continue;
                };
                let Metres(distance_m) = area.signed_distance(point);
                if distance_m <= 0.0 || self.tracks.iter().any(|track| *track == spot) {
                    continue;
                }
                let mut track = Track::new(area.id().clone(), Some(spot), Verdict::Compliant);
                scene.count(step, distance_m, &mut track.test);
                self.tracks.push(track);
            }
        }
    }

    /// Against all the zones together: inside any one is inside.
    pub(super) fn weigh_union(&mut self, step: &Step, scene: &Scene<'_>) {
        let Some(nearest) = self.plan.nearest(step.fix.point) else {
            return;
        };
        if self.tracks.is_empty() {
            let start = self.plan.starting_verdict();
            let zone = nearest.area.id().clone();
            self.tracks.reserve_exact(1);
            self.tracks.push(Track::new(zone, None, start));
        }
        for track in &mut self.tracks {
            track.zone.clone_from(nearest.area.id());
            track.spot = None;
            scene.count(step, nearest.outside_m, &mut track.test);
        }
        self.clear = nearest.clear(step.fix.point);
    }
}
