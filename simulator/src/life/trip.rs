//! How errands are walked and driven.

use chrono::TimeDelta;
use model::Timestamp;

use super::errand::Leg;
use crate::dice::Dice;
use crate::town::Spot;

/// On foot or by car.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// 1.2 to 1.6 m/s.
    Walk,
    /// 8 to 13 m/s between corners, waiting at some of them.
    Drive,
}

impl Pace {
    fn metres_a_second(self, dice: &mut Dice) -> f64 {
        match self {
            Self::Walk => dice.between(1.2, 1.6),
            Self::Drive => dice.between(8.0, 13.0),
        }
    }
}

/// How long to stay at the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// So long.
    For(TimeDelta),
    /// Until it is time to be home at this instant.
    HomeAt(Timestamp),
}

/// Cars wait at one corner in four, for 5 to 40 seconds.
const WAIT_PROBABILITY: f64 = 0.25;

/// Leaves at `leave`, goes along `way`, stays at its end, comes back along it. None where one cannot
/// be back in time.
pub(crate) fn there_and_back(
    dice: &mut Dice,
    way: &[Spot],
    leave: Timestamp,
    pace: Pace,
    stay: Stay,
    indoors: bool,
) -> Option<Vec<Leg>> {
    let far_end = *way.last()?;
    let mut legs = along(dice, way, leave, pace);
    let arrived = legs.last()?.end;
    let home_way: Vec<Spot> = way.iter().rev().copied().collect();
    let back = along(dice, &home_way, arrived, pace);
    let back_takes = back.last()?.end.since(arrived);
    let set_off = match stay {
        Stay::For(time) => arrived.plus(time),
        Stay::HomeAt(time) => time.minus(back_takes),
    };
    if set_off <= arrived {
        return None;
    }
    legs.push(Leg {
        from: far_end,
        to: far_end,
        start: arrived,
        end: set_off,
        indoors,
    });
    let later = set_off.since(arrived);
    legs.extend(back.into_iter().map(|leg| Leg {
        start: leg.start.plus(later),
        end: leg.end.plus(later),
        ..leg
    }));
    Some(legs)
}

/// Along the corners of `way`, leaving at `leave`.
pub(crate) fn along(dice: &mut Dice, way: &[Spot], leave: Timestamp, pace: Pace) -> Vec<Leg> {
    let mut legs = Vec::new();
    let mut now = leave;
    let stretches = way.iter().zip(way.iter().skip(1));
    for (number, (from, to)) in stretches.enumerate() {
        if number > 0 && pace == Pace::Drive && dice.chance(WAIT_PROBABILITY) {
            let wait = crate::millis(dice.between(5.0, 40.0));
            push(&mut legs, *from, *from, &mut now, wait);
        }
        let seconds = from.distance(*to) / pace.metres_a_second(dice);
        push(
            &mut legs,
            *from,
            *to,
            &mut now,
            crate::millis(seconds).max(1),
        );
    }
    legs
}

fn push(legs: &mut Vec<Leg>, from: Spot, to: Spot, now: &mut Timestamp, takes_ms: i64) {
    let end = now.plus(TimeDelta::milliseconds(takes_ms));
    legs.push(Leg {
        from,
        to,
        start: *now,
        end,
        indoors: false,
    });
    *now = end;
}
