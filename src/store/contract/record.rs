//! What dead letters and the audit trail promise.

use super::{Site, sample};
use crate::store::{AuditEntry, DeadLetter, DeadLetterReason};

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
