//! What is promised about notifications that are given up, and about what operators see and do.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{NotificationId, Recipient, Timestamp};

use super::queue::{LEASE_S, about, back, claim, fill};
use super::{Site, sample};
use crate::store::{
    Again, ClaimRequest, Claimed, DeadOnes, Delivery, Fate, GiveBack, PeekQuery, QueueError,
    Queued, QueuedState, Receipt, Requeue, Store,
};

const ATTEMPTS_MAX: u32 = 2;

async fn claim_few(store: &Arc<dyn Store>, now: Timestamp) -> Claimed {
    let request = ClaimRequest {
        recipient: Recipient::operators(),
        consumer: "desk-1".to_owned(),
        max: 10,
        lease: TimeDelta::seconds(LEASE_S),
        attempts_max: ATTEMPTS_MAX,
        now,
    };
    store.claim(&request).await.unwrap()
}

async fn give_back(store: &Arc<dyn Store>, delivery: &Delivery, again: Again) -> Fate {
    let now = sample::at(0);
    let back = GiveBack {
        again,
        ..back(delivery.receipt, now, now)
    };
    store.nack(&back).await.unwrap()
}

const fn retry(at: Timestamp) -> Again {
    let attempts_max = ATTEMPTS_MAX;
    Again::Retry { at, attempts_max }
}

async fn look(store: &Arc<dyn Store>, dead: bool) -> Vec<Queued> {
    let query = PeekQuery {
        recipient: Recipient::operators(),
        dead,
        limit: 10,
    };
    store.peek(&query).await.unwrap()
}

async fn put_back(store: &Arc<dyn Store>, which: DeadOnes) -> u64 {
    let requeue = Requeue {
        which,
        actor: "operator-17".to_owned(),
        reason: "the line is up again".to_owned(),
        now: sample::at(0),
    };
    store.requeue(&requeue).await.unwrap()
}

/// Puts notifications about these wearers into the operators' queue, all dead.
async fn bury(store: &Arc<dyn Store>, wearers: &[&str]) -> Vec<NotificationId> {
    fill(store, wearers).await;
    let deliveries = claim(store, 10, sample::at(0)).await;
    for delivery in &deliveries {
        assert_eq!(give_back(store, delivery, Again::Never).await, Fate::Dead);
    }
    deliveries.iter().map(|d| d.receipt.notification).collect()
}

pub(crate) async fn what_was_given_back_as_often_as_it_may_be_is_dead(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let now = sample::at(0);
    for expected in [Fate::Waits, Fate::Dead] {
        let delivery = claim_few(&store, now).await.deliveries.remove(0);
        assert_eq!(give_back(&store, &delivery, retry(now)).await, expected);
    }
    assert_eq!(
        claim_few(&store, sample::at(9999)).await,
        Claimed::default()
    );
    let queue = store.queues(now).await.unwrap().remove(0);
    assert_eq!((queue.ready, queue.leased, queue.dead), (0, 0, 1));
    assert_eq!(queue.oldest_unacknowledged, None);
    let dead = look(&store, true).await;
    let (since, reason) = (now, "line down".to_owned());
    assert_eq!(dead[0].state, QueuedState::Dead { since, reason });
}

pub(crate) async fn what_ran_out_of_leases_is_dead_and_told_of_once(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-1"]).await;
    let mut now = sample::at(0);
    let mut last = Vec::new();
    for attempt in 1..=ATTEMPTS_MAX {
        let claimed = claim_few(&store, now).await;
        assert_eq!(claimed.died, []);
        assert_eq!(claimed.deliveries[0].attempt, attempt);
        last = claimed.deliveries.iter().map(|d| d.receipt).collect();
        now = now.plus(TimeDelta::seconds(LEASE_S));
    }
    let mut died = claim_few(&store, now).await.died;
    died.sort_by_key(ToString::to_string);
    last.sort_by_key(ToString::to_string);
    assert_eq!(died, last);
    assert_eq!(claim_few(&store, now).await, Claimed::default());
    let late = store.ack(&last[0], None, now).await;
    assert!(matches!(late, Err(QueueError::Expired)));
    assert_eq!(store.queues(now).await.unwrap()[0].dead, 2);
}

pub(crate) async fn what_was_refused_is_dead_at_once(site: &impl Site) {
    let store = site.open().await;
    bury(&store, &["W-1"]).await;
    assert_eq!(claim(&store, 10, sample::at(9999)).await, []);
}

pub(crate) async fn an_attempt_that_was_none_does_not_count(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let now = sample::at(0);
    for attempt in 1..=3 * ATTEMPTS_MAX {
        let delivery = claim_few(&store, now).await.deliveries.remove(0);
        assert_eq!(delivery.attempt, attempt);
        let fate = give_back(&store, &delivery, Again::Untried { at: now }).await;
        assert_eq!(fate, Fate::Waits);
    }
    for expected in [Fate::Waits, Fate::Dead] {
        let delivery = claim_few(&store, now).await.deliveries.remove(0);
        assert_eq!(give_back(&store, &delivery, retry(now)).await, expected);
    }
}

pub(crate) async fn a_dead_one_holds_up_nobody(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-1"]).await;
    let now = sample::at(0);
    let first = claim(&store, 1, now).await.remove(0);
    assert_eq!(claim(&store, 10, now).await, []);
    give_back(&store, &first, Again::Never).await;
    let next = claim(&store, 10, now).await;
    assert_eq!(about(&next), ["W-1"]);
    assert_ne!(next[0].receipt.notification, first.receipt.notification);
}

pub(crate) async fn what_is_put_back_has_all_its_attempts_before_it_and_its_old_place(
    site: &impl Site,
) {
    let store = site.open().await;
    let dead = bury(&store, &["W-1", "W-2"]).await;
    fill(&store, &["W-9", "W-9", "W-1"]).await;
    let operators = DeadOnes::Of(Recipient::operators());
    assert_eq!(put_back(&store, operators).await, 2);
    assert_eq!(store.queues(sample::at(0)).await.unwrap()[0].dead, 0);
    let now = sample::at(1);
    let claimed = claim_few(&store, now).await.deliveries;
    assert_eq!(about(&claimed), ["W-1", "W-2", "W-9", "W-9", "W-1"]);
    assert_eq!(claimed[0].receipt.notification, dead[0]);
    assert_eq!(claimed[0].attempt, 2, "no receipt is given out twice");
    assert_eq!(
        give_back(&store, &claimed[0], retry(now)).await,
        Fate::Waits
    );
    let again = claim_few(&store, now).await.deliveries.remove(0);
    assert_eq!(give_back(&store, &again, retry(now)).await, Fate::Dead);
}

pub(crate) async fn one_of_several_dead_ones_is_put_back(site: &impl Site) {
    let store = site.open().await;
    let dead = bury(&store, &["W-1", "W-2"]).await;
    assert_eq!(put_back(&store, DeadOnes::One(dead[1])).await, 1);
    assert_eq!(put_back(&store, DeadOnes::One(dead[1])).await, 0);
    assert_eq!(about(&claim(&store, 10, sample::at(0)).await), ["W-2"]);
    assert_eq!(look(&store, true).await[0].notification.id, dead[0]);
}

pub(crate) async fn who_put_back_what_and_why_is_in_the_audit_trail(site: &impl Site) {
    let store = site.open().await;
    bury(&store, &["W-1"]).await;
    put_back(&store, DeadOnes::Of(Recipient::operators())).await;
    let entry = store.audit_trail(1).await.unwrap().remove(0);
    assert_eq!(entry.actor, "operator-17");
    assert_eq!(entry.action, "queue.requeue");
    assert_eq!(entry.subject, "queue operators, notifications: 1");
    assert_eq!(entry.reason.as_deref(), Some("the line is up again"));
}

pub(crate) async fn a_lease_goes_on_as_long_as_it_is_extended(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let receipt = claim(&store, 10, sample::at(0)).await[0].receipt;
    let until = sample::at(LEASE_S * 3);
    store.extend(&receipt, until, sample::at(1)).await.unwrap();
    assert_eq!(claim(&store, 10, sample::at(LEASE_S * 2)).await, []);
    let state = QueuedState::Leased { until };
    assert_eq!(look(&store, false).await[0].state, state);
    store
        .ack(&receipt, None, sample::at(LEASE_S * 2))
        .await
        .unwrap();
}

pub(crate) async fn what_is_not_leased_is_not_extended(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let receipt = claim(&store, 10, sample::at(0)).await[0].receipt;
    let until = sample::at(9999);
    let late = store.extend(&receipt, until, sample::at(LEASE_S)).await;
    assert!(matches!(late, Err(QueueError::Expired)));
    let unknown = Receipt {
        attempt: 9,
        ..receipt
    };
    let unknown = store.extend(&unknown, until, sample::at(0)).await;
    assert!(matches!(unknown, Err(QueueError::Unknown)));
    store.ack(&receipt, None, sample::at(1)).await.unwrap();
    let settled = store.extend(&receipt, until, sample::at(1)).await;
    assert!(matches!(settled, Err(QueueError::Settled)));
}

pub(crate) async fn a_look_claims_nothing_and_sees_how_everything_stands(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-2", "W-3", "W-4", "W-5"]).await;
    let now = sample::at(0);
    let claimed = claim(&store, 4, now).await;
    store.ack(&claimed[0].receipt, None, now).await.unwrap();
    give_back(&store, &claimed[1], Again::Never).await;
    give_back(&store, &claimed[2], retry(sample::at(7))).await;
    for _twice in 0..2 {
        let waiting = look(&store, false).await;
        let stand: Vec<_> = waiting.iter().map(|q| (&q.state, q.attempt)).collect();
        let (delayed, leased) = (sample::at(7), sample::at(LEASE_S));
        let expected = [
            (&QueuedState::Delayed { until: delayed }, 1),
            (&QueuedState::Leased { until: leased }, 1),
            (&QueuedState::Ready, 0),
        ];
        assert_eq!(stand, expected);
        let dead = look(&store, true).await;
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].notification, claimed[1].notification);
    }
}

pub(crate) async fn every_handing_out_is_written_down_with_what_came_of_it(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1"]).await;
    let first = claim(&store, 1, sample::at(0)).await.remove(0);
    let given_back = back(first.receipt, sample::at(5), sample::at(5));
    store.nack(&given_back).await.unwrap();
    let second = claim(&store, 1, sample::at(6)).await.remove(0);
    let answer = Some("HTTP 202");
    store
        .ack(&second.receipt, answer, sample::at(7))
        .await
        .unwrap();

    let log = store.deliveries(first.receipt.notification).await.unwrap();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].attempt, log[1].attempt), (1, 2));
    assert_eq!(log[0].consumer, "desk-1");
    assert_eq!(log[0].claimed, sample::at(0));
    assert_eq!(log[0].outcome.as_deref(), Some("given_back"));
    assert_eq!(log[0].reason.as_deref(), Some("line down"));
    assert_eq!(log[1].outcome.as_deref(), Some("acknowledged"));
    assert_eq!(log[1].settled, Some(sample::at(7)));
    assert_eq!(log[1].answer.as_deref(), answer);
}

pub(crate) async fn what_is_overdue_is_counted_until_it_is_settled(site: &impl Site) {
    let store = site.open().await;
    fill(&store, &["W-1", "W-2"]).await;
    let due = claim(&store, 1, sample::at(0)).await.remove(0);
    let notify_by = due.notification.notify_by.unwrap();
    let late = |now| {
        let store = Arc::clone(&store);
        async move { store.queues(now).await.unwrap()[0].late }
    };
    assert_eq!(late(notify_by).await, 0);
    let after = notify_by.plus(TimeDelta::milliseconds(1));
    assert_eq!(late(after).await, 2);
    store.ack(&due.receipt, None, sample::at(1)).await.unwrap();
    assert_eq!(late(after).await, 1);
}
