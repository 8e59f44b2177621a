//! Everything that can die, dies, while readings come in; afterwards the books balance.
//!
//! Each test is a round of one trouble. `scripts/torture` runs rounds of several, drawn by seeds.

mod books;
mod database;
mod disk;
mod plan;
mod round;
mod service;
mod story;
mod tags;
mod tap;
mod verdict;
mod world;

use std::time::{Duration, Instant};

use plan::{Plan, StoreKind, Trouble};
use round::Outcome;
use story::say;
use world::World;

/// Set by `scripts/torture`: the first seed, how many rounds, for how many minutes, which trouble, on
/// which kind of store.
const SEED: &str = "TORTURE_SEED";
const ROUNDS: &str = "TORTURE_ROUNDS";
const MINUTES: &str = "TORTURE_MINUTES";
const ONLY: &str = "TORTURE_ONLY";
const STORE: &str = "TORTURE_STORE";

/// The seed of the rounds in `scripts/test`.
const SHORT: u64 = 1;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

fn named(name: &str) -> Trouble {
    Trouble::parse(name).unwrap_or_else(|| {
        let names = Trouble::ALL.map(Trouble::name).join(", ");
        panic!("no trouble is called {name}; there are {names}")
    })
}

fn store_named(name: &str) -> StoreKind {
    StoreKind::parse(name).unwrap_or_else(|| panic!("stores are sqlite and postgres, not {name}"))
}

fn on_sqlite(only: &[Trouble]) {
    round(SHORT, only, Some(StoreKind::Sqlite));
}

fn on_postgres(only: &[Trouble]) {
    round(SHORT, only, Some(StoreKind::Postgres));
}

/// Runs a round and says how it went.
fn round(seed: u64, only: &[Trouble], store: Option<StoreKind>) {
    let plan = Plan::drawn(seed, only, store);
    let troubles: Vec<&str> = plan.incidents.iter().map(|i| i.trouble.name()).collect();
    let (troubles, began) = (troubles.join(" + "), Instant::now());
    let verdict = match round::run(&plan) {
        Outcome::Balanced => "balanced",
        Outcome::Skipped => "SKIPPED: filling a disk takes root, to mount one",
    };
    let took_s = began.elapsed().as_secs_f64();
    say(&format!(
        "seed {seed}, {}: {troubles}: {verdict} ({took_s:.0} s)",
        plan.store.name()
    ));
}

#[test]
fn whatever_goes_wrong_together_the_books_balance() {
    let only: Vec<Trouble> = std::env::var(ONLY)
        .map(|names| names.split(',').map(named).collect())
        .unwrap_or_default();
    let store = std::env::var(STORE).ok().map(|name| store_named(&name));
    let seed = setting(SEED).unwrap_or(SHORT);
    let began = Instant::now();
    let minutes = setting(MINUTES).map(|minutes| Duration::from_secs(60 * minutes));
    let rounds = setting(ROUNDS).unwrap_or(if minutes.is_some() { u64::MAX } else { 1 });
    for seed in (seed..).take(usize::try_from(rounds).unwrap_or(usize::MAX)) {
        if minutes.is_some_and(|minutes| began.elapsed() > minutes) {
            break;
        }
        round(seed, &only, store);
    }
}

#[test]
fn tagwatch_is_killed() {
    on_sqlite(&[Trouble::KillService]);
}

#[test]
fn tagwatch_stands_still() {
    on_sqlite(&[Trouble::PauseService]);
}

#[test]
fn of_two_tagwatches_on_one_store_the_first_is_fenced_off_and_ends() {
    on_sqlite(&[Trouble::SecondService]);
}

#[test]
fn of_two_idle_tagwatches_the_first_ends_too() {
    let plan = Plan::drawn(SHORT, &[Trouble::SecondService], Some(StoreKind::Sqlite));
    let mut world = World::make(&plan).unwrap();
    world.begin(&plan.incidents[0]);
}

#[test]
fn a_tagwatch_wakes_up_and_another_has_taken_its_place() {
    on_sqlite(&[Trouble::StalledService]);
}

#[test]
fn the_broker_is_killed() {
    on_sqlite(&[Trouble::KillBroker]);
}

#[test]
fn nothing_gets_through_to_the_broker() {
    on_sqlite(&[Trouble::DeadLine]);
}

#[test]
fn connections_are_reset() {
    on_sqlite(&[Trouble::ResetLine]);
}

#[test]
fn the_disk_is_full() {
    on_sqlite(&[Trouble::FillDisk]);
}

#[test]
fn both_are_stopped_and_tagwatch_is_started_first() {
    on_sqlite(&[Trouble::RestartAllServiceFirst]);
}

#[test]
fn the_broker_is_killed_while_nothing_can_be_committed() {
    on_sqlite(&[Trouble::FillDisk, Trouble::KillBroker]);
}

#[test]
fn postgres_is_killed() {
    on_postgres(&[Trouble::KillStore]);
}

#[test]
fn postgres_stands_still() {
    on_postgres(&[Trouble::PauseStore]);
}

#[test]
fn nothing_gets_through_to_postgres() {
    on_postgres(&[Trouble::DeadStoreLine]);
}

#[test]
fn the_disk_of_postgres_is_full() {
    on_postgres(&[Trouble::FillDisk]);
}

#[test]
fn of_two_tagwatches_on_postgres_the_first_is_fenced_off_and_ends() {
    on_postgres(&[Trouble::SecondService]);
}

#[test]
fn everything_is_killed_and_tagwatch_is_started_first() {
    on_postgres(&[Trouble::RestartAllServiceFirst]);
}

#[test]
fn a_tagwatch_on_postgres_wakes_up_and_another_has_taken_its_place() {
    on_postgres(&[Trouble::StalledService]);
}
