//! What the queues promise.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use model::{Recipient, Timestamp};

use super::{Site, sample};
use crate::store::{
    Again, CLAIM_MAX, ClaimRequest, Delivery, GiveBack, QueueError, Receipt, Store,
};

pub(super) const LEASE_S: i64 = 60;

/// More than any test here takes that is not about it.
const ATTEMPTS_MAX: u32 = 10;

/// A delivery given back to be claimable at `at`.
pub(super) fn back(receipt: Receipt, at: Timestamp, now: Timestamp) -> GiveBack {
    let attempts_max = ATTEMPTS_MAX;
    GiveBack {
        receipt,
        reason: "line down".to_owned(),
        again: Again::Retry { at, attempts_max },
        now,
    }
}

pub(super) async fn claim(store: &Arc<dyn Store>, max: usize, now: Timestamp) -> Vec<Delivery> {
    claim_from(store, "operators", max, now).await
}

pub(super) async fn claim_from(
    store: &Arc<dyn Store>,
    queue: &str,
    max: usize,
    now: Timestamp,
) -> Vec<Delivery> {
    let request = ClaimRequest {
        recipient: Recipient::new(queue).unwrap(),
        consumer: "desk-1".to_owned(),
        max,
        lease: TimeDelta::seconds(LEASE_S),
        attempts_max: ATTEMPTS_MAX,
        now,
    };
    let claimed = store.claim(&request).await.unwrap();
    assert_eq!(claimed.died, []);
    claimed.deliveries
}

/// Puts a notification about the first tampering of each of these wearers into the operators'
/// queue, in this order; a wearer named again is told about again.
pub(super) async fn fill(store: &Arc<dyn Store>, wearers: &[&str]) {
    let decisions = (1..)
        .zip(wearers)
        .map(|(ordinal, wearer)| sample::routed(wearer, ordinal, 1, &["operators"]))
        .collect();
    sample::commit_decisions(store, decisions).await;
}

/// The wearers that deliveries are about.
pub(super) fn about(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|delivery| delivery.notification.decision.wearer.as_str())
        .collect()
}

pub(crate) async fn what_is_not_acknowledged_comes_again_and_the_old_receipt_is_refused(
    site: &impl Site,
) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let first = claim(&store, 10, sample::at(0)).await;
    assert_eq!(first[0].attempt, 1);
    assert_eq!(first[0].lease_until, sample::at(LEASE_S));
    assert_eq!(
        first[0].notification,
        sample::notification("W-1", 1, 1, "operators")
    );
    assert_eq!(claim(&store, 10, sample::at(LEASE_S - 1)).await, []);

    let late = sample::at(LEASE_S + 1);
    let not_yet_again = store.ack(&first[0].receipt, None, late).await;
    assert!(matches!(not_yet_again, Err(QueueError::Expired)));
    let second = claim(&store, 10, late).await;
    assert_eq!(second[0].attempt, 2);
    assert_eq!(second[0].notification, first[0].notification);
    for now in [sample::at(1), late] {
        let old = store.ack(&first[0].receipt, None, now).await;
        assert!(matches!(old, Err(QueueError::Expired)));
        let old = store.nack(&back(first[0].receipt, now, now)).await;
        assert!(matches!(old, Err(QueueError::Expired)));
    }
    store.ack(&second[0].receipt, None, late).await.unwrap();
    assert_eq!(claim(&store, 10, sample::at(9999)).await, []);
}

pub(crate) async fn acknowledging_twice_is_fine(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let delivery = claim(&store, 10, sample::at(0)).await.remove(0);
    store
        .ack(&delivery.receipt, None, sample::at(1))
        .await
        .unwrap();
    store
        .ack(&delivery.receipt, None, sample::at(2))
        .await
        .unwrap();
    let long_after = sample::at(LEASE_S * 100);
    store
        .ack(&delivery.receipt, None, long_after)
        .await
        .unwrap();
    let queues = store.queues(long_after).await.unwrap();
    assert_eq!(queues[0].acknowledged, 1);
}

pub(crate) async fn an_acknowledged_delivery_cannot_be_given_back(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let delivery = claim(&store, 10, sample::at(0)).await.remove(0);
    let now = sample::at(1);
    store.ack(&delivery.receipt, None, now).await.unwrap();
    let refusal = store.nack(&back(delivery.receipt, now, now)).await;
    assert!(matches!(refusal, Err(QueueError::Settled)));
    assert_eq!(claim(&store, 10, sample::at(9999)).await, []);
}

pub(crate) async fn what_is_given_back_comes_again_when_due_and_not_before(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let delivery = claim(&store, 10, sample::at(0)).await.remove(0);
    let again_at = sample::at(30);
    store
        .nack(&back(delivery.receipt, again_at, sample::at(1)))
        .await
        .unwrap();
    assert_eq!(claim(&store, 10, sample::at(29)).await, []);
    let again = claim(&store, 10, again_at).await;
    assert_eq!(again[0].attempt, 2);
}

pub(crate) async fn a_delivery_given_back_is_not_acknowledged_afterwards(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let delivery = claim(&store, 10, sample::at(0)).await.remove(0);
    let now = sample::at(1);
    store.nack(&back(delivery.receipt, now, now)).await.unwrap();
    let refusal = store.ack(&delivery.receipt, None, now).await;
    assert!(matches!(refusal, Err(QueueError::Expired)));
    assert_eq!(claim(&store, 10, now).await.len(), 1);
}

pub(crate) async fn receipts_never_given_out_are_unknown(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let now = sample::at(0);
    let notification = sample::notification("W-1", 1, 1, "operators").id;
    let nobodys = sample::notification("W-2", 1, 1, "operators").id;
    for (notification, attempt) in [(notification, 0), (notification, 1), (nobodys, 1)] {
        let receipt = Receipt {
            notification,
            attempt,
        };
        let refusal = store.ack(&receipt, None, now).await;
        assert!(matches!(refusal, Err(QueueError::Unknown)), "{receipt}");
        let refusal = store.nack(&back(receipt, now, now)).await;
        assert!(matches!(refusal, Err(QueueError::Unknown)), "{receipt}");
    }
    claim(&store, 1, now).await;
    let ahead = Receipt {
        notification,
        attempt: 2,
    };
    let refusal = store.ack(&ahead, None, now).await;
    assert!(matches!(refusal, Err(QueueError::Unknown)));
}

pub(crate) async fn two_consumers_do_not_overtake_each_other_about_a_wearer(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-1", "W-2", "W-1"]).await;
    let now = sample::at(0);
    let first = claim(&store, 1, now).await;
    assert_eq!(about(&first), ["W-1"]);
    let second = claim(&store, 10, now).await;
    assert_eq!(about(&second), ["W-2"]);

    store.ack(&first[0].receipt, None, now).await.unwrap();
    let rest = claim(&store, 10, now).await;
    assert_eq!(about(&rest), ["W-1", "W-1"]);
    let ids: BTreeSet<_> = rest.iter().map(|d| d.notification.decision.alert).collect();
    assert_eq!(ids.len(), 2);
}

pub(crate) async fn an_earlier_one_given_back_holds_up_later_ones_about_the_same_wearer(
    site: &impl Site,
) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-1", "W-2"]).await;
    let now = sample::at(0);
    let first = claim(&store, 1, now).await.remove(0);
    let again_at = sample::at(30);
    store
        .nack(&back(first.receipt, again_at, now))
        .await
        .unwrap();
    assert_eq!(about(&claim(&store, 10, now).await), ["W-2"]);
    let later = claim(&store, 10, again_at).await;
    assert_eq!(about(&later), ["W-1", "W-1"]);
    assert_eq!(later[0].notification.id, first.notification.id);
}

pub(crate) async fn a_later_one_handed_out_does_not_hold_up_an_earlier_one(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-1"]).await;
    let now = sample::at(0);
    let both = claim(&store, 2, now).await;
    store.nack(&back(both[0].receipt, now, now)).await.unwrap();
    let again = claim(&store, 2, now).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].notification.id, both[0].notification.id);
}

pub(crate) async fn an_expired_lease_holds_nobody_up(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-1"]).await;
    let dead = claim(&store, 1, sample::at(0)).await;
    let all = claim(&store, 10, sample::at(LEASE_S)).await;
    let attempts: Vec<u32> = all.iter().map(|delivery| delivery.attempt).collect();
    assert_eq!(attempts, [2, 1]);
    assert_eq!(all[0].notification, dead[0].notification);
}

pub(crate) async fn the_oldest_come_first_and_no_more_than_asked(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-3", "W-1", "W-2"]).await;
    let now = sample::at(0);
    assert_eq!(about(&claim(&store, 2, now).await), ["W-3", "W-1"]);
    assert_eq!(about(&claim(&store, 2, now).await), ["W-2"]);
    assert_eq!(claim(&store, 2, now).await, []);
}

pub(crate) async fn a_claim_is_never_greater_than_the_bound(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &vec!["W-1"; CLAIM_MAX + 1]).await;
    let claimed = claim(&store, usize::MAX, sample::at(0)).await;
    assert_eq!(claimed.len(), CLAIM_MAX);
}

pub(crate) async fn queues_do_not_see_each_other(site: &impl Site) {
    let store = site.open().await;
    let both = ["police/staffordshire", "probation/west-midlands"];
    sample::commit_decisions(&store, vec![sample::routed("W-1", 1, 1, &both)]).await;
    let now = sample::at(0);
    for queue in both {
        let claimed = claim_from(&store, queue, 10, now).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].notification.recipient.as_str(), queue);
        assert_eq!(claim_from(&store, queue, 10, now).await, []);
    }
    assert_eq!(claim_from(&store, "police/kent", 10, now).await, []);
}

pub(crate) async fn queues_are_counted(site: &impl Site) {
    let store = site.open().await;
    let now = sample::at(0);
    assert_eq!(store.queues(now).await.unwrap(), []);
    fill(&store, &["W-1", "W-2", "W-3", "W-4"]).await;
    sample::commit_decisions(&store, vec![sample::routed("W-9", 9, 1, &["court"])]).await;
    let taken = claim(&store, 3, now).await;
    store.ack(&taken[0].receipt, None, now).await.unwrap();
    let later = sample::at(30);
    store
        .nack(&back(taken[1].receipt, later, now))
        .await
        .unwrap();
    claim_from(&store, "court", 1, now).await;

    let queues = store.queues(now).await.unwrap();
    let names: Vec<&str> = queues.iter().map(|q| q.recipient.as_str()).collect();
    assert_eq!(names, ["court", "operators"]);
    let counts = |index: usize| {
        let queue = &queues[index];
        (queue.ready, queue.leased, queue.acknowledged)
    };
    assert_eq!((counts(0), counts(1)), ((0, 1, 0), (2, 1, 1)));
    assert_eq!(queues[1].oldest_unacknowledged, Some(sample::at(60)));

    let expired = store.queues(sample::at(LEASE_S)).await.unwrap();
    assert_eq!((expired[1].ready, expired[1].leased), (3, 0));
}

pub(crate) async fn consumers_at_the_same_time_never_get_the_same(site: &impl Site) {
    const CONSUMERS: usize = 8;
    const EACH: usize = 5;
    let store = site.open().await;
    let wearers: Vec<String> = (0..CONSUMERS * EACH).map(|n| format!("W-{n}")).collect();
    let wearers: Vec<&str> = wearers.iter().map(String::as_str).collect();
    fill(&store, &wearers).await;
    let mut consumers = tokio::task::JoinSet::new();
    for _consumer in 0..CONSUMERS {
        let store = Arc::clone(&store);
        consumers.spawn(async move { claim(&store, EACH, sample::at(0)).await });
    }
    let mut seen = BTreeSet::new();
    while let Some(claimed) = consumers.join_next().await {
        for delivery in claimed.unwrap() {
            assert!(seen.insert(delivery.notification.id), "handed out twice");
        }
    }
    assert_eq!(seen.len(), CONSUMERS * EACH);
}
