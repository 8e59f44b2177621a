use super::*;
use crate::store::SqliteStore;
use crate::store::contract::sample;
use tempfile::TempDir;

const ATTEMPTS_MAX: u32 = 3;

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
        queues: Queues::new(store, ATTEMPTS_MAX, Arc::new(Metrics::new().unwrap())),
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

fn receipt(attempt: u32) -> Receipt {
    Receipt {
        notification: sample::notification("W-1", 1, 1, "operators").id,
        attempt,
    }
}

#[test]
fn waits_double_from_a_second_up_to_a_minute_and_are_at_least_half_of_that() {
    for (attempt, longest_ms) in (0..9).zip([1, 1, 2, 4, 8, 16, 32, 60, 60]) {
        let wait_ms = retry_after(&receipt(attempt)).num_milliseconds();
        let longest_ms = longest_ms * 1000;
        assert!(wait_ms <= longest_ms, "{attempt}: {wait_ms}");
        assert!(wait_ms >= longest_ms / 2, "{attempt}: {wait_ms}");
    }
    assert!(retry_after(&receipt(u32::MAX)) <= RETRY_MAX);
}

#[test]
fn the_same_receipt_waits_the_same_and_receipts_spread() {
    assert_eq!(retry_after(&receipt(20)), retry_after(&receipt(20)));
    let waits: std::collections::BTreeSet<_> = (20..60).map(|n| retry_after(&receipt(n))).collect();
    assert!(waits.len() > 35, "{} of 40 differ", waits.len());
}

#[tokio::test]
async fn what_was_tried_as_often_as_it_may_be_is_given_up_and_counted() {
    let counter = counter().await;
    let mut now = sample::at(0);
    for attempt in 1..=ATTEMPTS_MAX {
        let deliveries = counter.queues.claim(claim(), now).await.unwrap();
        let receipt = deliveries[0].receipt.to_string();
        let again = counter.queues.nack(&receipt, "line down", None, now).await;
        match again.unwrap() {
            Some(at) => now = at,
            None => assert_eq!(attempt, ATTEMPTS_MAX),
        }
    }
    let later = now.plus(LEASE_MAX);
    assert!(
        counter
            .queues
            .claim(claim(), later)
            .await
            .unwrap()
            .is_empty()
    );
    let queue = counter.queues.list(later).await.unwrap().remove(0);
    assert_eq!((queue.ready, queue.leased, queue.dead), (0, 0, 1));
    let metrics = counter.queues.metrics.render(None).unwrap();
    assert!(
        metrics.contains("tagwatch_notifications_dead_total 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_lease_is_extended_within_bounds() {
    let counter = counter().await;
    let now = sample::at(0);
    let deliveries = counter.queues.claim(claim(), now).await.unwrap();
    let receipt = deliveries[0].receipt.to_string();
    let extend = |lease| counter.queues.extend(&receipt, lease, now);
    assert_eq!(extend(None).await.unwrap(), now.plus(LEASE_DEFAULT));
    assert_eq!(extend(Some(LEASE_MAX)).await.unwrap(), now.plus(LEASE_MAX));
    for lease in [LEASE_MIN / 2, LEASE_MAX * 2] {
        let refused = extend(Some(lease)).await;
        assert!(matches!(refused, Err(SettleError::Lease(l)) if l == lease));
    }
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
async fn what_is_given_back_waits_as_its_attempt_says() {
    let counter = counter().await;
    let mut now = sample::at(0);
    for attempt in 1..ATTEMPTS_MAX {
        let deliveries = counter.queues.claim(claim(), now).await.unwrap();
        let receipt = deliveries[0].receipt;
        assert_eq!(receipt.attempt, attempt);
        let text = receipt.to_string();
        let again = counter.queues.nack(&text, "line down", None, now).await;
        let again = again.unwrap().unwrap();
        assert_eq!(again, now.plus(retry_after(&receipt)));
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
        assert!(matches!(refused, Err(SettleError::Wait(w)) if w == wait));
    }
    let wait = TimeDelta::minutes(5);
    let again = counter
        .queues
        .nack(&receipt, "later", Some(wait), now)
        .await;
    assert_eq!(again.unwrap(), Some(now.plus(wait)));
}

#[tokio::test]
async fn an_endless_reason_is_refused_and_the_delivery_stays_leased() {
    let counter = counter().await;
    let now = sample::at(0);
    let deliveries = counter.queues.claim(claim(), now).await.unwrap();
    let receipt = deliveries[0].receipt.to_string();
    let reason = "x".repeat(TEXT_BYTES_MAX + 1);
    let refused = counter.queues.nack(&receipt, &reason, None, now).await;
    assert!(matches!(refused, Err(SettleError::Text("reason", _))));
    assert_eq!(counter.queues.list(now).await.unwrap()[0].leased, 1);
}

#[tokio::test]
async fn a_text_that_is_no_receipt_is_unknown() {
    let counter = counter().await;
    for text in ["", "nonsense", "nonsense:1"] {
        let refused = counter.queues.ack(text, None, sample::at(0)).await;
        assert!(
            matches!(refused, Err(SettleError::Queue(QueueError::Unknown))),
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn what_is_acknowledged_is_counted_and_does_not_come_again() {
    let counter = counter().await;
    let now = sample::at(0);
    let deliveries = counter.queues.claim(claim(), now).await.unwrap();
    let receipt = deliveries[0].receipt.to_string();
    counter.queues.ack(&receipt, None, now).await.unwrap();
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
