//! Errands of no consequence.

use chrono::{Datelike as _, NaiveDate, TimeDelta, Weekday};
use model::Timestamp;

use super::breach::minutes;
use super::errand::Errand;
use super::trip::{Pace, Stay, there_and_back};
use crate::civil;
use crate::dice::Dice;
use crate::person::Person;
use crate::town::route;

/// What a wearer might do on a date, most important first. Curfews and what else there is to do
/// decide which of it comes about.
pub(crate) fn day(person: &Person, dice: &mut Dice, date: NaiveDate) -> Vec<Errand> {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let mut errands = Vec::new();
    if person.has_work && !weekend {
        errands.extend(work(person, dice, date));
    }
    for _ in 0..dice.whole(1, 3) {
        let leave = civil::instant(date, dice.whole(9 * 60, 20 * 60));
        let stay = Stay::For(minutes(dice, 15.0, 90.0));
        let pace = if dice.chance(0.5) {
            Pace::Walk
        } else {
            Pace::Drive
        };
        errands.extend(visit(person, dice, leave, stay, pace));
    }
    errands
}

/// To work in the morning, home in the late afternoon.
fn work(person: &Person, dice: &mut Dice, date: NaiveDate) -> Option<Errand> {
    let leave = civil::instant(date, dice.whole(7 * 60 + 15, 9 * 60));
    let home = civil::instant(date, dice.whole(16 * 60, 18 * 60));
    let there = *person.haunts.first()?;
    let avoid = person.zone.as_ref().map(|zone| &zone.area);
    let way = route(person.home, there, avoid)?;
    let legs = there_and_back(dice, &way, leave, Pace::Drive, Stay::HomeAt(home), true)?;
    Some(Errand { legs, fault: None })
}

/// To one of the places gone to, and back.
pub(crate) fn visit(
    person: &Person,
    dice: &mut Dice,
    leave: Timestamp,
    stay: Stay,
    pace: Pace,
) -> Option<Errand> {
    let there = *dice.pick(&person.haunts)?;
    let avoid = person.zone.as_ref().map(|zone| &zone.area);
    let way = route(person.home, there, avoid)?;
    // Nobody walks for more than half an hour: farther, they take the car.
    let far = there.distance(person.home) > 1_500.0;
    let pace = if far { Pace::Drive } else { pace };
    let indoors = !dice.chance(0.2);
    let legs = there_and_back(dice, &way, leave, pace, stay, indoors)?;
    let at_least = TimeDelta::minutes(1);
    let errand = Errand { legs, fault: None };
    (errand.end().since(errand.start()) > at_least).then_some(errand)
}
