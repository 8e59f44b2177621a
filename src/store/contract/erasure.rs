//! What erasing promises.

use std::sync::Arc;

use model::{PartitionId, Phase, PolicyChange, WearerId};

use super::{Site, sample};
use crate::store::{
    AlertQuery, AuditEntry, Checkpoint, CheckpointEnd, CheckpointPart, DeviceSpan, Erased, Erasure,
    JournalEntry, JournalInput, Prune, Store, StoreError,
};

const PARTITION: PartitionId = PartitionId(0);

/// `W-1` and `W-2` with a reading, a change and an alert each, and a dead letter of the former's device.
async fn two_wearers(store: &Arc<dyn Store>) -> Vec<JournalEntry> {
    let mut own = sample::fix("GPS-1", Some(1), 10);
    own.wearer = sample::wearer("W-1");
    let mut other = sample::fix("GPS-2", Some(1), 11);
    other.wearer = sample::wearer("W-2");
    let profile = |id: &str| {
        let text = format!(r#"{{"id":"{id}","name":"The Name of {id}"}}"#);
        PolicyChange::Wearer(serde_json::from_str(&text).unwrap())
    };
    let entry = |position: u64, input| JournalEntry {
        position,
        at: sample::at(i64::try_from(position).unwrap() + 20),
        input,
    };
    let entries = vec![
        entry(1, JournalInput::Policy(profile("W-1"))),
        entry(2, JournalInput::Policy(profile("W-2"))),
        entry(3, JournalInput::Reading(own)),
        entry(4, JournalInput::Reading(other)),
    ];
    let epoch = store.acquire(PARTITION).await.unwrap();
    let mut batch = sample::batch(PARTITION, epoch);
    batch.entries.clone_from(&entries);
    batch.decisions = vec![
        sample::routed("W-1", 1, 1, &["operators", "police/kent"]),
        sample::routed("W-2", 1, 1, &["operators"]),
    ];
    let mut letter = sample::dead_letter("cannot be read");
    letter.topic = "em/v1/0/GPS-1/position".to_owned();
    batch.dead_letters = vec![letter];
    store.commit(Arc::new(batch)).await.unwrap();
    for wearer in ["W-1", "W-2"] {
        let alert = sample::decision(wearer, 1, 1, Phase::Opened).alert;
        let step = super::triage::taken(alert, 1);
        store.take_step(&step).await.unwrap();
    }
    entries
}

fn erasure(epochs: Vec<(PartitionId, u64)>) -> Erasure {
    Erasure {
        wearer: sample::wearer("W-1"),
        changes: vec![(PARTITION, 1)],
        parts: Vec::new(),
        devices: vec![DeviceSpan {
            device: sample::device("GPS-1"),
            from: sample::at(-1_000_000),
            to: None,
        }],
        epochs,
        checkpoints: Vec::new(),
        audit: AuditEntry {
            at: sample::at(0),
            actor: "clerk".to_owned(),
            action: "wearer.erase".to_owned(),
            subject: "W-1".to_owned(),
            reason: Some("six years are over".to_owned()),
        },
    }
}

async fn alerts_of(store: &Arc<dyn Store>, wearer: &str) -> usize {
    let query = AlertQuery {
        wearer: WearerId::new(wearer).ok(),
        limit: 10,
        ..AlertQuery::default()
    };
    store.alerts(&query).await.unwrap().len()
}

pub(crate) async fn erasing_takes_out_one_wearer_and_leaves_the_others_and_the_places(
    site: &impl Site,
) {
    let store = site.open().await;
    let entries = two_wearers(&store).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let erased = store
        .erase(&erasure(vec![(PARTITION, epoch)]))
        .await
        .unwrap();
    let expected = Erased {
        readings: 1,
        changes: 1,
        registered: 0,
        alerts: 1,
        decisions: 1,
        steps: 1,
        notifications: 2,
        dead_letters: 1,
        checkpoints: 0,
    };
    assert_eq!(erased, expected);

    let journal = store.journal_after(PARTITION, 0, 10).await.unwrap();
    for (now, before) in journal.iter().zip(&entries) {
        assert_eq!((now.position, now.at), (before.position, before.at));
    }
    let gone = |entry: &&JournalEntry| entry.input == JournalInput::Erased;
    let gone: Vec<u64> = journal
        .iter()
        .filter(gone)
        .map(|entry| entry.position)
        .collect();
    assert_eq!(gone, [1, 3]);
    assert_eq!([&journal[1], &journal[3]], [&entries[1], &entries[3]]);
    assert_eq!(
        (
            alerts_of(&store, "W-1").await,
            alerts_of(&store, "W-2").await
        ),
        (0, 1)
    );
    let decision = sample::decision("W-1", 1, 1, Phase::Opened);
    assert_eq!(store.kept_decision(decision.alert, 1).await.unwrap(), None);
    assert!(store.dead_letters(10).await.unwrap().is_empty());
    let ready = store.queues(sample::at(0)).await.unwrap();
    assert_eq!(ready.iter().map(|queue| queue.ready).sum::<u64>(), 1);
    let trail = store.audit_trail(1).await.unwrap();
    let why = trail[0].reason.clone().unwrap();
    assert!(
        why.starts_with("six years are over (erased: 1 readings"),
        "{why}"
    );
    assert_eq!(
        (trail[0].actor.as_str(), trail[0].subject.as_str()),
        ("clerk", "W-1")
    );
}

fn checkpoint(position: u64, snapshot: u8) -> Checkpoint {
    Checkpoint {
        partition: PARTITION,
        position,
        at: sample::at(i64::try_from(position).unwrap() + 20),
        snapshot: vec![snapshot],
    }
}

pub(crate) async fn checkpoints_are_put_in_the_place_of_those_that_knew_the_wearer(
    site: &impl Site,
) {
    let store = site.open().await;
    two_wearers(&store).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let elsewhere = PartitionId(1);
    let others = store.acquire(elsewhere).await.unwrap();
    let other = Checkpoint {
        partition: elsewhere,
        ..checkpoint(1, 5)
    };
    store.save_checkpoint(others, other.clone()).await.unwrap();
    for (position, snapshot) in [(2, 6), (3, 7), (4, 8)] {
        let taken = checkpoint(position, snapshot);
        store.save_checkpoint(epoch, taken).await.unwrap();
    }
    let left_over = CheckpointPart {
        partition: PARTITION,
        position: 5,
        number: 0,
        bytes: vec![9],
    };
    store.save_checkpoint_part(epoch, left_over).await.unwrap();
    let expected = [checkpoint(2, 6), checkpoint(3, 7), checkpoint(4, 8)];
    assert_eq!(store.every_checkpoint(PARTITION).await.unwrap(), expected);

    let without = vec![checkpoint(2, 16), checkpoint(4, 18)];
    let erasure = Erasure {
        checkpoints: without.clone(),
        ..erasure(vec![(PARTITION, epoch)])
    };
    assert_eq!(store.erase(&erasure).await.unwrap().checkpoints, 3);
    assert_eq!(store.every_checkpoint(PARTITION).await.unwrap(), without);
    assert_eq!(store.every_checkpoint(elsewhere).await.unwrap(), [other]);
    let end = CheckpointEnd {
        partition: PARTITION,
        position: 5,
        at: sample::at(25),
        parts: 1,
    };
    let epoch = store.acquire(PARTITION).await.unwrap();
    let of_nothing = store.finish_checkpoint(epoch, end).await;
    assert!(matches!(of_nothing, Err(StoreError::Corrupt(_))));
}

pub(crate) async fn what_a_journal_goes_on_from_is_not_erased_without_another_in_its_place(
    site: &impl Site,
) {
    let store = site.open().await;
    two_wearers(&store).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    for (position, snapshot) in [(3, 7), (4, 8)] {
        let taken = checkpoint(position, snapshot);
        store.save_checkpoint(epoch, taken).await.unwrap();
    }
    store.prune(sample::at(23), Prune::Apply).await.unwrap();
    assert_eq!(store.base(PARTITION).await.unwrap(), Some(checkpoint(3, 7)));
    let mut erasure = Erasure {
        checkpoints: vec![checkpoint(4, 18)],
        ..erasure(vec![(PARTITION, epoch)])
    };
    let refused = store.erase(&erasure).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    assert_eq!(alerts_of(&store, "W-1").await, 1);
    assert_eq!(store.base(PARTITION).await.unwrap(), Some(checkpoint(3, 7)));

    erasure.checkpoints.push(checkpoint(3, 17));
    store.erase(&erasure).await.unwrap();
    assert_eq!(alerts_of(&store, "W-1").await, 0);
    assert_eq!(
        store.base(PARTITION).await.unwrap(),
        Some(checkpoint(3, 17))
    );
}

pub(crate) async fn a_rehearsal_of_erasing_counts_and_erases_nothing(site: &impl Site) {
    let store = site.open().await;
    let entries = two_wearers(&store).await;
    let erased = store.rehearse_erasure(&erasure(Vec::new())).await.unwrap();
    assert_eq!((erased.readings, erased.notifications), (1, 2));
    assert_eq!(
        store.journal_after(PARTITION, 0, 10).await.unwrap(),
        entries
    );
    assert_eq!(alerts_of(&store, "W-1").await, 1);
    let newest = store.audit_trail(1).await.unwrap();
    assert_ne!(newest[0].action, "wearer.erase");
}

pub(crate) async fn who_does_not_own_the_partitions_erases_nothing(site: &impl Site) {
    let store = site.open().await;
    let entries = two_wearers(&store).await;
    let ours = store.acquire(PARTITION).await.unwrap();
    store.acquire(PARTITION).await.unwrap();
    let refused = store.erase(&erasure(vec![(PARTITION, ours)])).await;
    assert!(
        matches!(refused, Err(StoreError::Fenced { .. })),
        "{refused:?}"
    );
    assert_eq!(
        store.journal_after(PARTITION, 0, 10).await.unwrap(),
        entries
    );
}

pub(crate) async fn nothing_is_erased_from_a_journal_that_goes_on_from_a_checkpoint(
    site: &impl Site,
) {
    let store = site.open().await;
    two_wearers(&store).await;
    let epoch = store.acquire(PARTITION).await.unwrap();
    let checkpoint = Checkpoint {
        partition: PARTITION,
        position: 4,
        at: sample::at(30),
        snapshot: vec![7],
    };
    store.save_checkpoint(epoch, checkpoint).await.unwrap();
    let later = sample::at(48 * 60 * 60);
    let gone = store.prune(later, Prune::Apply).await.unwrap();
    assert_eq!(gone.readings, 2);
    let refusal = store.erase(&erasure(vec![(PARTITION, epoch)])).await;
    assert!(matches!(refusal, Err(StoreError::Conflict(_))));
    assert!(store.base(PARTITION).await.unwrap().is_some());
    assert_eq!(alerts_of(&store, "W-1").await, 1);
}

pub(crate) async fn policy_entries_come_with_their_places(site: &impl Site) {
    let store = site.open().await;
    let entries = two_wearers(&store).await;
    assert_eq!(store.policy_entries(PARTITION).await.unwrap(), entries[..2]);
    assert!(
        store
            .policy_entries(PartitionId(9))
            .await
            .unwrap()
            .is_empty()
    );
}
