//! What the journal promises.

use std::sync::Arc;

use model::registry::{BrokerDropped, Place, Wearer};
use model::{
    DeviceReading, EventCode, Identity, Latitude, Longitude, Metres, PartitionId, PlaceId,
    PolicyChange, Reading, Timestamp,
};

use super::{Site, sample};
use crate::store::{CommitBatch, HistoryQuery, JournalEntry, JournalInput, OwnChange, Store};

const PARTITION: PartitionId = PartitionId(0);

fn place(id: &str, lat: f64) -> PolicyChange {
    PolicyChange::Place(Place {
        id: PlaceId::new(id).unwrap(),
        lat: Latitude::new(lat).unwrap(),
        lon: Longitude::new(-2.1).unwrap(),
        radius_m: Metres(50.0),
    })
}

fn wearer(id: &str) -> PolicyChange {
    PolicyChange::Wearer(Wearer {
        id: sample::wearer(id),
        name: Some("Zoë O'Neill".to_owned()),
        date_of_birth: None,
        identifiers: model::registry::Identifiers::default(),
        mappa: None,
        police_force: None,
        probation_region: None,
        flags: ["high-risk".to_owned()].into(),
    })
}

async fn commit(store: &Arc<dyn Store>, partition: PartitionId, entries: Vec<JournalEntry>) {
    let epoch = store.acquire(partition).await.unwrap();
    let batch = CommitBatch {
        entries,
        ..sample::batch(partition, epoch)
    };
    store.commit(Arc::new(batch)).await.unwrap();
}

fn policy(position: u64, seconds: i64, change: PolicyChange) -> JournalEntry {
    JournalEntry {
        position,
        at: sample::at(seconds),
        input: JournalInput::Policy(change),
    }
}

fn identity(mut report: DeviceReading, seq: Option<u64>) -> Identity {
    report.seq = seq;
    report.identity()
}

pub(crate) async fn a_journal_reads_back_as_it_was_written(site: &impl Site) {
    let store = site.open().await;
    let entries = vec![
        policy(1, 0, wearer("W-1")),
        sample::entry(2, sample::fix("GPS-1", Some(u64::MAX), 10)),
        sample::entry(3, sample::presence("RF-1", 11)),
        policy(4, 12, place("P-1", 52.806_690_000_000_01)),
        sample::entry(5, sample::fix("GPS-1", None, 13)),
    ];
    commit(&store, PARTITION, entries.clone()).await;
    let journal = store.journal_after(PARTITION, 0, 100).await.unwrap();
    assert_eq!(journal, entries);
}

pub(crate) async fn a_journal_is_read_on_from_a_position_and_no_further_than_asked(
    site: &impl Site,
) {
    let store = site.open().await;
    let readings = (1..=10).map(|n| sample::fix("GPS-1", Some(n), 0)).collect();
    sample::commit_readings(&store, readings).await;
    let mut position = 0;
    let mut seen = Vec::new();
    loop {
        let page = store.journal_after(PARTITION, position, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3);
        position = last.position;
        seen.extend(page.iter().map(|entry| entry.position));
    }
    assert_eq!(seen, (1..=10).collect::<Vec<u64>>());
}

pub(crate) async fn positions_count_by_partition(site: &impl Site) {
    let store = site.open().await;
    for (partition, seqs) in [(0, 1..=3), (1, 4..=5)] {
        let entries = (1..)
            .zip(seqs)
            .map(|(position, seq)| sample::entry(position, sample::fix("GPS-1", Some(seq), 0)))
            .collect();
        commit(&store, PartitionId(partition), entries).await;
    }
    for (partition, expected) in [(0, 3), (1, 2), (2, 0)] {
        let last = store.last_position(PartitionId(partition)).await;
        assert_eq!(last.unwrap(), expected);
    }
}

pub(crate) async fn what_is_seen_of_a_device_is_what_any_partition_journaled(site: &impl Site) {
    let store = site.open().await;
    let devices = ["GPS-2", "GPS-1", "GPS-3"].map(sample::device);
    let seen = async || -> Vec<String> {
        let seen = store.seen(&devices).await.unwrap();
        seen.iter().map(ToString::to_string).collect()
    };
    assert_eq!(seen().await, ["", "", ""]);
    let half = 1 << 63;
    let fixes = [7, 3, half - 1, half, 8, u64::MAX].map(|seq| sample::fix("GPS-1", Some(seq), 0));
    sample::commit_readings(&store, fixes.to_vec()).await;
    let elsewhere = vec![
        sample::entry(1, sample::fix("GPS-1", Some(4), 0)),
        sample::entry(2, sample::fix("GPS-3", None, 5)),
    ];
    commit(&store, PartitionId(1), elsewhere).await;
    let runs = format!("3-4 7-8 {}-{half} {m}-{m}", half - 1, m = u64::MAX);
    let moment = format!("@{}", sample::at(5).epoch_ms());
    assert_eq!(seen().await, ["", runs.as_str(), moment.as_str()]);
    let by = store.seen_by(PartitionId(1)).await.unwrap();
    let by: Vec<_> = by
        .iter()
        .map(|(d, seen)| (d.as_str(), seen.to_string()))
        .collect();
    assert_eq!(by, [("GPS-1", "4-4".to_owned()), ("GPS-3", moment)]);
    assert_eq!(store.seen(&[]).await.unwrap(), []);
}

pub(crate) async fn readings_are_found_by_identity_in_the_order_asked(site: &impl Site) {
    let store = site.open().await;
    let readings = vec![
        sample::fix("GPS-1", Some(1), 10),
        sample::fix("GPS-1", Some(u64::MAX), 20),
        sample::presence("GPS-1", 30),
    ];
    sample::commit_readings(&store, readings.clone()).await;
    let report = |index: usize| readings[index].report.clone();
    let asked = [
        report(2).identity(),
        identity(report(0), Some(2)),
        report(1).identity(),
        sample::fix("GPS-1", None, 30).report.identity(),
        report(0).identity(),
        identity(sample::fix("GPS-2", None, 10).report, Some(1)),
        identity(report(0), None),
    ];
    let found = store.observed_at(&asked).await.unwrap();
    let expected = [
        Some(sample::at(30)),
        None,
        Some(sample::at(20)),
        None,
        Some(sample::at(10)),
        None,
        None,
    ];
    assert_eq!(found, expected);
    assert_eq!(store.observed_at(&[]).await.unwrap(), []);
}

pub(crate) async fn two_events_of_one_instant_are_two_readings(site: &impl Site) {
    let store = site.open().await;
    let cut = sample::event("GPS-1", EventCode::StrapCut, 10);
    let opened = sample::event("GPS-1", EventCode::CaseOpen, 10);
    let jammed = sample::event("GPS-1", EventCode::JammingStart, 10);
    sample::commit_readings(&store, vec![cut.clone(), opened.clone()]).await;
    let asked = [&cut, &opened, &jammed].map(|reading| reading.report.identity());
    let found = store.observed_at(&asked).await.unwrap();
    assert_eq!(found, [Some(sample::at(10)), Some(sample::at(10)), None]);
}

pub(crate) async fn a_reading_is_known_by_its_identity_on_every_later_day(site: &impl Site) {
    const DAY_S: i64 = 24 * 60 * 60;
    let store = site.open().await;
    let numbered = sample::fix("GPS-1", Some(5), 0);
    let timed = sample::presence("GPS-1", 0);
    sample::commit_readings(&store, vec![numbered.clone(), timed.clone()]).await;
    let newer = vec![
        sample::fix("GPS-1", Some(9), DAY_S),
        sample::presence("GPS-1", DAY_S),
    ];
    sample::commit_readings(&store, newer).await;
    let asked = [&numbered, &timed].map(|reading| reading.report.identity());
    let found = store.observed_at(&asked).await.unwrap();
    assert_eq!(found, [Some(sample::at(0)), Some(sample::at(0))]);
}

pub(crate) async fn the_history_of_a_wearer_is_what_was_handed_in_since_and_up_to(
    site: &impl Site,
) {
    let store = site.open().await;
    let mut of_another = sample::fix("GPS-2", Some(1), 30);
    of_another.wearer = sample::wearer("W-2");
    let entries = vec![
        sample::entry(1, sample::fix("GPS-1", Some(1), 10)),
        policy(2, 18, wearer("W-1")),
        sample::entry(3, sample::fix("GPS-1", Some(2), 20)),
        sample::entry(4, of_another),
        sample::entry(5, sample::presence("RF-1", 40)),
        sample::entry(6, sample::fix("GPS-1", Some(3), 50)),
    ];
    commit(&store, PARTITION, entries.clone()).await;
    let history = async |since, up_to, limit| {
        let query = HistoryQuery {
            partition: PARTITION,
            wearer: sample::wearer("W-1"),
            since: sample::at(since),
            up_to,
            limit,
        };
        store.history(&query).await.unwrap()
    };
    let readings = |positions: &[usize]| -> Vec<(Timestamp, Reading)> {
        let reading = |position: &usize| match &entries[position - 1].input {
            JournalInput::Reading(reading) => (entries[position - 1].at, reading.clone()),
            other @ (JournalInput::Policy(_) | JournalInput::Erased) => panic!("{other:?}"),
        };
        positions.iter().map(reading).collect()
    };
    // Each was handed in seven seconds after it was observed.
    assert_eq!(history(0, 100, 100).await, readings(&[1, 3, 5, 6]));
    assert_eq!(history(27, 5, 100).await, readings(&[3, 5]));
    assert_eq!(history(28, 100, 1).await, readings(&[5]));
    assert_eq!(history(100, 100, 100).await, []);
}

pub(crate) async fn policy_changes_come_once_in_the_order_they_were_made(site: &impl Site) {
    let store = site.open().await;
    let moved = || place("P-1", 53.0);
    let first = || place("P-1", 52.0);
    // The place moves and moves back; the second partition hears of each a little later.
    let heard = |delay, own: &str| {
        vec![
            policy(1, delay, first()),
            policy(2, 10 + delay, wearer(own)),
            policy(3, 20 + delay, moved()),
            policy(4, 30 + delay, first()),
        ]
    };
    commit(&store, PartitionId(1), heard(1, "W-1")).await;
    commit(&store, PartitionId(0), heard(0, "W-0")).await;
    let changes = store.policy_changes(None).await.unwrap();
    let expected = [first(), wearer("W-0"), wearer("W-1"), moved(), first()];
    assert_eq!(changes, expected);
}

pub(crate) async fn the_newest_change_of_our_own_is_found_among_all_others(site: &impl Site) {
    let store = site.open().await;
    let rules = |toml: &str| PolicyChange::Rules {
        toml: toml.to_owned(),
    };
    let dropped = PolicyChange::BrokerDropped(BrokerDropped {
        partition: PARTITION,
        from: sample::at(0),
        to: sample::at(10),
        messages: 3,
        counter: 7,
    });
    let changes = [
        rules("version = \"1\""),
        place("P-1", 52.0),
        dropped.clone(),
        rules("version = \"2\""),
        // It is not what a change says, but what it is.
        place("rules", 53.0),
        wearer("broker_dropped"),
    ];
    let entries = (1..).zip(changes);
    let entries = entries.map(|(position, change)| policy(position, 0, change));
    commit(&store, PARTITION, entries.collect()).await;
    let newest = async |partition, kind| store.newest_change(partition, kind).await.unwrap();
    let of_rules = newest(PARTITION, OwnChange::Rules).await;
    assert_eq!(of_rules, Some(rules("version = \"2\"")));
    assert_eq!(
        newest(PARTITION, OwnChange::BrokerDropped).await,
        Some(dropped)
    );
    for kind in [OwnChange::Rules, OwnChange::BrokerDropped] {
        assert_eq!(newest(PartitionId(1), kind).await, None, "{kind:?}");
    }
}
