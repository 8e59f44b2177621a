//! Whatever is sent, and whatever is written, comes to an end and comes back.

use model::{
    Alcohol, CheckIn, DeviceEvent, DeviceReading, EventCode, FixSource, IdentityMatch, KmPerHour,
    Metres, ObservedAt, Position, ReadingBody, ReadingKind, ReceivedAt, RecordedAt, Timestamp,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::topic;
use crate::readings_file::{FileReading, parse_line, to_line};
use crate::{decode, encode, owntracks};

fn any_instant() -> impl Strategy<Value = Timestamp> {
    (0..=Timestamp::MAX.epoch_ms()).prop_map(|ms| Timestamp::from_epoch_ms(ms).unwrap())
}

fn any_finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("JSON has finite numbers only", |number| number.is_finite())
}

fn any_length() -> impl Strategy<Value = f64> {
    prop_oneof![0.0..5_000.0, any_finite().prop_map(f64::abs)]
}

fn any_coordinates() -> impl Strategy<Value = (f64, f64)> {
    (-90.0..=90.0, -180.0..=180.0).prop_filter("(0, 0) is no place", |(lat, lon)| {
        *lat != 0.0 || *lon != 0.0
    })
}

fn any_position() -> impl Strategy<Value = ReadingBody> {
    let sources = vec![
        FixSource::Gps,
        FixSource::Rf,
        FixSource::Lbs,
        FixSource::Wifi,
    ];
    (
        any_coordinates(),
        of(any_length()),
        of(any::<u8>()),
        of(any_length()),
        of(any_length()),
        of(0.0..=360.0),
        select(sources),
    )
        .prop_map(|((lat, lon), acc, sat, hdop, speed, course, src)| {
            ReadingBody::Position(Position {
                lat,
                lon,
                acc: acc.map(Metres),
                sat,
                hdop,
                speed: speed.map(KmPerHour),
                course,
                src,
            })
        })
}

fn any_alcohol() -> impl Strategy<Value = ReadingBody> {
    (
        any::<i32>(),
        of(any_finite()),
        of(any_finite()),
        of(any_finite()),
    )
        .prop_map(|(tac, ir, skin_c, ambient_c)| {
            ReadingBody::Alcohol(Alcohol {
                tac,
                ir,
                skin_c,
                ambient_c,
            })
        })
}

fn any_event() -> impl Strategy<Value = ReadingBody> {
    use EventCode as E;
    let codes = vec![
        E::StrapCut,
        E::StrapRestored,
        E::CaseOpen,
        E::CaseClosed,
        E::Battery,
        E::BatteryLow,
        E::BatteryDead,
        E::ChargingStart,
        E::ChargingEnd,
        E::HmuMoved,
        E::MainsLost,
        E::MainsRestored,
        E::MotionStart,
        E::MotionEnd,
        E::JammingStart,
        E::JammingEnd,
        E::Fault,
    ];
    (select(codes), of(0..=100_u8))
        .prop_map(|(code, pct)| ReadingBody::Event(DeviceEvent { code, pct }))
}

fn any_check_in() -> impl Strategy<Value = ReadingBody> {
    let identities = vec![IdentityMatch::Match, IdentityMatch::NoMatch];
    (
        ".{1,20}",
        select(identities),
        of((any_coordinates(), of(any_length()))),
    )
        .prop_map(|(prompt, identity, fix)| {
            ReadingBody::CheckIn(CheckIn {
                prompt,
                identity,
                lat: fix.map(|((lat, _), _)| lat),
                lon: fix.map(|((_, lon), _)| lon),
                acc: fix.and_then(|(_, acc)| acc.map(Metres)),
            })
        })
}

fn any_body(kind: ReadingKind) -> BoxedStrategy<ReadingBody> {
    match kind {
        ReadingKind::Position => any_position().boxed(),
        ReadingKind::Presence => any::<bool>()
            .prop_map(|in_range| ReadingBody::Presence { in_range })
            .boxed(),
        ReadingKind::Alcohol => any_alcohol().boxed(),
        ReadingKind::Event => any_event().boxed(),
        ReadingKind::CheckIn => any_check_in().boxed(),
    }
}

fn any_kind() -> impl Strategy<Value = ReadingKind> {
    select(vec![
        ReadingKind::Position,
        ReadingKind::Presence,
        ReadingKind::Alcohol,
        ReadingKind::Event,
        ReadingKind::CheckIn,
    ])
}

fn any_reading(kind: ReadingKind) -> impl Strategy<Value = DeviceReading> {
    (
        of(any::<u64>()),
        any_instant(),
        of(any_instant()),
        any_body(kind),
    )
        .prop_map(|(seq, observed_at, recorded_at, body)| DeviceReading {
            device: model::DeviceId::new("GPS-7").unwrap(),
            seq,
            observed_at: ObservedAt(observed_at),
            recorded_at: recorded_at.map(RecordedAt),
            body,
        })
}

fn any_batch() -> impl Strategy<Value = Vec<DeviceReading>> {
    any_kind().prop_flat_map(|kind| prop::collection::vec(any_reading(kind), 1..6))
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_as_it_was(readings in any_batch()) {
        let topic = topic(readings[0].body.kind().as_str());
        let decoded: Result<Vec<_>, _> = decode(&topic, &encode(&readings)).unwrap().into_iter().collect();
        prop_assert_eq!(decoded.unwrap(), readings);
    }

    #[test]
    fn a_payload_agrees_with_the_model_s_own_json(readings in any_batch()) {
        for reading in readings {
            let mut json: serde_json::Value = serde_json::to_value(&reading).unwrap();
            json.as_object_mut().unwrap().remove("device");
            let topic = topic(reading.body.kind().as_str());
            let decoded = decode(&topic, json.to_string().as_bytes()).unwrap();
            prop_assert_eq!(decoded, [Ok(reading)]);
        }
    }

    #[test]
    fn what_is_written_to_a_file_is_read_as_it_was(
        report in any_kind().prop_flat_map(any_reading),
        received_at in any_instant(),
    ) {
        let reading = FileReading { received_at: ReceivedAt(received_at), report };
        let line = to_line(&reading);
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(parse_line(&line).unwrap(), reading);
    }

    #[test]
    fn no_bytes_make_decoding_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in any_kind()) {
        let topic = topic(kind.as_str());
        let _either = decode(&topic, &bytes);
        let _either = owntracks::decode(&topic.device, &bytes);
        let _either = parse_line(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_change_to_a_payload_makes_decoding_panic_or_invent(
        readings in any_batch(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let topic = topic(readings[0].body.kind().as_str());
        let mut payload = encode(&readings);
        for (at, byte) in changes {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        check_bounds(&topic, &payload);
        check_bounds(&topic, &payload[..cut.index(payload.len())]);
    }

    #[test]
    fn no_bracketing_makes_decoding_panic(text in r#"[\[\]{},:"a\\0-9.eEtnu -]{0,60}"#, kind in any_kind()) {
        check_bounds(&topic(kind.as_str()), text.as_bytes());
    }
}

/// Checks that what comes of `payload`, if anything, is of the topic and within bounds.
fn check_bounds(topic: &crate::topic::NativeTopic, payload: &[u8]) {
    let Ok(decoded) = decode(topic, payload) else {
        return;
    };
    assert!(!decoded.is_empty());
    for reading in decoded.into_iter().flatten() {
        assert_eq!(reading.device, topic.device);
        assert_eq!(reading.body.kind(), topic.kind);
        if let ReadingBody::Position(position) = reading.body {
            assert!(position.point().is_ok(), "{position:?}");
        }
    }
}
