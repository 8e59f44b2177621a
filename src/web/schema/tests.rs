use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Decision;
use crate::store::contract::sample;
use model::registry::ZoneRef;
use model::{
    AlcoholEvidence, AlcoholGapCause, AlcoholGapEvidence, AlcoholQualification, AlcoholTail,
    AlcoholThresholds, AttendanceEvidence, AtvEvidence, BrokerLossEvidence, ChargeEvidence,
    CheckInEvidence, ContactEvidence, CountedAbsence, CurfewEvidence, DeviceContact,
    DeviceEvidence, DeviceId, EventCode, Evidence, FixEvidence, FixSource, IdentityMatch,
    ObservedAt, ObstructionEvidence, OversightEvidence, Phase, PlaceId, Presence, PresenceSource,
    ReceivedAt, RfEvidence, SensorFaultEvidence, TacEvidence, TransitEvidence, ZoneEvidence,
    ZoneId,
};

fn fix() -> FixEvidence {
    FixEvidence {
        seq: Some(41),
        observed_at: ObservedAt(sample::at(0)),
        lat: 52.8,
        lon: -2.1,
        src: FixSource::Gps,
        sigma_m: 15.0,
        distance_m: 40.5,
    }
}

fn attendance() -> Evidence {
    let at = Some(sample::at(5));
    Evidence::Attendance(AttendanceEvidence {
        policy: "rules-1".to_owned(),
        place: PlaceId::new("P-2").unwrap(),
        radius_m: 60.0,
        appointment_start: sample::at(0),
        appointment_end: sample::at(9),
        arrived: at,
        left: at,
        away_s: 900,
        tolerance_s: 600,
        last_observed_at: at.map(ObservedAt),
        note: Some("part of it only".to_owned()),
        fixes: vec![fix()],
    })
}

fn check_in() -> Evidence {
    let at = sample::at(5);
    Evidence::CheckIn(CheckInEvidence {
        policy: "rules-1".to_owned(),
        prompt: "2026-03-02.1.0123456789abcdef".to_owned(),
        device: DeviceId::new("NF-1").unwrap(),
        asked_at: sample::at(0),
        answer_by: sample::at(9),
        margin_s: 300,
        observed_at: Some(ObservedAt(at)),
        received_at: Some(ReceivedAt(at)),
        identity: Some(IdentityMatch::NoMatch),
        place: PlaceId::new("P-2").ok(),
        radius_m: Some(60.0),
        lat: Some(52.8),
        lon: Some(-2.1),
        distance_m: Some(120.5),
        allowance_m: Some(20.0),
        note: Some("answered 60 s too late".to_owned()),
    })
}

fn rf() -> RfEvidence {
    RfEvidence {
        device: DeviceId::new("RF-1").unwrap(),
        in_range: false,
        since: sample::at(0),
        observed_at: ObservedAt(sample::at(5)),
    }
}

fn atv() -> Evidence {
    let at = Some(sample::at(5));
    Evidence::Atv(AtvEvidence {
        policy: "rules-1".to_owned(),
        place: PlaceId::new("P-1").unwrap(),
        budget_s: 7200,
        threshold_s: 5400,
        counted_s: 5400,
        excused_s: 600,
        period_start: sample::at(0),
        period_end: at,
        source: Some(PresenceSource::Gps),
        rf: Some(rf()),
        last_observed_at: at.map(ObservedAt),
        note: Some("the period of the budget has ended".to_owned()),
        absences: vec![CountedAbsence {
            from: sample::at(0),
            to: sample::at(5),
            counted_s: 5,
        }],
    })
}

fn oversight() -> Evidence {
    let at = Some(sample::at(5));
    Evidence::Oversight(OversightEvidence {
        policy: "rules-1".to_owned(),
        reason: "zone Z-1 has no geometry".to_owned(),
        zones: vec![ZoneRef::Zone(ZoneId::new("Z-1").unwrap())],
        devices: vec![DeviceContact {
            device: DeviceId::new("GPS-1").unwrap(),
            activated_at: sample::at(0),
            heard_at: at.map(ReceivedAt),
            silent_from: sample::at(0),
            allowed_s: 87_000,
        }],
        limit_s: Some(3600),
        count: Some(3),
    })
}

fn broker_loss() -> Evidence {
    Evidence::BrokerLoss(BrokerLossEvidence {
        policy: "rules-1".to_owned(),
        from: sample::at(0),
        to: sample::at(5),
        messages: 990,
        counter: 1_200,
        reason: "the broker dropped 990 messages".to_owned(),
    })
}

fn every_evidence() -> [Evidence; 9] {
    let policy = || "rules-1".to_owned();
    let at = Some(sample::at(5));
    [
        Evidence::Zone(ZoneEvidence {
            policy: policy(),
            zone: ZoneId::new("Z-1").unwrap(),
            score: 7.8,
            threshold: 7.0,
            fixes_used: 3,
            deepest_m: 55.0,
            sigma_m: 15.0,
            cadence_s: 60,
            in_force_from: at,
            ended: at,
            note: Some("the order ended".to_owned()),
            fixes: vec![fix()],
        }),
        Evidence::Transit(TransitEvidence {
            policy: policy(),
            zone: ZoneId::new("Z-1").unwrap(),
            before: fix(),
            after: fix(),
            depth_m: 80.0,
            depth_needed_m: 30.0,
            gap_s: 60.0,
        }),
        Evidence::Curfew(CurfewEvidence {
            note: Some("came back".to_owned()),
            policy: policy(),
            place: PlaceId::new("P-1").unwrap(),
            radius_m: 50.0,
            window_start: sample::at(0),
            window_end: sample::at(9),
            presence: Presence::Absent,
            presence_since: at,
            absent_from: at,
            absent_to: at,
            absent_s: 5,
            grace_s: 900,
            source: Some(PresenceSource::Rf),
            rf: Some(rf()),
            last_observed_at: at.map(ObservedAt),
            fixes: vec![fix()],
        }),
        atv(),
        attendance(),
        check_in(),
        Evidence::Device(DeviceEvidence {
            policy: policy(),
            observed_at: at.map(ObservedAt),
            received_at: at.map(ReceivedAt),
            reason: "strap reported cut".to_owned(),
            count: 1,
        }),
        oversight(),
        broker_loss(),
    ]
}

fn alcohol() -> AlcoholEvidence {
    AlcoholEvidence {
        policy: "rules-1".to_owned(),
        device: DeviceId::new("ALC-1").unwrap(),
        limit: Some(80),
        thresholds: AlcoholThresholds {
            tac: 20,
            run_readings: 3,
            run_span_s: 3300,
            tail_readings: 3,
            tail_span_s: 3600,
            fall_low_per_h: 2.0,
            fall_high_per_h: 25.0,
            drop_max_per_h: 100.0,
            gap_s: 9000,
        },
        readings_used: 9,
        peak: 95,
        peak_at: sample::at(1),
        run_readings: 7,
        run_span_s: 10_800.0,
        tail: Some(AlcoholTail {
            readings: 5,
            from: sample::at(2),
            to: sample::at(8),
            fall_per_h: Some(15.5),
        }),
        closed: Some(sample::at(8)),
        drop_per_h: Some(21.5),
        plateau: true,
        ir: Some(1.1),
        ir_baseline: Some(1.2),
        qualified: vec![AlcoholQualification::Strap],
        gap_s: Some(9001.0),
        goes_on_from: Some(sample::at(0)),
        note: Some("became alcohol_probable".to_owned()),
        readings: vec![TacEvidence {
            seq: Some(3),
            observed_at: ObservedAt(sample::at(1)),
            tac: 95,
        }],
    }
}

fn every_health_evidence() -> [Evidence; 2] {
    let policy = || "rules-1".to_owned();
    let device = || DeviceId::new("GPS-1").unwrap();
    [
        Evidence::Contact(ContactEvidence {
            policy: policy(),
            device: device(),
            since: sample::at(0),
            planned_s: 600,
            margin_s: 3600,
            heard_at: Some(ReceivedAt(sample::at(0))),
            last_event: Some(EventCode::BatteryDead),
            note: Some("heard from again".to_owned()),
        }),
        Evidence::Charge(ChargeEvidence {
            policy: policy(),
            device: device(),
            low_since: vec![sample::at(0), sample::at(5)],
            charge_within_s: 14_400,
            failures: 2,
            period_s: 604_800,
            reason: "the battery died".to_owned(),
        }),
    ]
}

fn every_alcohol_evidence() -> [Evidence; 4] {
    let policy = || "rules-1".to_owned();
    let device = || DeviceId::new("ALC-1").unwrap();
    let note = || Some("over".to_owned());
    [
        Evidence::Alcohol(Box::new(alcohol())),
        Evidence::Obstruction(ObstructionEvidence {
            policy: policy(),
            device: device(),
            cause: AlcoholQualification::OffBody,
            ir: Some(0.5),
            ir_baseline: Some(1.0),
            ir_band_pct: 12.0,
            out_s: 7200.0,
            hold_s: 7200,
            skin_c: Some(18.5),
            ambient_c: Some(18.0),
            note: note(),
        }),
        Evidence::AlcoholGap(AlcoholGapEvidence {
            policy: policy(),
            device: device(),
            cause: AlcoholGapCause::MissedUpload,
            from: sample::at(0),
            to: Some(sample::at(5)),
            limit_s: 93_600,
            note: note(),
        }),
        Evidence::SensorFault(SensorFaultEvidence {
            policy: policy(),
            device: device(),
            tac: -3,
            tac_min: 0,
            tac_max: 600,
            observed_at: ObservedAt(sample::at(0)),
            received_at: ReceivedAt(sample::at(1)),
            count: 2,
            note: note(),
        }),
    ]
}

/// Reads `json` through the shape `T`: what the shape leaves out, or takes for something else, is
/// not in what it writes.
#[track_caller]
pub(in crate::web) fn assert_shape<T: Serialize + DeserializeOwned>(json: &Value) {
    let shaped: T = serde_json::from_value(json.clone()).unwrap();
    let again = serde_json::to_value(shaped).unwrap();
    assert_eq!(without_nulls(again), without_nulls(json.clone()));
}

/// JSON without the fields that are null: the vocabulary leaves them out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_name, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[test]
fn every_form_of_evidence_has_the_shape_the_document_says() {
    let health = every_health_evidence();
    let others = every_alcohol_evidence().into_iter().chain(health);
    for evidence in every_evidence().into_iter().chain(others) {
        let mut decision = sample::decision("W-1", 1, 1, Phase::Opened);
        decision.evidence = evidence;
        assert_shape::<Decision>(&serde_json::to_value(&decision).unwrap());
    }
}

#[test]
#[should_panic(expected = "surplus")]
fn a_field_the_document_does_not_know_is_found() {
    let decision = sample::decision("W-1", 1, 1, Phase::Opened);
    let mut json = serde_json::to_value(&decision).unwrap();
    json["evidence"]["surplus"] = 1.into();
    assert_shape::<Decision>(&json);
}
