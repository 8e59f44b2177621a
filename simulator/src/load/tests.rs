use std::time::Duration;

use super::*;
use crate::World;
use crate::person::Person;
use crate::scenario::Scenario;

fn stages() -> Vec<Stage> {
    let stage = |seconds, from, to| Stage {
        seconds,
        messages_per_s: from,
        to_messages_per_s: to,
    };
    vec![
        stage(10, 100, None),
        stage(5, 0, None),
        stage(10, 0, Some(400)),
    ]
}

fn arrivals(seed: u64) -> Vec<Duration> {
    Arrivals::new(seed, stages()).collect()
}

#[test]
fn arrivals_keep_to_rates_pauses_and_ramps_and_follow_from_the_seed() {
    let all = arrivals(3);
    assert!(all.is_sorted());
    assert_eq!(all, arrivals(3));
    assert_ne!(all, arrivals(4));
    let within = |from: u64, to: u64| {
        let span = Duration::from_secs(from)..Duration::from_secs(to);
        all.iter()
            .filter(|at| span.contains::<Duration>(at))
            .count()
    };
    // Four standard deviations of a Poisson count, and more.
    assert!((870..1_130).contains(&within(0, 10)), "{}", within(0, 10));
    assert_eq!(within(10, 15), 0);
    assert!((410..590).contains(&within(15, 20)), "{}", within(15, 20));
    assert!(
        (1_340..1_660).contains(&within(20, 25)),
        "{}",
        within(20, 25)
    );
    assert_eq!(within(25, 1_000), 0);
}

#[test]
fn what_is_planned_by_a_time_follows_rates_pauses_and_ramps() {
    let planned = |seconds| planned_by(&stages(), Duration::from_secs(seconds));
    let all = [5, 10, 15, 20, 25, 60].map(planned);
    for (found, expected) in all
        .into_iter()
        .zip([500.0, 1_000.0, 1_000.0, 1_500.0, 3_000.0, 3_000.0])
    {
        assert!((found - expected).abs() < 1e-6, "{all:?}");
    }
}

#[test]
fn tags_are_where_the_registry_has_their_wearers_live() {
    let scenario = Scenario::everyday().unwrap();
    let world = World::new(scenario.world(scenario.start));
    for person in world.people() {
        let home = Person::home(scenario.seed, person.index);
        assert_eq!(home.degrees(), person.home.degrees());
    }
}
