//! Many alerts of one cause.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use model::{AlertId, Decision, Phase, Severity, Timestamp, WearerId};
use proptest::prelude::*;

use super::opened;
use crate::{Gatherer, News, RoutingPolicy, Verdict};

const POLICY: &str = r#"
[[route]]
name = "all"
to = ["operators"]

[[incident]]
name = "silence"
kind = ["no_contact", "strap_tamper"]
threshold = 3
within = "10m"
quiet = "15m"

[repeats]
within = "30m"
"#;

fn gatherer() -> Gatherer {
    let mut gatherer = Gatherer::default();
    gatherer.set_policy(&RoutingPolicy::parse(POLICY).unwrap());
    gatherer
}

fn at(minute: i64) -> Timestamp {
    Timestamp::parse("2026-03-02T10:00:00Z")
        .unwrap()
        .plus(TimeDelta::minutes(minute))
}

fn alert(wearer: u32, kind: &str, ordinal: u32) -> Decision {
    let mut decision = opened(kind);
    decision.wearer = WearerId::new(format!("W-{wearer}")).unwrap();
    decision.alert = AlertId::derive(&decision.wearer, "D", decision.kind, ordinal);
    decision
}

/// What becomes of an alert of a wearer at a minute.
fn observe(gatherer: &mut Gatherer, wearer: u32, kind: &str, minute: i64) -> Verdict {
    let ordinal = u32::try_from(minute).unwrap();
    gatherer.observe(&alert(wearer, kind, ordinal), Severity::Medium, at(minute))
}

/// Phase, revision and count of each incident's decision, and how many alerts it lists from before.
fn told(news: &[News]) -> Vec<(Phase, u32, u32, usize)> {
    news.iter()
        .filter_map(|news| match news {
            News::Incident { decision, before } => {
                let model::Evidence::Oversight(evidence) = &decision.evidence else {
                    panic!("{decision:?}");
                };
                let count = evidence.count.unwrap();
                Some((decision.phase, decision.revision, count, before.len()))
            }
            News::Over(_) => None,
        })
        .collect()
}

#[test]
fn alerts_of_a_few_stand_alone_and_of_many_are_one_incident() {
    let mut gatherer = gatherer();
    assert_eq!(observe(&mut gatherer, 1, "no_contact", 0), Verdict::Alone);
    assert_eq!(observe(&mut gatherer, 2, "no_contact", 1), Verdict::Alone);
    assert_eq!(gatherer.poll(at(1)), []);
    let Verdict::Held(incident) = observe(&mut gatherer, 3, "no_contact", 2) else {
        panic!("not held");
    };
    let news = gatherer.poll(at(2));
    assert_eq!(told(&news), [(Phase::Opened, 1, 3, 2)]);
    let held = Verdict::Held(incident);
    assert_eq!(observe(&mut gatherer, 4, "no_contact", 3), held);
    assert_eq!(observe(&mut gatherer, 5, "no_contact", 3), held);
    assert_eq!(gatherer.poll(at(3)), []);
    assert_eq!(observe(&mut gatherer, 6, "no_contact", 4), held);
    // Told again when it is twice as large, and when no more have come for a quarter of an hour.
    assert_eq!(told(&gatherer.poll(at(4))), [(Phase::Updated, 2, 6, 0)]);
    assert_eq!(gatherer.poll(at(18)), []);
    assert_eq!(told(&gatherer.poll(at(19))), [(Phase::Cleared, 3, 6, 0)]);
    assert_eq!(observe(&mut gatherer, 7, "no_contact", 20), Verdict::Alone);
}

#[test]
fn what_is_critical_is_told_on_its_own_and_listed_under_the_incident() {
    let mut gatherer = gatherer();
    for wearer in 1..3 {
        observe(&mut gatherer, wearer, "strap_tamper", 0);
    }
    let third = gatherer.observe(&alert(3, "strap_tamper", 0), Severity::Critical, at(0));
    assert!(matches!(third, Verdict::Told(_)), "{third:?}");
}

#[test]
fn a_wearer_who_is_silent_again_and_again_is_not_many() {
    let mut gatherer = gatherer();
    for minute in 0..9 {
        observe(&mut gatherer, 1, "no_contact", minute);
    }
    assert_eq!(gatherer.poll(at(9)), []);
}

#[test]
fn alerts_that_trickle_in_are_no_incident() {
    let mut gatherer = gatherer();
    for wearer in 0..20 {
        let verdict = observe(&mut gatherer, wearer, "no_contact", i64::from(wearer) * 6);
        assert_eq!(verdict, Verdict::Alone, "{wearer}");
    }
}

#[test]
fn repeats_are_told_at_powers_of_two_and_what_is_open_when_they_end_is_told_then() {
    let mut gatherer = gatherer();
    let first = alert(1, "battery_low", 0).alert;
    let verdicts: Vec<Verdict> = (0..8)
        .map(|minute| observe(&mut gatherer, 1, "battery_low", minute))
        .collect();
    let (told, held) = (Verdict::Told(first), Verdict::Held(first));
    assert_eq!(
        verdicts,
        [Verdict::Alone, told, held, told, held, held, held, told]
    );
    assert_eq!(gatherer.poll(at(36)), []);
    assert_eq!(gatherer.poll(at(37)), [News::Over(first)]);
    assert_eq!(observe(&mut gatherer, 1, "battery_low", 38), Verdict::Alone);
    // Another wearer, and another kind, repeat nothing.
    assert_eq!(observe(&mut gatherer, 2, "battery_low", 38), Verdict::Alone);
    assert_eq!(
        observe(&mut gatherer, 1, "device_fault", 38),
        Verdict::Alone
    );
}

#[test]
fn what_happens_once_is_told_once_and_nothing_is_said_of_it_later() {
    let mut gatherer = gatherer();
    observe(&mut gatherer, 1, "battery_low", 0);
    assert_eq!(gatherer.poll(at(500)), []);
}

#[test]
fn nothing_critical_is_gathered_with_its_repeats() {
    let mut gatherer = gatherer();
    for minute in 0..5 {
        let ordinal = u32::try_from(minute).unwrap();
        let entered = alert(1, "exclusion_zone_entered", ordinal);
        let verdict = gatherer.observe(&entered, Severity::Critical, at(minute));
        assert_eq!(verdict, Verdict::Alone);
    }
}

#[test]
fn an_incident_goes_on_after_a_restart_and_ends_by_itself() {
    let mut before = gatherer();
    for wearer in 1..4 {
        observe(&mut before, wearer, "no_contact", 0);
    }
    let news = before.poll(at(0));
    let [News::Incident { decision, .. }] = news.as_slice() else {
        panic!("{news:?}");
    };
    let mut after = gatherer();
    after.resume((**decision).clone(), 3, at(1));
    let held = Verdict::Held(decision.alert);
    assert_eq!(observe(&mut after, 4, "no_contact", 2), held);
    assert_eq!(told(&after.poll(at(17))), [(Phase::Cleared, 2, 4, 0)]);
}

fn any_alert() -> impl Strategy<Value = (u32, &'static str, bool, i64)> {
    let kind = prop::sample::select(vec!["no_contact", "strap_tamper", "battery_low"]);
    (0..6_u32, kind, any::<bool>(), 0..9_i64)
}

proptest! {
    /// Whatever comes: what is held is held under something that was told of, and let go of in the end; what
    /// is critical is never held.
    #[test]
    fn whatever_is_held_is_let_go_of(alerts in prop::collection::vec(any_alert(), 0..80)) {
        let mut gatherer = gatherer();
        let (mut now, mut known, mut holding) = (at(0), BTreeSet::new(), BTreeSet::new());
        let settle = |news: Vec<News>, known: &mut BTreeSet<AlertId>, holding: &mut BTreeSet<AlertId>| {
            for news in news {
                match news {
                    News::Incident { decision, .. } if decision.phase == Phase::Cleared => {
                        holding.remove(&decision.alert);
                    }
                    News::Incident { decision, .. } => {
                        known.insert(decision.alert);
                    }
                    News::Over(first) => {
                        holding.remove(&first);
                    }
                }
            }
        };
        for (ordinal, (wearer, kind, critical, minutes)) in (0..).zip(alerts) {
            now = now.plus(TimeDelta::minutes(minutes));
            let severity = if critical { Severity::Critical } else { Severity::Low };
            let decision = alert(wearer, kind, ordinal);
            known.insert(decision.alert);
            let verdict = gatherer.observe(&decision, severity, now);
            settle(gatherer.poll(now), &mut known, &mut holding);
            if let Verdict::Held(under) = verdict {
                prop_assert!(!critical);
                prop_assert!(known.contains(&under));
                prop_assert_ne!(under, decision.alert);
                holding.insert(under);
            }
        }
        settle(gatherer.poll(now.plus(TimeDelta::hours(2))), &mut known, &mut holding);
        prop_assert!(holding.is_empty());
    }
}
