//! What checkpoints, dead letters and the audit trail promise.

use std::sync::Arc;

use model::PartitionId;

use super::{Site, sample};
use crate::store::{
    AuditEntry, Checkpoint, CheckpointPart, DeadLetter, DeadLetterReason, Store, StoreError,
};

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
        partition: PartitionId(0),
        position,
        number,
        bytes: bytes.to_vec(),
    }
}

pub(crate) async fn parts_and_an_end_are_one_checkpoint(site: &impl Site) {
    let store = site.open().await;
    let epoch = own_both(&store).await;
    let mut expected = Vec::new();
    for position in [10, 20, 30] {
        for (number, bytes) in [b"one ", b"two "].into_iter().enumerate() {
            let number = u32::try_from(number).unwrap();
            let part = part(position, number, bytes);
            store.save_part(epoch, part).await.unwrap();
        }
        let end = checkpoint(0, position, b"three");
        store.finish_checkpoint(epoch, 2, end).await.unwrap();
        expected.insert(0, checkpoint(0, position, b"one two three"));
    }
    let oldest_last = store.every_checkpoint(PartitionId(0)).await.unwrap();
    assert_eq!(
        oldest_last.iter().rev().collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
    expected.truncate(2);
    assert_eq!(store.checkpoints(PartitionId(0)).await.unwrap(), expected);
    let again = checkpoint(0, 30, b"in one go");
    store.save_checkpoint(epoch, again.clone()).await.unwrap();
    assert_eq!(store.checkpoints(PartitionId(0)).await.unwrap()[0], again);
}

pub(crate) async fn parts_without_an_end_are_no_checkpoint(site: &impl Site) {
    let store = site.open().await;
    let epoch = own_both(&store).await;
    let older = checkpoint(0, 10, b"older");
    store.save_checkpoint(epoch, older.clone()).await.unwrap();
    for number in 0..5 {
        let begun = part(20, number, b"begun");
        store.save_part(epoch, begun).await.unwrap();
    }
    assert_eq!(
        store.checkpoints(PartitionId(0)).await.unwrap(),
        [older.clone()]
    );
    store.save_part(epoch, part(30, 0, b"new")).await.unwrap();
    let end = checkpoint(0, 30, b"er");
    store.finish_checkpoint(epoch, 1, end).await.unwrap();
    let kept = store.every_checkpoint(PartitionId(0)).await.unwrap();
    assert_eq!(kept, [older, checkpoint(0, 30, b"newer")]);
}

pub(crate) async fn an_end_without_all_its_parts_is_no_checkpoint(site: &impl Site) {
    let store = site.open().await;
    let epoch = own_both(&store).await;
    for number in [0, 2] {
        store
            .save_part(epoch, part(20, number, b"part"))
            .await
            .unwrap();
    }
    let refusal = store
        .finish_checkpoint(epoch, 3, checkpoint(0, 20, b"end"))
        .await;
    assert!(
        matches!(refusal, Err(StoreError::Conflict(_))),
        "{refusal:?}"
    );
    assert_eq!(store.checkpoints(PartitionId(0)).await.unwrap(), []);
}

pub(crate) async fn an_owner_that_was_fenced_off_finishes_no_checkpoint(site: &impl Site) {
    let store = site.open().await;
    let stalled = store.acquire(PartitionId(0)).await.unwrap();
    store
        .save_part(stalled, part(20, 0, b"part"))
        .await
        .unwrap();
    store.acquire(PartitionId(0)).await.unwrap();
    let refusal = store.save_part(stalled, part(20, 1, b"part")).await;
    assert!(
        matches!(refusal, Err(StoreError::Fenced { .. })),
        "{refusal:?}"
    );
    let refusal = store
        .finish_checkpoint(stalled, 1, checkpoint(0, 20, b"end"))
        .await;
    assert!(
        matches!(refusal, Err(StoreError::Fenced { .. })),
        "{refusal:?}"
    );
    assert_eq!(store.checkpoints(PartitionId(0)).await.unwrap(), []);
}

pub(crate) async fn a_dead_letter_with_a_character_that_no_text_may_hold_is_kept(site: &impl Site) {
    let store = site.open().await;
    let letter = DeadLetter {
        topic: "em/v1/0/\0/position".to_owned(),
        ..sample::dead_letter("unknown kind \"\0\"")
    };
    store.bury(vec![letter.clone()]).await.unwrap();
    let kept = store.dead_letters(1).await.unwrap();
    assert_eq!(kept[0].payload, letter.payload);
    assert!(kept[0].topic.starts_with("em/v1/0/"));
}

pub(crate) async fn dead_letters_keep_every_byte(site: &impl Site) {
    let store = site.open().await;
    let letters: Vec<DeadLetter> = DeadLetterReason::ALL
        .into_iter()
        .map(|reason| DeadLetter {
            reason,
            ..sample::dead_letter(reason.as_str())
        })
        .collect();
    store.bury(letters.clone()).await.unwrap();
    let kept = store.dead_letters(100).await.unwrap();
    assert_eq!(kept.len(), letters.len());
    for (record, letter) in kept.iter().rev().zip(&letters) {
        assert_eq!(record.payload, letter.payload);
        assert_eq!(record.reason, letter.reason);
        assert_eq!(record.topic, letter.topic);
        assert_eq!(record.detail, letter.detail);
        assert_eq!(record.received_at, letter.received_at);
    }
    let newest = store.dead_letters(1).await.unwrap();
    assert_eq!(newest[0].id, 9);
    assert_eq!(newest.len(), 1);
}

pub(crate) async fn a_dead_letter_of_two_megabytes_is_kept(site: &impl Site) {
    let store = site.open().await;
    let letter = DeadLetter {
        payload: (0..=255).cycle().take(2 << 20).collect(),
        ..sample::dead_letter("a file, by the look of it")
    };
    store.bury(vec![letter.clone()]).await.unwrap();
    let kept = store.dead_letters(10).await.unwrap();
    assert!(kept[0].payload == letter.payload);
}

pub(crate) async fn the_audit_trail_is_read_newest_first(site: &impl Site) {
    let store = site.open().await;
    let entry = |seconds, reason: Option<&str>| AuditEntry {
        at: sample::at(seconds),
        actor: "desk-1".to_owned(),
        action: "alert.read".to_owned(),
        subject: "W-1".to_owned(),
        reason: reason.map(str::to_owned),
    };
    let entries = [
        entry(0, None),
        entry(1, Some("call from the force")),
        entry(2, None),
    ];
    for entry in entries.clone() {
        store.audit(entry).await.unwrap();
    }
    let trail = store.audit_trail(2).await.unwrap();
    assert_eq!(trail, [entries[2].clone(), entries[1].clone()]);
}
