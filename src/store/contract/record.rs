//! What checkpoints, dead letters and the audit trail promise.

use std::sync::Arc;

use model::PartitionId;

use super::{Site, sample};
use crate::store::{AuditEntry, Checkpoint, DeadLetter, DeadLetterReason, Store, StoreError};

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
