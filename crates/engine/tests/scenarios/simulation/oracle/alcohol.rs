//! Drinking nothing.

use chrono::TimeDelta;
use model::{Decision, DecisionKind, Timestamp};

use super::super::world::{Drink, World};
use super::{Told, told};

/// From so many mg/100 mL a reading counts.
const COUNTS_TAC: i32 = 20;
/// So many readings of it, half an hour apart, are told of.
const SURELY_READINGS: u8 = 3;

/// Readings so many hours apart are not part of one episode.
const APART_H: i64 = 4;

const EPISODES: [DecisionKind; 4] = [
    DecisionKind::AlcoholDetected,
    DecisionKind::AlcoholConfirmed,
    DecisionKind::AlcoholProbable,
    DecisionKind::AlcoholEnvironmental,
];

fn counts(drink: &&Drink) -> bool {
    drink.tac >= COUNTS_TAC
}

/// What is wrong with what was told of alcohol.
pub(super) fn complaints(world: &World, decisions: &[Decision]) -> Vec<String> {
    let told = told(decisions, "C-4", &EPISODES);
    let sure = world.drinks.iter().filter(counts);
    let mut complaints: Vec<String> = sure
        .filter(|drink| drink.readings >= SURELY_READINGS && is_alone(world, drink))
        .filter(|drink| !told.iter().any(|episode| tells_of(episode, drink)))
        .map(|drink| format!("{drink:?} not told of"))
        .collect();
    let standing = told.iter().filter(|episode| episode.stands());
    complaints.extend(standing.filter_map(|episode| unfounded(world, episode.opened)));
    complaints
}

/// No other readings come so near as to be part of the same episode.
fn is_alone(world: &World, drink: &Drink) -> bool {
    let apart = TimeDelta::hours(APART_H);
    let near = |other: &&Drink| {
        other.from <= drink.to().plus(apart) && drink.from <= other.to().plus(apart)
    };
    world.drinks.iter().filter(near).count() == 1
}

/// An episode may go on from an earlier reading, over a gap; what is open needs no telling again.
fn tells_of(episode: &Told<'_>, drink: &Drink) -> bool {
    let over = episode.cleared.unwrap_or(Timestamp::MAX);
    episode.stands() && episode.last.onset <= drink.to() && drink.from <= over
}

fn unfounded(world: &World, opened: &Decision) -> Option<String> {
    let begins = |drink: &Drink| drink.from <= opened.onset && opened.onset <= drink.to();
    let drinks = world.drinks.iter().filter(counts);
    let founded = drinks.clone().any(begins);
    (!founded).then(|| format!("{} at {}, without a drink", opened.kind, opened.onset))
}
