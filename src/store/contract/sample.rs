//! Readings, decisions and batches to try a store with.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{
    AlertId, Decision, DecisionKind, DeviceEvent, DeviceEvidence, DeviceId, DeviceReading,
    EventCode, Evidence, FixSource, Metres, Notification, ObservedAt, PartitionId, Phase, Position,
    Reading, ReadingBody, ReceivedAt, Recipient, Severity, Timestamp, WearerId, ZoneEvidence,
    ZoneId,
};

use crate::store::{
    CommitBatch, Committed, DeadLetter, DeadLetterReason, JournalEntry, JournalInput,
    RoutedDecision, Store,
};

/// `seconds` after one in the morning (UTC) of the day the clocks go forward.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start = Timestamp::parse("2026-03-29T01:00:00Z").unwrap();
    start.plus(TimeDelta::seconds(seconds))
}

pub(crate) fn device(name: &str) -> DeviceId {
    DeviceId::new(name).unwrap()
}

pub(crate) fn wearer(name: &str) -> WearerId {
    WearerId::new(name).unwrap()
}

/// A fix of `device`, with coordinates that need all their digits.
pub(crate) fn fix(device_name: &str, seq: Option<u64>, seconds: i64) -> Reading {
    Reading {
        wearer: wearer("W-1"),
        received_at: ReceivedAt(at(seconds + 7)),
        report: DeviceReading {
            device: device(device_name),
            seq,
            observed_at: ObservedAt(at(seconds)),
            recorded_at: None,
            body: ReadingBody::Position(Position {
                lat: 52.806_690_000_000_01 + 1.0 / 3.0,
                lon: -2.116_430_000_000_000_3,
                acc: Some(Metres(0.1 + 0.2)),
                sat: Some(9),
                hdop: Some(1.1),
                speed: None,
                course: None,
                src: FixSource::Gps,
            }),
        },
    }
}

/// The RF presence reading of `device` at that time, without a running number.
pub(crate) fn presence(device_name: &str, seconds: i64) -> Reading {
    let mut reading = fix(device_name, None, seconds);
    reading.report.body = ReadingBody::Presence { in_range: true };
    reading
}

/// An event of `device` at that time, without a running number.
pub(crate) fn event(device_name: &str, code: EventCode, seconds: i64) -> Reading {
    let mut reading = fix(device_name, None, seconds);
    reading.report.body = ReadingBody::Event(DeviceEvent { code, pct: None });
    reading
}

/// The `position`-th entry of a journal.
pub(crate) fn entry(position: u64, reading: Reading) -> JournalEntry {
    JournalEntry {
        position,
        at: reading.received_at.0,
        input: JournalInput::Reading(reading),
    }
}

/// The `revision`-th decision about the wearer's `ordinal`-th tampering.
pub(crate) fn decision(wearer_name: &str, ordinal: u32, revision: u32, phase: Phase) -> Decision {
    let wearer = wearer(wearer_name);
    let kind = DecisionKind::StrapTamper;
    Decision {
        alert: AlertId::derive(&wearer, "GPS-7", kind, ordinal),
        revision,
        wearer,
        order: None,
        order_version: None,
        registry: None,
        condition: None,
        device: Some(device("GPS-7")),
        kind,
        phase,
        onset: at(0),
        decided: at(60 * i64::from(revision)),
        late: false,
        evidence: Evidence::Device(DeviceEvidence {
            policy: "rules-1".to_owned(),
            observed_at: Some(ObservedAt(at(0))),
            received_at: None,
            reason: "strap reported cut".to_owned(),
            count: revision,
        }),
    }
}

/// The evidence of a zone entered that deep, in metres.
pub(crate) fn zone_evidence(deepest_m: f64) -> Evidence {
    Evidence::Zone(ZoneEvidence {
        policy: "rules-1".to_owned(),
        zone: ZoneId::new("Z-1").unwrap(),
        score: 7.1,
        threshold: 7.0,
        fixes_used: 3,
        deepest_m,
        sigma_m: 15.0,
        cadence_s: 60,
        in_force_from: None,
        ended: None,
        note: None,
        fixes: Vec::new(),
    })
}

/// A decision addressed to those recipients.
pub(crate) fn address(decision: Decision, recipients: &[&str]) -> RoutedDecision {
    let notify_by = Some(decision.decided.plus(TimeDelta::minutes(4)));
    let notifications = recipients
        .iter()
        .map(|name| {
            let recipient = Recipient::new(*name).unwrap();
            let route = "tampering".to_owned();
            Notification::new(
                decision.clone(),
                recipient,
                Severity::Critical,
                notify_by,
                route,
            )
        })
        .collect();
    RoutedDecision {
        decision,
        severity: Severity::Critical,
        notify_by,
        notifications,
        deadline: None,
        gathered: None,
        gathers: Vec::new(),
    }
}

/// The `revision`-th decision about the wearer's `ordinal`-th tampering, addressed: the first one
/// opens the alert, the others update it.
pub(crate) fn routed(
    wearer: &str,
    ordinal: u32,
    revision: u32,
    recipients: &[&str],
) -> RoutedDecision {
    let phase = if revision == 1 {
        Phase::Opened
    } else {
        Phase::Updated
    };
    address(decision(wearer, ordinal, revision, phase), recipients)
}

/// One notification, as in [`routed`].
pub(crate) fn notification(
    wearer: &str,
    ordinal: u32,
    revision: u32,
    recipient: &str,
) -> Notification {
    routed(wearer, ordinal, revision, &[recipient])
        .notifications
        .remove(0)
}

pub(crate) fn dead_letter(detail: &str) -> DeadLetter {
    DeadLetter {
        received_at: at(0),
        topic: "em/v1/3/GPS-7/position".to_owned(),
        payload: vec![0, 159, 146, 150, 255],
        reason: DeadLetterReason::Undecodable,
        detail: detail.to_owned(),
    }
}

/// An empty batch of a partition.
pub(crate) fn batch(partition: PartitionId, epoch: u64) -> CommitBatch {
    CommitBatch {
        partition,
        epoch,
        entries: Vec::new(),
        decisions: Vec::new(),
        over: Vec::new(),
        dead_letters: Vec::new(),
    }
}

/// Takes partition 0 and commits decisions to it.
pub(crate) async fn commit_decisions(
    store: &Arc<dyn Store>,
    decisions: Vec<RoutedDecision>,
) -> Committed {
    let partition = PartitionId(0);
    let epoch = store.acquire(partition).await.unwrap();
    let batch = CommitBatch {
        decisions,
        ..batch(partition, epoch)
    };
    store.commit(Arc::new(batch)).await.unwrap()
}

/// Takes partition 0 and commits readings to it, after what is there.
pub(crate) async fn commit_readings(store: &Arc<dyn Store>, readings: Vec<Reading>) {
    let partition = PartitionId(0);
    let epoch = store.acquire(partition).await.unwrap();
    let last = store.last_position(partition).await.unwrap();
    let entries = (last + 1..)
        .zip(readings)
        .map(|(n, r)| entry(n, r))
        .collect();
    let batch = CommitBatch {
        entries,
        ..batch(partition, epoch)
    };
    store.commit(Arc::new(batch)).await.unwrap();
}
