use chrono::TimeDelta;
use model::{ConditionId, DeviceEvidence, Evidence};

use super::*;
use crate::visitor;

fn at(minutes: i64) -> Timestamp {
    Timestamp::parse("2026-06-03T12:00:00Z")
        .unwrap()
        .plus(TimeDelta::minutes(minutes))
}

/// In a zone from minute 10 to minute 20, to be alerted by minute 16.
fn zone_breach() -> PlannedBreach {
    PlannedBreach {
        id: "B-1".to_owned(),
        wearer: WearerId::new("W-1").unwrap(),
        condition: Some(ConditionId::new("C-1").unwrap()),
        kinds: vec![DecisionKind::ExclusionZoneEntered],
        consequences: Vec::new(),
        onset: at(10),
        ends: at(20),
        must_alert_by: Some(at(16)),
    }
}

/// Out when a curfew starts at minute 60, home at minute 120, to be alerted by minute 90.
fn curfew_breach() -> PlannedBreach {
    PlannedBreach {
        id: "B-2".to_owned(),
        condition: Some(ConditionId::new("C-2").unwrap()),
        kinds: vec![DecisionKind::OutPastStart, DecisionKind::LateReturn],
        consequences: vec![DecisionKind::OutAtEnd],
        onset: at(60),
        ends: at(120),
        must_alert_by: Some(at(90)),
        ..zone_breach()
    }
}

fn oracle() -> Oracle {
    Oracle::from_plan(&[zone_breach(), curfew_breach()], at(0), 10)
}

fn decision(kind: DecisionKind, onset: i64, decided: i64) -> Decision {
    let wearer = WearerId::new("W-1").unwrap();
    let condition = if kind.group() == KindGroup::Curfew {
        "C-2"
    } else {
        "C-1"
    };
    let ordinal = u32::try_from(onset).unwrap() + 1;
    Decision {
        alert: AlertId::derive(&wearer, condition, kind, ordinal),
        revision: 1,
        wearer,
        order: None,
        order_version: None,
        registry: None,
        condition: Some(ConditionId::new(condition).unwrap()),
        device: None,
        kind,
        phase: Phase::Opened,
        onset: at(onset),
        decided: at(decided),
        late: false,
        evidence: Evidence::Device(DeviceEvidence {
            policy: "test".to_owned(),
            observed_at: None,
            received_at: None,
            reason: String::new(),
            count: 1,
        }),
    }
}

/// What is said at minute 200 after these decisions: alerted, missed, false, notices.
fn check(decisions: &[Decision], expected: (usize, usize, u64, u64)) -> Verdict {
    let mut oracle = oracle();
    decisions
        .iter()
        .for_each(|decision| oracle.observe(decision));
    let verdict = oracle.verdict(at(200));
    let found = (
        verdict.alerted,
        verdict.missed.len(),
        verdict.false_total,
        verdict.operator_notices,
    );
    assert_eq!(found, expected, "{verdict:?}");
    verdict
}

use DecisionKind::{
    AtvWarning, ExclusionZoneEntered, ExclusionZonePossible, LateReturn, LeftDuring, OutAtEnd,
    OutPastStart, PresenceUnknown, StrapTamper,
};

#[test]
fn what_was_planned_and_alerted_in_time_passes() {
    let verdict = check(
        &[
            decision(ExclusionZoneEntered, 11, 13),
            decision(OutPastStart, 60, 76),
            decision(LateReturn, 60, 122),
        ],
        (2, 0, 0, 0),
    );
    assert!(verdict.passed());
    assert_eq!(verdict.zone_latency.map(|l| l.median_s), Some(180.0));
    assert_eq!(verdict.curfew_latency.map(|l| l.max_s), Some(960.0));
    assert_eq!(verdict.alerts, 3);
}

#[test]
fn repetitions_and_later_phases_change_nothing() {
    let opened = decision(ExclusionZoneEntered, 11, 13);
    let cleared = Decision {
        phase: Phase::Cleared,
        revision: 2,
        decided: at(25),
        ..opened.clone()
    };
    let verdict = check(
        &[cleared, opened.clone(), opened.clone(), opened],
        (1, 1, 0, 0),
    );
    assert_eq!(verdict.alerts, 1);
}

#[test]
fn a_breach_without_an_alert_is_missed_and_so_is_a_late_one() {
    let verdict = check(&[], (0, 2, 0, 0));
    assert!(!verdict.passed());
    assert_eq!(verdict.missed.first().unwrap().why, WhyMissed::NoAlert);
    let verdict = check(&[decision(ExclusionZoneEntered, 11, 18)], (0, 2, 0, 0));
    assert_eq!(
        verdict.missed.first().unwrap().why,
        WhyMissed::Late { by_s: 120.0 }
    );
    let verdict = check(&[decision(OutAtEnd, 60, 122)], (0, 2, 0, 0));
    assert_eq!(
        verdict.missed.get(1).unwrap().why,
        WhyMissed::OnlyConsequence(OutAtEnd)
    );
}

#[test]
fn a_breach_counts_only_once_its_alert_is_due() {
    let oracle = oracle();
    assert_eq!(oracle.verdict(at(15)).planned, 0);
    assert_eq!(oracle.verdict(at(16)).planned, 1);
    assert_eq!(oracle.verdict(at(89)).planned, 1);
    assert_eq!(oracle.verdict(at(90)).planned, 2);
}

#[test]
fn an_alert_at_another_time_of_another_kind_or_about_another_condition_is_false() {
    check(&[decision(ExclusionZoneEntered, 30, 33)], (0, 2, 1, 0));
    check(&[decision(ExclusionZoneEntered, 2, 5)], (0, 2, 1, 0));
    check(&[decision(LeftDuring, 70, 90)], (0, 2, 1, 0));
    check(&[decision(StrapTamper, 11, 12)], (0, 2, 1, 0));
    let mut other = decision(ExclusionZoneEntered, 11, 13);
    other.condition = Some(ConditionId::new("C-9").unwrap());
    check(&[other], (0, 2, 1, 0));
    let mut other = decision(ExclusionZoneEntered, 11, 13);
    other.wearer = WearerId::new("W-2").unwrap();
    let verdict = check(&[other], (0, 2, 1, 0));
    assert_eq!(verdict.false_alerts.first().unwrap().onset, at(11));
}

#[test]
fn notices_accuse_nobody_and_the_visitor_is_counted_apart() {
    let mut visiting = decision(ExclusionZoneEntered, 40, 42);
    visiting.wearer = WearerId::new(visitor::VISITOR).unwrap();
    let notices = [
        decision(ExclusionZonePossible, 5, 6),
        decision(PresenceUnknown, 5, 6),
        visiting,
    ];
    let verdict = check(&notices, (0, 2, 0, 2));
    assert_eq!(verdict.visitor_alerts, 1);
}

#[test]
fn minutes_run_out_only_after_a_curfew_was_breached() {
    check(&[decision(AtvWarning, 150, 150)], (0, 2, 0, 0));
    check(&[decision(AtvWarning, 30, 30)], (0, 2, 1, 0));
}

#[test]
fn the_report_shows_every_figure_and_names_what_went_wrong() {
    let verdict = check(&[decision(ExclusionZoneEntered, 30, 33)], (0, 2, 1, 0));
    let table = crate::verdict_table(&verdict);
    for text in [
        "missed",
        "B-1 C-1 exclusion_zone_entered",
        "no alert",
        "false: W-1 C-1",
        "-",
    ] {
        assert!(table.contains(text), "{text} is not in\n{table}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&serde_json::to_string(&verdict).unwrap()).unwrap();
    assert_eq!(json["missed"][0]["breach"]["id"], "B-1");
    assert_eq!(json["false_total"], 1);
}

#[test]
fn percentiles_are_nearest_ranks() {
    let latency = Latency::of((1..=200).map(f64::from).collect()).unwrap();
    assert_eq!(
        (latency.median_s, latency.p99_s, latency.max_s),
        (100.0, 198.0, 200.0)
    );
    assert_eq!(Latency::of(Vec::new()), None);
}
