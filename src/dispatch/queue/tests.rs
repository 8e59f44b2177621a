use super::*;
use crate::store::SqliteStore;
use crate::store::contract::sample;
use tempfile::TempDir;

struct Counter {
    queues: Queues,
    _folder: TempDir,
}

/// A counter with one notification about one wearer waiting for the operators.
async fn counter() -> Counter {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(folder.path().join("store.sqlite")).unwrap());
    let routed = sample::routed("W-1", 1, 1, &["operators"]);
    sample::commit_decisions(&store, vec![routed]).await;
    Counter {
        queues: Queues::new(store),
        _folder: folder,
    }
}

fn claim() -> Claim {
    Claim {
        recipient: Recipient::operators(),
        consumer: "desk-1".to_owned(),
        max: None,
        lease: None,
    }
}

#[test]
fn waits_double_from_a_second_up_to_a_minute() {
    let waits: Vec<i64> = (0..9).map(|n| retry_after(n).num_seconds()).collect();
    assert_eq!(waits, [1, 1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(retry_after(u32::MAX), RETRY_MAX);
}

#[tokio::test]
async fn a_claim_that_does_not_say_is_leased_for_a_minute() {
    let counter = counter().await;
    let now = sample::at(0);
    let deliveries = counter.queues.claim(claim(), now).await.unwrap();
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].lease_until, now.plus(LEASE_DEFAULT));
}

#[tokio::test]
async fn claims_out_of_bounds_are_refused() {
    let counter = counter().await;
    let refused = |claim| counter.queues.claim(claim, sample::at(0));
    for max in [0, CLAIM_MAX + 1] {
        let claim = Claim {
            max: Some(max),
            ..claim()
        };
        assert!(matches!(refused(claim).await, Err(ClaimError::Max(m)) if m == max));
    }
    for lease in [
        LEASE_MIN - TimeDelta::milliseconds(1),
        LEASE_MAX + TimeDelta::milliseconds(1),
    ] {
        let claim = Claim {
            lease: Some(lease),
            ..claim()
        };
        assert!(matches!(refused(claim).await, Err(ClaimError::Lease(l)) if l == lease));
    }
    for consumer in ["", "  ", &"x".repeat(CONSUMER_BYTES_MAX + 1)] {
        let claim = Claim {
            consumer: consumer.to_owned(),
            ..claim()
        };
        assert!(matches!(refused(claim).await, Err(ClaimError::Consumer(_))));
    }
}

#[tokio::test]
async fn what_is_given_back_waits_longer_each_time() {
    let counter = counter().await;
    let mut now = sample::at(0);
    for expected_s in [1, 2, 4] {
        let deliveries = counter.queues.claim(claim(), now).await.unwrap();
        let receipt = deliveries[0].receipt.to_string();
        let again = counter.queues.nack(&receipt, "line down", None, now).await;
        let again = again.unwrap();
        assert_eq!(again, now.plus(TimeDelta::seconds(expected_s)));
        now = again;
    }
}

#[tokio::test]
async fn a_consumer_may_name_the_wait_within_bounds() {
    let counter = counter().await;
    let now = sample::at(0);
    let deliveries = counter.queues.claim(claim(), now).await.unwrap();
    let receipt = deliveries[0].receipt.to_string();
    for wait in [TimeDelta::seconds(-1), LEASE_MAX + TimeDelta::seconds(1)] {
        let refused = counter
            .queues
            .nack(&receipt, "later", Some(wait), now)
            .await;
        assert!(matches!(refused, Err(NackError::Wait(w)) if w == wait));
    }
    let wait = TimeDelta::minutes(5);
    let again = counter
        .queues
        .nack(&receipt, "later", Some(wait), now)
        .await;
    assert_eq!(again.unwrap(), now.plus(wait));
}

#[tokio::test]
async fn an_endless_reason_is_refused_and_the_delivery_stays_leased() {
    let counter = counter().await;
    let now = sample::at(0);
    let deliveries = counter.queues.claim(claim(), now).await.unwrap();
    let receipt = deliveries[0].receipt.to_string();
    let reason = "x".repeat(REASON_BYTES_MAX + 1);
    let refused = counter.queues.nack(&receipt, &reason, None, now).await;
    assert!(matches!(refused, Err(NackError::Reason(_))));
    assert_eq!(counter.queues.list(now).await.unwrap()[0].leased, 1);
}

#[tokio::test]
async fn a_text_that_is_no_receipt_is_unknown() {
    let counter = counter().await;
    for text in ["", "nonsense", "nonsense:1"] {
        let refused = counter.queues.ack(text, sample::at(0)).await;
        assert!(matches!(refused, Err(QueueError::Unknown)), "{text:?}");
    }
}

#[tokio::test]
async fn what_is_acknowledged_is_counted_and_does_not_come_again() {
    let counter = counter().await;
    let now = sample::at(0);
    let deliveries = counter.queues.claim(claim(), now).await.unwrap();
    let receipt = deliveries[0].receipt.to_string();
    counter.queues.ack(&receipt, now).await.unwrap();
    let later = now.plus(LEASE_MAX);
    assert!(
        counter
            .queues
            .claim(claim(), later)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(counter.queues.list(later).await.unwrap()[0].acknowledged, 1);
}
