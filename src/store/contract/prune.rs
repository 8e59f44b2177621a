//! What letting go promises.

use std::sync::Arc;

use model::{PartitionId, Reading};

use super::{Site, sample};
use crate::store::{Checkpoint, ClaimRequest, CommitBatch, Prune, Pruned, Store};

const PARTITION: PartitionId = PartitionId(0);
const DAY_S: i64 = 24 * 60 * 60;

/// One reading a day for ten days, a checkpoint after the third and the seventh.
async fn ten_days(store: &Arc<dyn Store>) {
    let epoch = store.acquire(PARTITION).await.unwrap();
    for day in 0..10 {
        let reading: Reading = sample::fix("GPS-1", Some(day), DAY_S * i64::try_from(day).unwrap());
        let entry = sample::entry(day + 1, reading);
        let batch = CommitBatch {
            entries: vec![entry.clone()],
            ..sample::batch(PARTITION, epoch)
        };
        store.commit(Arc::new(batch)).await.unwrap();
        if day == 2 || day == 6 {
            let taken = Checkpoint {
                partition: PARTITION,
                position: entry.position,
                at: entry.at,
                snapshot: vec![7],
            };
            store.save_checkpoint(epoch, taken).await.unwrap();
        }
    }
}

async fn positions(store: &Arc<dyn Store>) -> Vec<u64> {
    let journal = store.journal_after(PARTITION, 0, 100).await.unwrap();
    journal.iter().map(|entry| entry.position).collect()
}

async fn base(store: &Arc<dyn Store>) -> Option<u64> {
    let base = store.base(PARTITION).await.unwrap();
    base.map(|base| base.position)
}

async fn prune(store: &Arc<dyn Store>, day: i64, how: Prune) -> Pruned {
    store.prune(sample::at(DAY_S * day), how).await.unwrap()
}

pub(crate) async fn readings_go_as_far_as_a_checkpoint_covers_them(site: &impl Site) {
    let store = site.open().await;
    ten_days(&store).await;
    assert_eq!(prune(&store, 2, Prune::Apply).await.readings, 0);
    assert_eq!(base(&store).await, None);
    for (day, gone, first_kept) in [(6, 3, 4), (30, 4, 8)] {
        let before = (positions(&store).await, base(&store).await);
        let counted = prune(&store, day, Prune::DryRun).await;
        assert_eq!(counted.readings, gone);
        assert_eq!((positions(&store).await, base(&store).await), before);

        assert_eq!(prune(&store, day, Prune::Apply).await, counted);
        let kept: Vec<u64> = (first_kept..=10).collect();
        assert_eq!(positions(&store).await, kept);
        assert_eq!(base(&store).await, Some(first_kept - 1));
    }
    assert_eq!(store.last_position(PARTITION).await.unwrap(), 10);
}

pub(crate) async fn a_journal_of_which_all_readings_are_gone_goes_on_where_it_was(
    site: &impl Site,
) {
    let store = site.open().await;
    ten_days(&store).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let last = Checkpoint {
        partition: PARTITION,
        position: 10,
        at: sample::at(DAY_S * 10),
        snapshot: vec![8],
    };
    store.save_checkpoint(epoch, last).await.unwrap();
    assert_eq!(prune(&store, 20, Prune::Apply).await.readings, 10);
    assert_eq!(store.last_position(PARTITION).await.unwrap(), 10);
    assert_eq!(store.partitions().await.unwrap(), [PARTITION]);
    let next = CommitBatch {
        entries: vec![sample::entry(
            11,
            sample::fix("GPS-1", Some(11), DAY_S * 21),
        )],
        ..sample::batch(PARTITION, epoch)
    };
    store.commit(Arc::new(next)).await.unwrap();
    assert_eq!(positions(&store).await, [11]);
}

pub(crate) async fn what_waits_stays_and_what_was_settled_long_ago_goes(site: &impl Site) {
    let store = site.open().await;
    let decisions = vec![
        sample::routed("W-1", 1, 1, &["operators"]),
        sample::routed("W-2", 1, 1, &["operators"]),
    ];
    sample::commit_decisions(&store, decisions).await;
    ten_days(&store).await;
    store.bury(vec![sample::dead_letter("old")]).await.unwrap();
    let request = ClaimRequest {
        recipient: model::Recipient::operators(),
        consumer: "desk-1".to_owned(),
        max: 1,
        lease: chrono::TimeDelta::seconds(60),
        attempts_max: 20,
        now: sample::at(0),
    };
    let first = store.claim(&request).await.unwrap().deliveries.remove(0);
    store
        .ack(&first.receipt, None, sample::at(1))
        .await
        .unwrap();

    let gone = prune(&store, 400, Prune::Apply).await;
    let expected = Pruned {
        readings: 7,
        notifications: 1,
        dead_letters: 1,
    };
    assert_eq!(gone, expected);
    let queues = store.queues(sample::at(2)).await.unwrap();
    assert_eq!((queues[0].ready, queues[0].acknowledged), (1, 1));
    assert_eq!(store.events_after(0, 10).await.unwrap().len(), 2);
    assert_eq!(store.dead_letters(10).await.unwrap(), []);
}

pub(crate) async fn one_checkpoint_a_week_is_kept_to_go_back_to(site: &impl Site) {
    let store = site.open().await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    for day in 1..=30_i64 {
        let taken = Checkpoint {
            partition: PARTITION,
            position: u64::try_from(day).unwrap(),
            at: sample::at(DAY_S * day),
            snapshot: vec![7],
        };
        store.save_checkpoint(epoch, taken).await.unwrap();
    }
    let newest = store.checkpoints(PARTITION).await.unwrap();
    let newest: Vec<u64> = newest
        .iter()
        .map(|checkpoint| checkpoint.position)
        .collect();
    assert_eq!(newest, [30, 29]);
    // Whatever the day, a checkpoint no more than a week older is there.
    for day in (8..=29)
        .rev()
        .step_by(3)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        prune(&store, day, Prune::Apply).await;
        let base = store.base(PARTITION).await.unwrap().unwrap();
        let age = sample::at(DAY_S * day).seconds_since(base.at);
        assert!((0.0..=604_800.0).contains(&age), "day {day}: {age} s");
    }
}
