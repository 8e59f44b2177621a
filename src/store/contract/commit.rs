//! What a commit promises.

use std::sync::Arc;

use model::{Alcohol, PartitionId, Phase, ReadingBody};

use super::{Site, sample};
use crate::store::{AlertQuery, CommitBatch, Store, StoreError};

const PARTITION: PartitionId = PartitionId(0);

async fn try_commit(store: &Arc<dyn Store>, batch: CommitBatch) -> Result<(), StoreError> {
    store.commit(Arc::new(batch)).await.map(drop)
}

/// Everything that can be counted, to see that nothing was added.
async fn everything(store: &Arc<dyn Store>) -> (u64, u64, usize, usize, usize) {
    let query = AlertQuery {
        limit: 100,
        ..AlertQuery::default()
    };
    (
        store.last_position(PARTITION).await.unwrap(),
        store.newest_event().await.unwrap(),
        store.alerts(&query).await.unwrap().len(),
        store.queues(sample::at(0)).await.unwrap().len(),
        store.dead_letters(100).await.unwrap().len(),
    )
}

pub(crate) async fn nothing_of_a_failed_batch_stays(site: &impl Site) {
    let store = site.open().await;
    sample::commit_readings(&store, vec![sample::fix("GPS-1", Some(1), 0)]).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let before = everything(&store).await;
    let bad = CommitBatch {
        entries: vec![
            sample::entry(2, sample::fix("GPS-1", Some(2), 60)),
            sample::entry(4, sample::fix("GPS-1", Some(3), 120)),
        ],
        decisions: vec![sample::routed("W-1", 1, 1, &["operators"])],
        dead_letters: vec![sample::dead_letter("lost with its batch")],
        ..sample::batch(PARTITION, epoch)
    };
    let refusal = try_commit(&store, bad.clone()).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Conflict(_)), "{refusal}");
    assert_eq!(everything(&store).await, before);

    let good = CommitBatch {
        entries: bad.entries[..1].to_vec(),
        ..bad
    };
    try_commit(&store, good).await.unwrap();
    assert_eq!(everything(&store).await, (2, 1, 1, 1, 1));
}

pub(crate) async fn what_could_not_be_read_again_is_refused(site: &impl Site) {
    let store = site.open().await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let before = everything(&store).await;
    let mut unreal = sample::fix("GPS-1", Some(2), 0);
    unreal.report.body = ReadingBody::Alcohol(Alcohol {
        tac: 20,
        ir: Some(f64::NAN),
        skin_c: None,
        ambient_c: None,
    });
    let mut bottomless = sample::routed("W-1", 1, 1, &["operators"]);
    bottomless.decision.evidence = sample::zone_evidence(f64::NEG_INFINITY);
    let good = CommitBatch {
        entries: vec![sample::entry(1, sample::fix("GPS-1", Some(1), 0))],
        decisions: vec![sample::routed("W-1", 1, 1, &["operators"])],
        ..sample::batch(PARTITION, epoch)
    };
    let mut with_reading = good.clone();
    with_reading.entries.push(sample::entry(2, unreal));
    let mut with_decision = good.clone();
    with_decision.decisions = vec![bottomless];
    for bad in [with_reading, with_decision] {
        let refusal = try_commit(&store, bad).await;
        assert!(matches!(refusal, Err(StoreError::Corrupt(_))));
        assert_eq!(everything(&store).await, before);
    }
    try_commit(&store, good).await.unwrap();
}

pub(crate) async fn an_owner_that_was_fenced_off_cannot_write(site: &impl Site) {
    let store = site.open().await;
    let stalled = store.acquire(PARTITION).await.unwrap();
    let owner = store.acquire(PARTITION).await.unwrap();
    let refusal = try_commit(&store, sample::batch(PARTITION, stalled)).await;
    match refusal {
        Err(StoreError::Fenced { ours, current, .. }) => {
            assert_eq!((ours, current), (stalled, owner));
        }
        other => panic!("{other:?}"),
    }
    try_commit(&store, sample::batch(PARTITION, owner))
        .await
        .unwrap();
}

pub(crate) async fn a_partition_that_nobody_took_cannot_be_written(site: &impl Site) {
    let store = site.open().await;
    for epoch in [0, 1] {
        let refusal = try_commit(&store, sample::batch(PARTITION, epoch)).await;
        assert!(matches!(refusal, Err(StoreError::Fenced { .. })), "{epoch}");
    }
}

pub(crate) async fn epochs_only_ever_grow(site: &impl Site) {
    let mut newest = 0;
    for _opening in 0..3 {
        let store = site.open().await;
        let epoch = store.acquire(PARTITION).await.unwrap();
        assert!(epoch > newest, "{epoch} after {newest}");
        newest = epoch;
    }
}

pub(crate) async fn a_journal_position_must_be_the_next_one(site: &impl Site) {
    let store = site.open().await;
    sample::commit_readings(&store, vec![sample::fix("GPS-1", Some(1), 0)]).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    for positions in [vec![1], vec![3], vec![2, 4], vec![3, 2], vec![0]] {
        let entries = positions
            .iter()
            .zip(10..)
            .map(|(&position, seq)| sample::entry(position, sample::fix("GPS-1", Some(seq), 9)))
            .collect();
        let batch = CommitBatch {
            entries,
            ..sample::batch(PARTITION, epoch)
        };
        let refusal = try_commit(&store, batch).await;
        assert!(
            matches!(refusal, Err(StoreError::Conflict(_))),
            "{positions:?}: {refusal:?}"
        );
    }
    assert_eq!(store.last_position(PARTITION).await.unwrap(), 1);
}

pub(crate) async fn partitions_are_committed_to_at_the_same_time(site: &impl Site) {
    const COMMITTERS: u16 = 50;
    const BATCHES: u64 = 5;
    let store = site.open().await;
    let mut committers = tokio::task::JoinSet::new();
    for number in 0..COMMITTERS {
        let store = Arc::clone(&store);
        committers.spawn(async move {
            let partition = PartitionId(number);
            let epoch = store.acquire(partition).await.unwrap();
            for position in 1..=BATCHES {
                let reading = sample::fix(&format!("GPS-{number}"), Some(position), 0);
                let wearer = format!("W-{number}");
                let ordinal = u32::try_from(position).unwrap();
                let batch = CommitBatch {
                    entries: vec![sample::entry(position, reading)],
                    decisions: vec![sample::routed(&wearer, ordinal, 1, &["operators"])],
                    ..sample::batch(partition, epoch)
                };
                store.commit(Arc::new(batch)).await.unwrap();
            }
        });
    }
    while let Some(committer) = committers.join_next().await {
        committer.unwrap();
    }
    for number in 0..COMMITTERS {
        let partition = PartitionId(number);
        assert_eq!(store.last_position(partition).await.unwrap(), BATCHES);
    }
    let expected = u64::from(COMMITTERS) * BATCHES;
    assert_eq!(store.newest_event().await.unwrap(), expected);
}

pub(crate) async fn a_batch_of_nothing_but_decisions_is_committed(site: &impl Site) {
    let store = site.open().await;
    let silence = sample::routed("W-1", 1, 1, &["operators"]);
    let committed = sample::commit_decisions(&store, vec![silence]).await;
    assert_eq!((committed.decisions, committed.newest_event), (1, 1));
    assert_eq!(store.last_position(PARTITION).await.unwrap(), 0);
}

pub(crate) async fn a_reopened_store_has_all_that_was_committed(site: &impl Site) {
    let store = site.open().await;
    sample::commit_readings(&store, vec![sample::fix("GPS-1", Some(1), 0)]).await;
    let cleared = sample::decision("W-1", 1, 2, Phase::Cleared);
    let decisions = vec![
        sample::routed("W-1", 1, 1, &["operators"]),
        sample::address(cleared, &["operators"]),
    ];
    sample::commit_decisions(&store, decisions).await;
    store.bury(vec![sample::dead_letter("kept")]).await.unwrap();
    let before = everything(&store).await;
    let journal = store.journal_after(PARTITION, 0, 10).await.unwrap();
    let events = store.events_after(0, 10).await.unwrap();
    drop(store);

    let reopened = site.open().await;
    assert_eq!(everything(&reopened).await, before);
    assert_eq!(
        reopened.journal_after(PARTITION, 0, 10).await.unwrap(),
        journal
    );
    assert_eq!(reopened.events_after(0, 10).await.unwrap(), events);
}

pub(crate) async fn a_store_that_answers_says_so(site: &impl Site) {
    site.open().await.ping().await.unwrap();
}
