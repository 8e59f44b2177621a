use std::num::NonZeroU16;

use super::*;

const HOUR: TimeDelta = TimeDelta::hours(1);

fn config(forgotten: f64, ignored: f64) -> WorldConfig {
    let start = Timestamp::parse("2026-06-01T16:30:00Z").unwrap();
    let mut config = WorldConfig::new(5, 1, start, NonZeroU16::MIN);
    config.tags.battery_h = Some((36.0, 72.0));
    config.people.forgotten_charges = forgotten;
    config.people.ignored_low_batteries = ignored;
    config
}

fn batteries(forgotten: f64, ignored: f64) -> Vec<Battery> {
    let config = config(forgotten, ignored);
    (0..200).map(|index| Battery::new(&config, index)).collect()
}

fn of(code: EventCode) -> impl Fn(&TagEvent) -> bool {
    move |event| event.code == code
}

#[test]
fn a_battery_of_which_nothing_is_said_never_runs_down() {
    let mut config = config(1.0, 1.0);
    config.tags.battery_h = None;
    let battery = Battery::new(&config, 1);
    assert!(battery.events().is_empty());
    assert_eq!(battery.silences().count(), 0);
}

#[test]
fn who_charges_every_evening_has_no_battery_that_is_dead() {
    for battery in batteries(0.0, 0.0) {
        let events = battery.events();
        assert!(events.iter().any(of(EventCode::ChargingStart)));
        assert!(!events.iter().any(of(EventCode::BatteryDead)));
    }
}

#[test]
fn a_level_falls_until_it_is_charged_and_is_low_from_when_the_tag_says_so() {
    let (mut lows, mut levels) = (0, 0);
    for battery in batteries(0.4, 0.5) {
        let (mut left, mut is_low) = (100, false);
        for event in battery.events() {
            let pct = event.pct.unwrap();
            if event.code == EventCode::Battery {
                assert!(pct <= left, "{event:?} after {left} %");
                // One that was low before the tag said anything shows by its level.
                assert!(pct > 20 || is_low || event.at == battery.first_said);
                is_low = pct <= 20;
                levels += 1;
            } else if event.code == EventCode::BatteryLow {
                assert!(!is_low && pct == 20, "{event:?}");
                is_low = true;
                lows += 1;
            } else if event.code == EventCode::ChargingEnd {
                is_low = false;
            }
            left = pct;
        }
    }
    assert!(lows > 50 && levels > 5_000, "{lows} low, {levels} levels");
}

#[test]
fn a_tag_whose_battery_is_dead_says_nothing_until_it_is_charged() {
    let mut died = 0;
    for battery in batteries(0.6, 1.0) {
        for (from, to) in battery.silences() {
            assert_eq!(battery.on_at(from), to);
            assert_eq!(battery.on_at(to), to);
            let said = battery.events();
            assert!(!said.iter().any(|event| from <= event.at && event.at < to));
            let charged = said.iter().find(|event| event.at == to);
            assert!(charged.is_some_and(of(EventCode::ChargingStart)) || to < battery.first_said);
            died += 1;
        }
    }
    assert!(died > 20, "{died}");
}

#[test]
fn a_low_battery_must_be_told_and_one_not_charged_twice_in_a_week_as_well() {
    let config = config(0.7, 1.0);
    let wearer = WearerId::new("W-1").unwrap();
    let (mut counts, mut before) = ([0; 3], 0);
    for index in 0..200 {
        let battery = Battery::new(&config, index);
        let link = Link {
            seed: 5,
            index,
            start: config.start,
            interval_ms: 60_000,
            phase_ms: 7_000,
            losses: crate::LinkConfig {
                loss_probability: 0.0,
                ..crate::LinkConfig::USUAL
            },
            outages: battery.silences().collect(),
        };
        let mut lows = Vec::new();
        for breach in battery.breaches(&wearer, &link, &config) {
            let Some(due) = breach.must_alert_by else {
                before += 1;
                lows.push(breach.onset);
                continue;
            };
            assert!(due > breach.onset && breach.onset < breach.ends);
            match breach.kinds.as_slice() {
                [DecisionKind::BatteryLow] => {
                    assert!(due <= breach.onset.plus(TimeDelta::minutes(1)));
                    lows.push(breach.onset);
                    counts[0] += 1;
                }
                [DecisionKind::BatteryDead] => counts[1] += 1,
                [DecisionKind::ChargeMissed] => {
                    assert!(lows.len() >= 2, "after {lows:?}");
                    let since = breach.onset.since(*lows.last().unwrap());
                    assert_eq!(since, HOUR * 4);
                    counts[2] += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
    assert!(before > 5, "{before} were low when the world began");
}

#[test]
fn a_breach_behind_a_dead_battery_may_be_told_and_one_before_it_must() {
    let config = config(0.6, 1.0);
    let dies = (0..200).map(|index| Battery::new(&config, index));
    let battery = dies
        .into_iter()
        .find(|battery| battery.silences().count() > 0);
    let battery = battery.unwrap();
    let (from, to) = battery.silences().next().unwrap();
    let due = |onset: Timestamp| {
        let mut breach = PlannedBreach {
            id: "B".to_owned(),
            wearer: WearerId::new("W-1").unwrap(),
            condition: None,
            kinds: vec![DecisionKind::ExclusionZoneEntered],
            consequences: Vec::new(),
            onset,
            ends: onset.plus(HOUR),
            must_alert_by: Some(onset.plus(TimeDelta::minutes(5))),
        };
        battery.excuse(&mut breach);
        breach.must_alert_by
    };
    assert!(due(from.minus(HOUR)).is_some());
    assert!(due(from.minus(TimeDelta::minutes(10))).is_none());
    assert!(due(from.plus(TimeDelta::minutes(1))).is_none());
    assert!(due(to).is_some());
}
