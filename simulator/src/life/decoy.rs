//! Errands that come close to a breach and must not be alerted.

use core::f64::consts::PI;

use chrono::TimeDelta;
use model::Timestamp;

use super::breach::{minutes, way_in};
use super::errand::{Errand, Leg};
use super::ordinary;
use super::trip::{Pace, Stay, along, there_and_back};
use crate::civil::Window;
use crate::dice::Dice;
use crate::person::{OwnZone, Person};
use crate::town::{Area, Spot, open_nodes, route};

/// A decoy never comes nearer to the zone than this, in metres: three times the least standard
/// deviation that a fix is given credit for.
pub(crate) const NEAREST_M: f64 = 45.0;

/// Walks past the zone, 75 m from its edge.
pub(crate) fn pass_by(person: &Person, dice: &mut Dice, leave: Timestamp) -> Option<Errand> {
    let zone = person.zone.as_ref()?;
    let middle = zone.deep.angle_to(person.home) + dice.between(-0.4, 0.4);
    let arc: Vec<Spot> = (-3_i8..=3)
        .filter_map(|n| beside(zone, middle + f64::from(n) * PI / 12.0, 75.0))
        .collect();
    let start = approach(person, *arc.first()?)?;
    let finish = approach(person, *arc.last()?)?;
    let way: Vec<Spot> = start
        .into_iter()
        .chain(arc)
        .chain(finish.into_iter().rev())
        .collect();
    let errand = Errand {
        legs: along(dice, &way, leave, Pace::Walk),
        fault: None,
    };
    keeps_out(&errand, &zone.area, 60.0).then_some(errand)
}

/// Stands in the open 50 m from the zone's edge for an hour.
pub(crate) fn stand_near(person: &Person, dice: &mut Dice, leave: Timestamp) -> Option<Errand> {
    let zone = person.zone.as_ref()?;
    let angle = zone.deep.angle_to(zone.gate) + dice.between(-0.3, 0.3);
    let spot = beside(zone, angle, 50.0)?;
    let mut way = approach(person, spot)?;
    way.push(spot);
    let stay = Stay::For(TimeDelta::hours(1));
    let legs = there_and_back(dice, &way, leave, Pace::Walk, stay, false)?;
    let errand = Errand { legs, fault: None };
    keeps_out(&errand, &zone.area, NEAREST_M).then_some(errand)
}

/// Out, and home 6 to 10 minutes before the curfew starts.
pub(crate) fn home_in_time(
    person: &Person,
    dice: &mut Dice,
    leave: Timestamp,
    window: Window,
) -> Option<Errand> {
    let home = window.start.minus(minutes(dice, 6.0, 10.0));
    ordinary::visit(person, dice, leave, Stay::HomeAt(home), Pace::Drive)
}

/// Into the zone outside the hours in which it is in force, with half an hour to spare.
pub(crate) fn off_hours(person: &Person, dice: &mut Dice, leave: Timestamp) -> Option<Errand> {
    let way = way_in(person)?;
    let stay = Stay::For(minutes(dice, 10.0, 20.0));
    let legs = there_and_back(dice, &way, leave, Pace::Walk, stay, false)?;
    let errand = Errand { legs, fault: None };
    let spare = TimeDelta::minutes(30);
    let (from, to) = (errand.start().minus(spare), errand.end().plus(spare));
    (!person.zone.as_ref()?.in_force_within(from, to)).then_some(errand)
}

/// The point `metres` outside the zone's edge in the direction of `angle` from its deep point.
fn beside(zone: &OwnZone, angle: f64, metres: f64) -> Option<Spot> {
    let steps = (1_u16..=600).rev();
    let along_ray = steps.map(|step| zone.deep.polar(angle, f64::from(step) * 2.0));
    // From the outside in: the last point still far enough.
    let mut far_enough = along_ray.take_while(|spot| zone.area.depth(*spot) <= -metres);
    far_enough.by_ref().last()
}

/// The way from home to a crossing near `spot`, clear of the zone.
fn approach(person: &Person, spot: Spot) -> Option<Vec<Spot>> {
    let area = &person.zone.as_ref()?.area;
    let crossing = *open_nodes(spot, area).first()?;
    route(person.home, crossing, Some(area))
}

fn keeps_out(errand: &Errand, area: &Area, metres: f64) -> bool {
    let too_near = |leg: &Leg| {
        let length = leg.from.distance(leg.to);
        let steps = (0_u32..).take_while(|step| f64::from(*step) * 5.0 <= length);
        let mut spots = steps.map(|step| {
            let share = if length > 0.0 {
                f64::from(step) * 5.0 / length
            } else {
                0.0
            };
            leg.from.towards(leg.to, share)
        });
        spots.any(|spot| area.depth(spot) > -metres)
    };
    !errand.legs.iter().any(too_near)
}
