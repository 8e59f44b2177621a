use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::num::NonZeroU16;

use chrono::TimeDelta;
use model::{DecisionKind, DeviceCommand, DeviceId, ReadingBody};
use wire::topic::{NativeTopic, Topic};

use super::*;
use crate::life::decoy;
use crate::life::errand::{Errand, Fault};
use crate::life::script::{self, Role};
use crate::life::track::Track;
use crate::person::HOME_RADIUS_M;
use crate::town::Spot;
use crate::{FirmwareBug, PeopleConfig};

/// A Wednesday noon, an evening, a night, and the night the clocks go back.
const STARTS: [&str; 4] = [
    "2026-06-03T12:00:00Z",
    "2026-06-05T18:41:17Z",
    "2026-01-10T23:20:05Z",
    "2026-10-24T22:30:00Z",
];

fn config(seed: u64, wearers: usize, start: &str) -> WorldConfig {
    let partitions = NonZeroU16::new(4).unwrap();
    WorldConfig::new(seed, wearers, Timestamp::parse(start).unwrap(), partitions)
}

fn world(seed: u64, start: &str) -> World {
    World::new(config(seed, 60, start))
}

/// Every errand of every wearer on the planned days.
fn errands(world: &World) -> Vec<(&Person, Errand)> {
    let mut all = Vec::new();
    for person in world.people() {
        let mut diary = Diary::new(world.config());
        for _ in 0..world.config().plan_days {
            let page = diary.next_page(person, world.config());
            all.extend(page.errands.into_iter().map(|errand| (person, errand)));
        }
    }
    all
}

fn digest(uploads: &[Upload]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for upload in uploads {
        upload.at.hash(&mut hasher);
        upload.topic.hash(&mut hasher);
        upload.payload.hash(&mut hasher);
        upload.readings.hash(&mut hasher);
    }
    hasher.finish()
}

#[test]
fn the_same_seed_uploads_the_same_bytes_whatever_the_steps() {
    let run = |steps: &[i64]| {
        let mut world = world(7, STARTS[0]);
        let start = world.config().start;
        let until = start.plus(TimeDelta::hours(6));
        let (mut now, mut uploads) = (start, Vec::new());
        for step in steps.iter().cycle() {
            now = now.plus(TimeDelta::milliseconds(*step)).min(until);
            uploads.extend(world.advance(now));
            if now == until {
                break;
            }
        }
        assert!(uploads.is_sorted_by_key(|upload| upload.at));
        uploads.extend(world.flush(until));
        (uploads.len(), digest(&uploads))
    };
    let whole = run(&[6 * 3_600_000]);
    assert!(whole.0 > 4_000, "{whole:?}");
    assert_eq!(run(&[1_000]), whole);
    assert_eq!(run(&[333, 61_017, 5_000, 1]), whole);
}

#[test]
fn another_seed_is_another_world() {
    let run = |seed| {
        let mut world = World::new(config(seed, 5, STARTS[0]));
        let until = world.config().start.plus(TimeDelta::minutes(10));
        digest(&world.flush(until))
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn these_bytes_are_those_of_every_machine() {
    let mut world = World::new(config(42, 5, "2026-06-03T12:00:00Z"));
    let until = world.config().start.plus(TimeDelta::minutes(30));
    let uploads = world.flush(until);
    let payloads: Vec<u8> = uploads.iter().flat_map(|u| u.payload.clone()).collect();
    // FNV-1a: written down, unlike the standard library's hash.
    let hash = payloads
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    assert_eq!(hash, EXPECTED_BYTES, "{hash:#x}");
}

/// Changes whenever what a seed means changes; then write the new one down, deliberately.
const EXPECTED_BYTES: u64 = 0xe465_891b_2ebf_bede;

#[test]
fn the_registry_survives_its_json_form_and_names_what_orders_need() {
    let world = world(3, STARTS[0]);
    let registry = world.registry();
    let text = serde_json::to_string(&registry).unwrap();
    assert_eq!(
        serde_json::from_str::<RegistryDocument>(&text).unwrap(),
        registry
    );
    assert_eq!(registry.wearers.len(), 61);
    assert_eq!(registry.activations.len(), 61);
    let Some(FeatureSource::Inline(zones)) = &registry.zones else {
        panic!("zones are written in place");
    };
    for order in &registry.orders {
        for condition in &order.conditions {
            let json = serde_json::to_value(condition).unwrap();
            for zone in json["zones"].as_array().into_iter().flatten() {
                let features = zones["features"].as_array().unwrap();
                assert!(features.iter().any(|f| f["id"] == *zone), "{zone}");
            }
            if let Some(place) = json["place"].as_str() {
                assert!(registry.places.iter().any(|p| p.id.as_str() == place));
            }
        }
    }
    let geometries: BTreeMap<String, usize> =
        zones["features"]
            .as_array()
            .unwrap()
            .iter()
            .fold(BTreeMap::new(), |mut count, feature| {
                let kind = feature["geometry"]["type"].as_str().unwrap().to_owned();
                *count.entry(kind).or_default() += 1;
                count
            });
    assert_eq!(
        geometries.keys().collect::<Vec<_>>(),
        ["MultiPolygon", "Point", "Polygon"]
    );
}

#[test]
fn every_seed_has_breaches_due_within_45_minutes() {
    for seed in 0..5 {
        for start in &STARTS[..3] {
            let world = world(seed, start);
            let soon = world.config().start.plus(TimeDelta::minutes(45));
            let due = world
                .plan()
                .iter()
                .filter(|b| b.must_alert_by.is_some_and(|by| by <= soon))
                .count();
            assert!(due >= 10, "seed {seed} at {start}: {due} due");
        }
    }
}

#[test]
fn the_plan_goes_on_for_days() {
    let world = world(1, STARTS[0]);
    let day = world.config().start.plus(TimeDelta::hours(24));
    let later = world
        .plan()
        .iter()
        .filter(|breach| breach.onset > day)
        .count();
    assert!(later >= 5, "{later} breaches after the first day");
    for kind in [
        DecisionKind::ExclusionZoneEntered,
        DecisionKind::LeftDuring,
        DecisionKind::LateReturn,
        DecisionKind::AbsentThroughout,
    ] {
        assert!(
            world.plan().iter().any(|b| b.kinds.contains(&kind)),
            "{kind}"
        );
    }
}

#[test]
fn planned_breaches_are_true_of_the_track_that_is_walked() {
    for (seed, start) in (0..4).zip(STARTS) {
        let world = world(seed, start);
        let people: BTreeMap<&str, &Person> =
            world.people().map(|p| (p.wearer.as_str(), p)).collect();
        for breach in world.plan() {
            let person = people[breach.wearer.as_str()];
            let zone = person.zone.as_ref();
            let is_zone = breach.kinds == [DecisionKind::ExclusionZoneEntered];
            let mut track = Track::new(world.config());
            let (mut at, mut deepest) = (breach.onset, f64::NEG_INFINITY);
            while at < breach.ends {
                let sight = track.at(at, person, world.config());
                let inside = if is_zone {
                    zone.unwrap().area.depth(sight.spot)
                } else {
                    sight.spot.distance(person.home) - HOME_RADIUS_M
                };
                assert!(inside > -3.0, "{} at {at}: {inside} m", breach.id);
                deepest = deepest.max(inside);
                at = at.plus(TimeDelta::seconds(5));
            }
            let wanted = if is_zone { 60.0 } else { 300.0 };
            assert!(deepest >= wanted, "{}: {deepest} m", breach.id);
            let lasts = breach.ends.since(breach.onset);
            assert!(
                lasts >= TimeDelta::minutes(if is_zone { 6 } else { 30 }),
                "{}",
                breach.id
            );
            assert!(breach.must_alert_by.is_some_and(|by| by > breach.onset));
        }
    }
}

#[test]
fn nobody_else_is_where_they_must_not_be() {
    for (seed, start) in (0..4).zip(STARTS) {
        let world = world(seed, start);
        for (person, errand) in errands(&world) {
            let id = person.wearer.as_str();
            let zone = person.zone.as_ref();
            let trespass = errand.fault == Some(Fault::Trespass);
            if let Some(zone) =
                zone.filter(|z| !trespass && z.in_force_within(errand.start(), errand.end()))
            {
                let near = errand.span(|spot| zone.area.depth(spot) > -decoy::NEAREST_M);
                assert_eq!(near, None, "{id} comes too near");
            }
            let windows = person
                .curfew
                .as_ref()
                .map(|c| c.around(errand.start(), errand.end()));
            for window in windows.into_iter().flatten() {
                let meant = errand.fault.and_then(|fault| fault.window()) == Some(window);
                let margin = TimeDelta::minutes(5);
                let met = window.meets(errand.start().minus(margin), errand.end().plus(margin));
                assert!(
                    meant || !met,
                    "{id} is out at {} against a curfew",
                    window.start
                );
            }
        }
    }
}

#[test]
fn every_part_of_the_script_is_played() {
    for (seed, start) in (0..6).zip(STARTS.iter().cycle()) {
        let world = world(seed, start);
        let early = world.config().start.plus(script::FIRST_HOURS);
        for person in world.people().filter(|p| p.role != Role::Ordinary) {
            let mut diary = Diary::new(world.config());
            let page = diary.next_page(person, world.config());
            let plays = page.errands.iter().any(|errand| errand.start() < early);
            let clocks_change = *start == STARTS[3];
            assert!(
                plays || clocks_change,
                "seed {seed} at {start}: {:?}",
                person.role
            );
        }
    }
}

/// Every fix of every tag for some hours, as the wire's own decoder reads them.
fn fixes(world: &mut World, hours: i64) -> BTreeMap<String, Vec<(u64, Timestamp, Spot, String)>> {
    let until = world.config().start.plus(TimeDelta::hours(hours));
    let mut fixes: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for upload in world.flush(until) {
        let Topic::Native(topic) = Topic::parse(&upload.topic).unwrap() else {
            panic!("{} is no native topic", upload.topic);
        };
        let topic: NativeTopic = topic;
        let decoded = wire::decode(&topic, &upload.payload).unwrap();
        assert_eq!(decoded.len(), upload.readings);
        for reading in decoded {
            let reading = reading.unwrap();
            assert!(
                reading.observed_at.0 <= upload.at,
                "uploaded before it was measured"
            );
            let ReadingBody::Position(fix) = reading.body else {
                panic!("tags report positions");
            };
            let spot = Spot::at_degrees(fix.lat, fix.lon);
            let source = format!("{:?}", fix.src);
            let seq = reading.seq.unwrap();
            let device = fixes.entry(topic.device.to_string()).or_default();
            device.push((seq, reading.observed_at.0, spot, source));
        }
    }
    fixes
}

#[test]
fn tags_number_their_fixes_repeat_some_and_leave_no_gap() {
    let mut world = world(5, STARTS[0]);
    let mut repeated = 0xe465_891b_2ebf_bede;
    for (device, mut fixes) in fixes(&mut world, 12) {
        let before = fixes.len();
        fixes.sort_by_key(|(seq, ..)| *seq);
        fixes.dedup_by_key(|(seq, ..)| *seq);
        repeated += before - fixes.len();
        for pair in fixes.windows(2) {
            assert_eq!(pair[0].0 + 1, pair[1].0, "{device} skips a number");
            let gap = pair[1].1.seconds_since(pair[0].1);
            assert!(
                (1.0..=320.0).contains(&gap),
                "{device}: {gap} s between fixes"
            );
        }
    }
    assert!(repeated > 10, "{repeated} readings delivered twice");
}

#[test]
fn nobody_is_faster_than_a_car_but_for_outliers_and_coarse_fixes() {
    let mut world = world(6, STARTS[0]);
    let (mut steps, mut wild) = (0, 0);
    for fixes in fixes(&mut world, 12).into_values() {
        let satellite: Vec<_> = fixes.iter().filter(|f| f.3 == "Gps").collect();
        for pair in satellite.windows(2) {
            let seconds = pair[1].1.seconds_since(pair[0].1);
            if seconds > 0.0 {
                steps += 1;
                // 13 m/s, and two errors of 60 m at most.
                wild += usize::from(pair[0].2.distance(pair[1].2) > 13.0 * seconds + 120.0);
            }
        }
    }
    assert!(steps > 5_000 && wild * 500 < steps, "{wild} of {steps}");
    for (person, errand) in errands(&world) {
        for leg in &errand.legs {
            assert!(
                leg.speed() < 13.1,
                "{} at {} m/s",
                person.wearer,
                leg.speed()
            );
        }
        for pair in errand.legs.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert_eq!(pair[0].to, pair[1].from);
        }
    }
}

#[test]
fn fixes_of_somebody_at_home_lie_around_home() {
    let mut world = world(9, STARTS[1]);
    let people: Vec<Person> = world.people().cloned().collect();
    let config = world.config().clone();
    let fixes = fixes(&mut world, 8);
    let mut errors = Vec::new();
    for person in people {
        let mut track = Track::new(&config);
        for (_, at, spot, source) in &fixes[person.device.as_str()] {
            let sight = track.at(*at, &person, &config);
            if sight.spot == person.home && source == "Gps" {
                errors.push(sight.spot.distance(*spot));
            }
        }
    }
    errors.sort_by(f64::total_cmp);
    let [p68, p99] = [68, 99].map(|per_cent| errors[errors.len() * per_cent / 100]);
    assert!(errors.len() > 3_000, "{}", errors.len());
    assert!(
        (2.2..4.0).contains(&(p99 / p68)),
        "p68 {p68} m, p99 {p99} m"
    );
}

/// A world in which everything happens that may be asked for besides.
fn eventful(seed: u64) -> World {
    let mut config = config(seed, 60, STARTS[1]);
    let minute = |minutes| config.start.plus(TimeDelta::minutes(minutes));
    config.firmware_bugs = vec![FirmwareBug {
        from: minute(20),
        to: minute(40),
        share: 0.3,
    }];
    config.people = PeopleConfig {
        alcohol: 0.5,
        drinks_per_wearer_day: 0.5,
        strap_cuts_per_wearer_day: 0.2,
        home_units: 0.5,
        check_ins: 0.3,
        ignored_prompts: 0.5,
        forgotten_charges: 0.5,
        ignored_low_batteries: 0.5,
    };
    config.tags.battery_h = Some((30.0, 60.0));
    config.tags.clock_drift_ppm = 20.0;
    config.link.delay_s = (0.0, 90.0);
    World::new(config)
}

#[test]
fn an_eventful_world_uploads_the_same_whatever_the_steps_and_out_of_order() {
    let run = |step_s: i64| {
        let mut world = eventful(3);
        let start = world.config().start;
        let until = start.plus(TimeDelta::hours(5));
        let (mut now, mut uploads) = (start, Vec::new());
        while now < until {
            now = now.plus(TimeDelta::seconds(step_s)).min(until);
            uploads.extend(world.advance(now));
        }
        uploads.extend(world.flush(until));
        uploads
    };
    let whole = run(5 * 3_600);
    assert_eq!(digest(&run(17)), digest(&whole));
    let first_seq = |upload: &Upload| {
        let readings: serde_json::Value = serde_json::from_slice(&upload.payload).unwrap();
        let first = readings.get(0).unwrap_or(&readings);
        first["seq"].as_u64()
    };
    let mut by_topic: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for upload in &whole {
        let numbers = by_topic.entry(&upload.topic).or_default();
        numbers.extend(first_seq(upload));
    }
    let overtakes = |numbers: &&Vec<u64>| numbers.len() > 20 && !numbers.is_sorted();
    let count = by_topic.values().filter(overtakes).count();
    assert!(count > 2, "messages of {count} tags overtook one another");
}

#[test]
fn who_drinks_is_measured_as_the_plan_says_and_everybody_else_is_sober() {
    let mut world = eventful(4);
    let start = world.config().start;
    let drinking: Vec<PlannedBreach> = world
        .plan()
        .iter()
        .filter(|breach| breach.kinds == [DecisionKind::AlcoholDetected])
        .cloned()
        .collect();
    assert!(drinking.len() > 10, "{}", drinking.len());
    let mut over: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for upload in world.flush(start.plus(TimeDelta::days(2))) {
        let Ok(Topic::Native(topic)) = Topic::parse(&upload.topic) else {
            panic!("{}", upload.topic)
        };
        let decoded = wire::decode(&topic, &upload.payload).unwrap();
        for reading in decoded.into_iter().map(Result::unwrap) {
            if let ReadingBody::Alcohol(alcohol) = reading.body
                && alcohol.tac >= 20
            {
                let number = topic.device.as_str().trim_start_matches("ALC").to_owned();
                over.entry(number).or_default().push(reading.observed_at.0);
            }
        }
    }
    for breach in &drinking {
        let number = breach.wearer.as_str().trim_start_matches('W');
        let within = |at: &&Timestamp| breach.onset <= **at && **at <= breach.ends;
        let due = breach.must_alert_by.unwrap();
        let seen = over
            .get(number)
            .into_iter()
            .flatten()
            .filter(within)
            .count();
        let is_over = breach.ends < start.plus(TimeDelta::days(2));
        assert!(
            seen >= 3 || !is_over,
            "{}: {seen} readings, due {due}",
            breach.id
        );
    }
    // Three in a row above the threshold are drinking: whoever has them has planned it.
    for (number, times) in &over {
        let close = |three: &[Timestamp]| match three {
            [first, .., last] => last.since(*first) <= TimeDelta::minutes(61),
            _ => false,
        };
        for three in times.windows(3).filter(|three| close(three)) {
            let is_planned = drinking.iter().any(|breach| {
                breach.wearer.as_str().ends_with(number.as_str())
                    && three
                        .iter()
                        .all(|at| breach.onset <= *at && *at <= breach.ends)
            });
            assert!(is_planned, "{number}: {three:?}");
        }
    }
}

#[test]
fn a_strap_that_was_cut_must_be_told_and_one_that_was_not_may_be() {
    let world = eventful(5);
    let straps = || {
        let plan = world.plan().iter();
        plan.filter(|breach| breach.kinds == [DecisionKind::StrapTamper])
    };
    let (must, may): (Vec<_>, Vec<_>) = straps().partition(|breach| breach.must_alert_by.is_some());
    assert!(
        must.len() > 3 && may.len() > 8,
        "{} {}",
        must.len(),
        may.len()
    );
    assert!(straps().all(|breach| breach.condition.is_none()));
    let mut world = world.clone();
    let uploads = world.flush(world.config().start.plus(TimeDelta::hours(1)));
    let events = uploads
        .iter()
        .filter(|upload| upload.topic.ends_with("/event"))
        .count();
    // Each says that it was cut, and takes it back, but for those without signal.
    assert!(events >= may.len(), "{events}");
}

#[test]
fn prompts_are_answered_by_some_and_ignored_by_some_the_same_however_often_they_come() {
    let mut world = eventful(6);
    let start = world.config().start;
    let prompt = |device: &DeviceId, minute: i64| DeviceCommand {
        device: device.clone(),
        prompt: format!("P-{minute}"),
        at: start.plus(TimeDelta::minutes(minute)),
        answer_by: start.plus(TimeDelta::minutes(minute + 15)),
    };
    let devices: Vec<DeviceId> = world
        .registry()
        .activations
        .into_iter()
        .map(|activation| activation.device)
        .filter(|device| device.as_str().starts_with("NFD-"))
        .collect();
    assert!(devices.len() > 5, "{}", devices.len());
    let (mut asked, mut ignored) = (0, Vec::new());
    for device in &devices {
        for minute in [10, 70] {
            let command = prompt(device, minute);
            asked += 1;
            ignored.extend(world.prompted(&command));
            assert_eq!(world.prompted(&command), None, "it came before");
        }
    }
    let uploads = world.flush(start.plus(TimeDelta::hours(2)));
    let answers = uploads
        .iter()
        .filter(|upload| upload.topic.ends_with("/check-in"));
    let answers: Vec<&Upload> = answers.collect();
    assert_eq!(answers.len() + ignored.len(), asked);
    assert!(
        !answers.is_empty() && !ignored.is_empty(),
        "{}",
        ignored.len()
    );
    for breach in &ignored {
        assert_eq!(breach.kinds, [DecisionKind::CheckInMissed]);
        assert!(breach.must_alert_by.is_some_and(|by| by > breach.ends));
    }
    let stranger = prompt(&DeviceId::new("NFD-STRANGER").unwrap(), 10);
    assert_eq!(world.prompted(&stranger), None);
}
