//! Where a wearer truly is, at any instant from the start on.

use std::collections::VecDeque;

use model::Timestamp;

use super::diary::Diary;
use super::errand::{Errand, Leg};
use crate::WorldConfig;
use crate::person::Person;
use crate::town::Spot;
use crate::walk::{Stride, Walk};

/// What there is to see of a wearer at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sight {
    pub(crate) spot: Spot,
    pub(crate) indoors: bool,
    /// Metres a second.
    pub(crate) speed: f64,
    /// Radians anticlockwise from east, while moving.
    pub(crate) heading: Option<f64>,
    /// Where they stay: since when.
    pub(crate) still_since: Option<Timestamp>,
}

/// A wearer's true track. Asked with times that never go back; holds two days of errands at most.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    diary: Diary,
    errands: VecDeque<Errand>,
    home_since: Timestamp,
}

impl Track {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self {
            diary: Diary::new(config),
            errands: VecDeque::new(),
            home_since: config.start,
        }
    }

    /// What there is to see at `at`.
    pub(crate) fn at(&mut self, at: Timestamp, person: &Person, config: &WorldConfig) -> Sight {
        if let Some(walk) = config.walks.get(&person.index) {
            return walked(walk, at, config.start);
        }
        self.turn_to(at, person, config);
        let current = self.errands.front().filter(|errand| errand.covers(at));
        let leg = current.and_then(|errand| errand.legs.iter().find(|leg| at < leg.end));
        match leg {
            None => Sight {
                spot: person.home,
                indoors: true,
                speed: 0.0,
                heading: None,
                still_since: Some(self.home_since),
            },
            Some(leg) => sight(leg, at, config.start),
        }
    }

    /// When one next begins to move after `at`; an instant in the future to ask again at where that
    /// is not written yet.
    pub(crate) fn next_motion(&self, at: Timestamp) -> Timestamp {
        let legs = self.errands.iter().flat_map(|errand| &errand.legs);
        let mut moving = legs.filter(|leg| leg.is_moving() && leg.start > at);
        let next = moving.next().map_or(Timestamp::MAX, |leg| leg.start);
        next.min(self.diary.written_until())
    }

    fn turn_to(&mut self, at: Timestamp, person: &Person, config: &WorldConfig) {
        while self.diary.written_until() <= at {
            let page = self.diary.next_page(person, config);
            self.errands.extend(page.errands);
        }
        while let Some(over) = self
            .errands
            .front()
            .map(Errand::end)
            .filter(|end| *end <= at)
        {
            self.home_since = over.max(config.start);
            self.errands.pop_front();
        }
    }
}

/// What there is to see of somebody on a way of the user's own. They are never at rest to their tag, which
/// would not wake for what is not in the diary.
fn walked(walk: &Walk, at: Timestamp, start: Timestamp) -> Sight {
    let Stride {
        spot,
        speed,
        heading,
    } = walk.at(at.seconds_since(start));
    Sight {
        spot,
        indoors: false,
        speed,
        heading,
        still_since: None,
    }
}

fn sight(leg: &Leg, at: Timestamp, world_start: Timestamp) -> Sight {
    let moving = leg.is_moving();
    Sight {
        spot: leg.at(at),
        indoors: leg.indoors,
        speed: leg.speed(),
        heading: moving.then(|| leg.from.angle_to(leg.to)),
        still_since: (!moving).then(|| leg.start.max(world_start)),
    }
}
