//! What filing promises: to change no answer.

use std::sync::Arc;

use model::{Identity, Latitude, Longitude, PartitionId, Reading, Timestamp};

use super::{Site, sample};
use crate::store::{
    AuditEntry, BoxQuery, Checkpoint, CommitBatch, Due, Erasure, HistoryQuery, JournalEntry, Prune,
    Seen, Store, StoreError, TRAIL_MAX, TrailPoint, TrailQuery,
};

const PARTITIONS: [PartitionId; 2] = [PartitionId(0), PartitionId(1)];

/// Whatever there is.
const AT_ONCE: Due = Due {
    entries: 1,
    blocks: 1,
};

/// Readings of three wearers' devices: numbered and not, in order and late, handed from one to another.
fn readings(from: u64, to: u64) -> Vec<Reading> {
    let mut readings = Vec::new();
    for n in from..to {
        let seconds = i64::try_from(n).unwrap() * 60;
        let mut own = sample::fix("GPS-1", Some(n), seconds);
        own.wearer = sample::wearer(if n < 12 { "W-1" } else { "W-3" });
        let mut other = sample::fix("GPS-2", Some(n), seconds + 7);
        other.wearer = sample::wearer("W-2");
        if n % 5 == 0 {
            // Three minutes later than what comes after it.
            other.received_at.0 = sample::at(seconds + 190);
        }
        let mut home = sample::presence("RF-2", seconds);
        home.wearer = sample::wearer("W-2");
        readings.extend([own, other, home]);
    }
    readings.sort_by_key(|reading| reading.received_at.0);
    readings
}

async fn commit(store: &Arc<dyn Store>, partition: PartitionId, readings: &[Reading]) {
    let epoch = store.acquire(partition).await.unwrap();
    for some in readings.chunks(4) {
        let last = store.last_position(partition).await.unwrap();
        let entries = (last + 1..).zip(some.iter().cloned());
        let batch = CommitBatch {
            entries: entries
                .map(|(n, reading)| sample::entry(n, reading))
                .collect(),
            ..sample::batch(partition, epoch)
        };
        store.commit(Arc::new(batch)).await.unwrap();
    }
}

async fn file(store: &Arc<dyn Store>, partition: PartitionId) {
    let epoch = store.acquire(partition).await.unwrap();
    while store.file(partition, epoch, AT_ONCE).await.unwrap() {}
}

/// Everything that filing could change the answer of.
#[derive(Debug, PartialEq)]
struct Answers {
    journals: Vec<Vec<JournalEntry>>,
    histories: Vec<Vec<(Timestamp, Reading)>>,
    trails: Vec<Vec<TrailPoint>>,
    box_: Vec<TrailPoint>,
    observed: Vec<Option<Timestamp>>,
    seen: Vec<Seen>,
}

async fn ask(store: &Arc<dyn Store>, of: &[Reading]) -> Answers {
    let (mut journals, mut histories, mut trails) = (Vec::new(), Vec::new(), Vec::new());
    for partition in PARTITIONS {
        journals.push(store.journal_after(partition, 3, 1_000).await.unwrap());
        for wearer in ["W-1", "W-2", "W-3"].map(sample::wearer) {
            for (since, up_to, limit) in [(0, 1_000, 1_000), (300, 40, 7)] {
                let query = HistoryQuery {
                    partition,
                    wearer: wearer.clone(),
                    since: sample::at(since),
                    up_to,
                    limit,
                };
                histories.push(store.history(&query).await.unwrap());
            }
        }
    }
    for wearer in ["W-1", "W-2", "W-3"].map(sample::wearer) {
        for (from, to, limit) in [(0, 100_000, 1_000), (300, 900, 100), (0, 100_000, 3)] {
            for newest in [true, false] {
                let query = TrailQuery {
                    wearer: wearer.clone(),
                    from: sample::at(from),
                    to: sample::at(to),
                    limit,
                    newest,
                };
                trails.push(store.trail(&query).await.unwrap());
            }
        }
    }
    let query = BoxQuery {
        south: Latitude::new(52.0).unwrap(),
        west: Longitude::new(-3.0).unwrap(),
        north: Latitude::new(54.0).unwrap(),
        east: Longitude::new(-2.0).unwrap(),
        from: sample::at(120),
        to: sample::at(500),
        limit: TRAIL_MAX,
    };
    let mut asked: Vec<Identity> = of.iter().map(|reading| reading.report.identity()).collect();
    asked.extend([
        sample::fix("GPS-1", Some(99_999), 0).report.identity(),
        sample::fix("GPS-9", Some(1), 0).report.identity(),
        sample::presence("RF-2", 61).report.identity(),
    ]);
    let devices = ["GPS-1", "GPS-2", "RF-2", "GPS-9"].map(sample::device);
    Answers {
        journals,
        histories,
        trails,
        box_: store.passed_by(&query).await.unwrap(),
        observed: store.observed_at(&asked).await.unwrap(),
        seen: store.seen(&devices).await.unwrap(),
    }
}

pub(crate) async fn whatever_is_asked_is_answered_as_before_it_was_filed(site: &impl Site) {
    let store = site.open().await;
    let all = readings(1, 40);
    let (first, rest) = all.split_at(60);
    commit(&store, PARTITIONS[0], first).await;
    commit(&store, PARTITIONS[1], &readings(100, 110)).await;
    let before = ask(&store, &all).await;
    assert!(before.trails.iter().all(|trail| !trail.is_empty()) || before.trails[12].is_empty());
    file(&store, PARTITIONS[0]).await;
    assert_eq!(ask(&store, &all).await, before);

    // Some filed, some not; then in two runs.
    commit(&store, PARTITIONS[0], rest).await;
    let before = ask(&store, &all).await;
    assert!(before.observed[..all.len()].iter().all(Option::is_some));
    file(&store, PARTITIONS[1]).await;
    file(&store, PARTITIONS[0]).await;
    assert_eq!(ask(&store, &all).await, before);
    drop(store);
    assert_eq!(ask(&site.open().await, &all).await, before);
}

pub(crate) async fn little_is_not_filed_before_there_is_enough(site: &impl Site) {
    let store = site.open().await;
    let partition = PARTITIONS[0];
    let epoch = store.acquire(partition).await.unwrap();
    let file = async |entries, blocks| {
        let due = Due { entries, blocks };
        store.file(partition, epoch, due).await.unwrap()
    };
    assert!(!file(1, 1).await);
    let two_blocks = readings(1, 3);
    let entries: Vec<JournalEntry> = (1..)
        .zip(two_blocks)
        .map(|(n, reading)| sample::entry(n, reading))
        .collect();
    for some in entries.chunks(3) {
        let batch = CommitBatch {
            entries: some.to_vec(),
            ..sample::batch(partition, epoch)
        };
        store.commit(Arc::new(batch)).await.unwrap();
    }
    assert!(!file(7, 3).await);
    assert!(file(6, 3).await);
    assert!(!file(1, 1).await);
}

pub(crate) async fn small_blocks_are_bound_and_the_journal_reads_the_same(site: &impl Site) {
    let store = site.open().await;
    let all = readings(1, 20);
    commit(&store, PARTITIONS[0], &all).await;
    let before = store.journal_after(PARTITIONS[0], 0, 1_000).await.unwrap();
    file(&store, PARTITIONS[0]).await;
    let mut position = 0;
    let mut after = Vec::new();
    loop {
        let page = store
            .journal_after(PARTITIONS[0], position, 5)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        position = last.position;
        after.extend(page);
    }
    assert_eq!(after, before);
}

pub(crate) async fn an_owner_that_was_fenced_off_files_nothing(site: &impl Site) {
    let store = site.open().await;
    let partition = PARTITIONS[0];
    commit(&store, partition, &readings(1, 5)).await;
    let stalled = store.acquire(partition).await.unwrap();
    let owner = store.acquire(partition).await.unwrap();
    let refusal = store.file(partition, stalled, AT_ONCE).await;
    assert!(
        matches!(refusal, Err(StoreError::Fenced { .. })),
        "{refusal:?}"
    );
    assert!(store.file(partition, owner, AT_ONCE).await.unwrap());
}

pub(crate) async fn who_is_erased_is_not_found_among_what_was_filed(site: &impl Site) {
    let store = site.open().await;
    let all = readings(1, 20);
    let (filed, newest) = all.split_at(30);
    commit(&store, PARTITIONS[0], filed).await;
    file(&store, PARTITIONS[0]).await;
    commit(&store, PARTITIONS[0], newest).await;
    let epoch = store.acquire(PARTITIONS[0]).await.unwrap();
    let erasure = Erasure {
        wearer: sample::wearer("W-2"),
        changes: Vec::new(),
        parts: Vec::new(),
        devices: Vec::new(),
        epochs: vec![(PARTITIONS[0], epoch)],
        checkpoints: Vec::new(),
        audit: AuditEntry {
            at: sample::at(0),
            actor: "clerk".to_owned(),
            action: "wearer.erase".to_owned(),
            subject: "W-2".to_owned(),
            reason: None,
        },
    };
    let theirs = all
        .iter()
        .filter(|reading| reading.wearer.as_str() == "W-2")
        .count();
    let rehearsed = store.rehearse_erasure(&erasure).await.unwrap();
    assert_eq!(rehearsed.readings, theirs);
    assert_eq!(store.erase(&erasure).await.unwrap().readings, theirs);
    let (of_others, gone): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|reading| reading.wearer.as_str() != "W-2");
    let left = ask(&store, &of_others).await;
    assert!(left.observed[..of_others.len()].iter().all(Option::is_some));
    let gone = ask(&store, &gone).await;
    assert!(gone.observed.iter().all(Option::is_none));
    file(&store, PARTITIONS[0]).await;
    let filed = ask(&store, &of_others).await;
    assert_eq!(
        (&filed.trails, &filed.histories),
        (&left.trails, &left.histories)
    );
}

pub(crate) async fn what_was_filed_goes_with_the_readings_it_is_of(site: &impl Site) {
    const DAY_S: i64 = 24 * 60 * 60;
    let store = site.open().await;
    let partition = PARTITIONS[0];
    let epoch = store.acquire(partition).await.unwrap();
    for day in 0..4_u64 {
        let seconds = DAY_S * i64::try_from(day).unwrap();
        sample::commit_readings(&store, vec![sample::fix("GPS-1", Some(day), seconds)]).await;
        file(&store, partition).await;
        let epoch = store.acquire(partition).await.unwrap();
        let checkpoint = Checkpoint {
            partition,
            position: day + 1,
            at: sample::at(seconds + 7),
            snapshot: vec![7],
        };
        store.save_checkpoint(epoch, checkpoint).await.unwrap();
    }
    assert!(epoch > 0);
    let gone = store
        .prune(sample::at(2 * DAY_S), Prune::Apply)
        .await
        .unwrap();
    assert_eq!(gone.readings, 1);
    let trail = TrailQuery {
        wearer: sample::wearer("W-1"),
        from: sample::at(0),
        to: sample::at(9 * DAY_S),
        limit: 100,
        newest: false,
    };
    let kept = store.trail(&trail).await.unwrap();
    let kept: Vec<Timestamp> = kept.iter().map(|point| point.observed_at.0).collect();
    assert_eq!(kept, [1, 2, 3].map(|day| sample::at(day * DAY_S)));
}
