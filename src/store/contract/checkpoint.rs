//! What checkpoints promise, saved at once or in parts.

use std::sync::Arc;

use model::PartitionId;

use super::{Site, sample};
use crate::store::{Checkpoint, CheckpointEnd, CheckpointPart, Prune, Store, StoreError};

const PARTITION: PartitionId = PartitionId(0);

fn checkpoint(partition: u16, position: u64, snapshot: &[u8]) -> Checkpoint {
    Checkpoint {
        partition: PartitionId(partition),
        position,
        at: sample::at(0),
        snapshot: snapshot.to_vec(),
    }
}

/// Takes partitions 0 and 1, each for the first time.
async fn own_both(store: &Arc<dyn Store>) -> u64 {
    let [first, second] = [0, 1].map(|number| store.acquire(PartitionId(number)));
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!(first, second);
    first
}

pub(crate) async fn the_two_newest_checkpoints_are_kept(site: &impl Site) {
    let store = site.open().await;
    let epoch = own_both(&store).await;
    for position in [10, 20, 30] {
        for partition in [0, 1] {
            let taken = checkpoint(partition, position, &[0, 255, partition.to_le_bytes()[0]]);
            store.save_checkpoint(epoch, taken).await.unwrap();
        }
    }
    let kept = store.checkpoints(PartitionId(1)).await.unwrap();
    let expected = [
        checkpoint(1, 30, &[0, 255, 1]),
        checkpoint(1, 20, &[0, 255, 1]),
    ];
    assert_eq!(kept, expected);
    assert_eq!(store.checkpoints(PartitionId(2)).await.unwrap(), []);
}

pub(crate) async fn a_checkpoint_of_the_same_position_replaces_it(site: &impl Site) {
    let store = site.open().await;
    let epoch = own_both(&store).await;
    for snapshot in [b"first", b"again"] {
        let taken = checkpoint(0, 10, snapshot);
        store.save_checkpoint(epoch, taken).await.unwrap();
    }
    let kept = store.checkpoints(PartitionId(0)).await.unwrap();
    assert_eq!(kept, [checkpoint(0, 10, b"again")]);
}

pub(crate) async fn an_owner_that_was_fenced_off_saves_no_checkpoint(site: &impl Site) {
    let store = site.open().await;
    let stalled = store.acquire(PartitionId(0)).await.unwrap();
    let owner = store.acquire(PartitionId(0)).await.unwrap();
    let theirs = checkpoint(0, 10, b"another journal's");
    let refusal = store.save_checkpoint(stalled, theirs).await;
    assert!(matches!(refusal, Err(StoreError::Fenced { .. })));
    let nobodys = store.save_checkpoint(1, checkpoint(1, 10, b"")).await;
    assert!(matches!(nobodys, Err(StoreError::Fenced { .. })));
    let ours = checkpoint(0, 7, b"ours");
    store.save_checkpoint(owner, ours.clone()).await.unwrap();
    assert_eq!(store.checkpoints(PartitionId(0)).await.unwrap(), [ours]);
}

fn part(position: u64, number: u32, bytes: &[u8]) -> CheckpointPart {
    CheckpointPart {
        partition: PARTITION,
        position,
        number,
        bytes: bytes.to_vec(),
    }
}

fn end(position: u64, parts: u32) -> CheckpointEnd {
    CheckpointEnd {
        partition: PARTITION,
        position,
        at: sample::at(0),
        parts,
    }
}

async fn save_parts(store: &Arc<dyn Store>, epoch: u64, position: u64, parts: &[&[u8]]) {
    for (number, bytes) in (0..).zip(parts) {
        let part = part(position, number, bytes);
        store.save_checkpoint_part(epoch, part).await.unwrap();
    }
}

async fn is_incomplete(store: &Arc<dyn Store>, epoch: u64, end: CheckpointEnd) -> bool {
    let refusal = store.finish_checkpoint(epoch, end).await;
    matches!(refusal, Err(StoreError::Corrupt(_)))
}

pub(crate) async fn parts_are_a_checkpoint_once_it_is_finished(site: &impl Site) {
    let store = site.open().await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let first = checkpoint(0, 5, b"the first");
    store.save_checkpoint(epoch, first.clone()).await.unwrap();
    save_parts(&store, epoch, 10, &[b"in ", b"three", b" parts"]).await;
    assert_eq!(
        store.checkpoints(PARTITION).await.unwrap(),
        std::slice::from_ref(&first)
    );
    store.finish_checkpoint(epoch, end(10, 3)).await.unwrap();
    let whole = checkpoint(0, 10, b"in three parts");
    assert_eq!(
        store.checkpoints(PARTITION).await.unwrap(),
        [whole.clone(), first.clone()]
    );
    let every = store.every_checkpoint(PARTITION).await.unwrap();
    assert_eq!(every, [first, whole.clone()]);
    store.prune(sample::at(1), Prune::Apply).await.unwrap();
    assert_eq!(store.base(PARTITION).await.unwrap(), Some(whole));
}

pub(crate) async fn a_checkpoint_of_which_a_part_is_missing_is_none(site: &impl Site) {
    let store = site.open().await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    for number in [0, 2] {
        let part = part(10, number, b"state");
        store.save_checkpoint_part(epoch, part).await.unwrap();
    }
    assert!(is_incomplete(&store, epoch, end(10, 3)).await);
    assert_eq!(store.checkpoints(PARTITION).await.unwrap(), []);
}

pub(crate) async fn parts_saved_again_take_the_place_of_those_before(site: &impl Site) {
    let store = site.open().await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    // Of an owner that ended before it had finished.
    save_parts(&store, epoch, 10, &[b"an", b"earlier", b"try"]).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    save_parts(&store, epoch, 10, &[b"a later", b" one"]).await;
    store.finish_checkpoint(epoch, end(10, 2)).await.unwrap();
    let later = checkpoint(0, 10, b"a later one");
    assert_eq!(store.checkpoints(PARTITION).await.unwrap(), [later]);
    let whole = checkpoint(0, 10, b"at once");
    store.save_checkpoint(epoch, whole.clone()).await.unwrap();
    assert_eq!(store.checkpoints(PARTITION).await.unwrap(), [whole]);
}

pub(crate) async fn parts_of_no_checkpoint_go_while_others_are_saved(site: &impl Site) {
    let store = site.open().await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    save_parts(&store, epoch, 10, &[b"never", b"finished"]).await;
    save_parts(&store, epoch, 20, &[b"finished"]).await;
    store.finish_checkpoint(epoch, end(20, 1)).await.unwrap();
    save_parts(&store, epoch, 30, &[b"the", b"next"]).await;
    assert!(is_incomplete(&store, epoch, end(10, 2)).await);
    let kept = store.checkpoints(PARTITION).await.unwrap();
    assert_eq!(kept, [checkpoint(0, 20, b"finished")]);
}

pub(crate) async fn an_owner_that_was_fenced_off_saves_no_part_and_finishes_none(site: &impl Site) {
    let store = site.open().await;
    let stalled = store.acquire(PARTITION).await.unwrap();
    save_parts(&store, stalled, 10, &[b"theirs"]).await;
    store.acquire(PARTITION).await.unwrap();
    let refusal = store
        .save_checkpoint_part(stalled, part(10, 1, b"more"))
        .await;
    assert!(matches!(refusal, Err(StoreError::Fenced { .. })));
    let refusal = store.finish_checkpoint(stalled, end(10, 1)).await;
    assert!(matches!(refusal, Err(StoreError::Fenced { .. })));
    assert_eq!(store.checkpoints(PARTITION).await.unwrap(), []);
}
