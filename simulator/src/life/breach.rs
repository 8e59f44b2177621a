//! Errands that must be alerted.

use chrono::TimeDelta;
use model::Timestamp;

use super::errand::{Errand, Fault};
use super::trip::{Pace, Stay, there_and_back};
use crate::civil::Window;
use crate::dice::Dice;
use crate::person::Person;
use crate::town::{Spot, route};

/// Into the exclusion zone, to its deep point, for 6 to 20 minutes.
pub(crate) fn trespass(
    person: &Person,
    dice: &mut Dice,
    leave: Timestamp,
    pace: Pace,
) -> Option<Errand> {
    let way = way_in(person)?;
    let stay = Stay::For(minutes(dice, 6.0, 20.0));
    let legs = there_and_back(dice, &way, leave, pace, stay, false)?;
    let errand = Errand {
        legs,
        fault: Some(Fault::Trespass),
    };
    let in_force = person
        .zone
        .as_ref()?
        .in_force_throughout(errand.start(), errand.end());
    in_force.then_some(errand)
}

/// Out since `leave`, home 45 to 80 minutes after the curfew has started.
pub(crate) fn out_late(
    person: &Person,
    dice: &mut Dice,
    leave: Timestamp,
    window: Window,
) -> Option<Errand> {
    let home = window.start.plus(minutes(dice, 45.0, 80.0));
    let early_enough = leave < window.start && home < window.end.minus(TimeDelta::minutes(10));
    let fault = Fault::OutPastStart(window);
    early_enough
        .then(|| visit(person, dice, leave, Stay::HomeAt(home), fault))
        .flatten()
}

/// Leaves home at `leave`, during the curfew, for 45 to 75 minutes.
pub(crate) fn leave_during(
    person: &Person,
    dice: &mut Dice,
    leave: Timestamp,
    window: Window,
) -> Option<Errand> {
    let stay = Stay::For(minutes(dice, 45.0, 75.0));
    let errand = visit(person, dice, leave, stay, Fault::LeftDuring(window))?;
    let within = window.start < leave && errand.end() < window.end.minus(TimeDelta::minutes(10));
    within.then_some(errand)
}

/// Out since `leave`, home 15 to 30 minutes after the whole curfew is over.
pub(crate) fn stay_away(
    person: &Person,
    dice: &mut Dice,
    leave: Timestamp,
    window: Window,
) -> Option<Errand> {
    let home = window.end.plus(minutes(dice, 15.0, 30.0));
    let fault = Fault::AbsentThroughout(window);
    (leave < window.start)
        .then(|| visit(person, dice, leave, Stay::HomeAt(home), fault))
        .flatten()
}

/// The way from home to the zone's deep point.
pub(crate) fn way_in(person: &Person) -> Option<Vec<Spot>> {
    let zone = person.zone.as_ref()?;
    let mut way = route(person.home, zone.gate, Some(&zone.area))?;
    way.push(zone.deep);
    Some(way)
}

/// A drive to one of the places gone to, all of them well away from home.
fn visit(
    person: &Person,
    dice: &mut Dice,
    leave: Timestamp,
    stay: Stay,
    fault: Fault,
) -> Option<Errand> {
    let there = *dice.pick(&person.haunts)?;
    let avoid = person.zone.as_ref().map(|zone| &zone.area);
    let way = route(person.home, there, avoid)?;
    let legs = there_and_back(dice, &way, leave, Pace::Drive, stay, true)?;
    Some(Errand {
        legs,
        fault: Some(fault),
    })
}

pub(crate) fn minutes(dice: &mut Dice, low: f64, high: f64) -> TimeDelta {
    TimeDelta::milliseconds(crate::millis(dice.between(low, high) * 60.0))
}
