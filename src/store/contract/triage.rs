//! What people do about alerts.

use std::sync::Arc;

use model::{
    Action, AlertId, Escalation, Notification, Recipient, Rung, Severity, Stage, Step, Triage,
};

use super::queue::claim_from;
use super::{Site, sample};
use crate::store::triage::{Deadline, Taken, TakenStep, Wait};
use crate::store::{AlertQuery, CommitBatch, Gathered, RoutedDecision, Store};

fn opened(wearer: &str) -> RoutedDecision {
    let routed = sample::routed(wearer, 1, 1, &["police/staffordshire"]);
    let deadline = Deadline {
        due: sample::at(240),
        ladder: vec![Rung {
            to: vec![Recipient::operators()],
            within_s: Some(300),
            route: "tampering".to_owned(),
        }],
    };
    RoutedDecision {
        deadline: Some(deadline),
        ..routed
    }
}

fn step(number: u32, action: Action) -> Step {
    Step {
        number,
        at: sample::at(i64::from(number)),
        actor: "operator-1".to_owned(),
        comment: Some("spoke to them".to_owned()),
        action,
    }
}

pub(super) fn taken(alert: AlertId, number: u32) -> TakenStep {
    TakenStep {
        alert,
        step: step(number, Action::Acknowledge),
        triage: Triage {
            stage: Stage::Acknowledged,
            steps: number,
            acknowledged_by: Some("operator-1".to_owned()),
            ..Triage::default()
        },
        notifications: Vec::new(),
        wait: Wait::Over,
    }
}

/// An alert that has opened.
async fn alert(store: &Arc<dyn Store>, wearer: &str) -> AlertId {
    let routed = opened(wearer);
    let alert = routed.decision.alert;
    sample::commit_decisions(store, vec![routed]).await;
    alert
}

pub(crate) async fn a_step_is_kept_with_the_alert_and_is_an_event_of_the_stream(site: &impl Site) {
    let store = site.open().await;
    let alert = alert(&store, "W-1").await;
    let step = taken(alert, 1);
    assert_eq!(store.take_step(&step).await.unwrap(), Taken::At(2));
    let record = store.alert(alert).await.unwrap().unwrap();
    assert_eq!(record.triage, step.triage);
    assert_eq!(
        store.steps(alert).await.unwrap(),
        std::slice::from_ref(&step.step)
    );
    let events = store.events_after(0, 10).await.unwrap();
    let ids: Vec<u64> = events.iter().map(|event| event.id).collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(events[1].step.as_ref(), Some(&step.step));
    assert_eq!(events[1].decision.alert, alert);
    // The count goes on for both.
    sample::commit_decisions(&store, vec![opened("W-2")]).await;
    assert_eq!(store.newest_event().await.unwrap(), 3);
    let rest = store.events_after(2, 10).await.unwrap();
    assert_eq!((rest.len(), rest[0].id), (1, 3));
    let audit = store.audit_trail(1).await.unwrap();
    assert_eq!(audit[0].action, "alert.acknowledge");
    assert_eq!(audit[0].actor, "operator-1");
    assert_eq!(audit[0].subject, alert.to_string());
    assert_eq!(audit[0].reason.as_deref(), Some("spoke to them"));
}

pub(crate) async fn of_two_who_take_a_step_at_once_one_is_behind(site: &impl Site) {
    let store = site.open().await;
    let alert = alert(&store, "W-1").await;
    let first = taken(alert, 1);
    let (one, other) = tokio::join!(store.take_step(&first), store.take_step(&first));
    let mut both = [one.unwrap(), other.unwrap()];
    both.sort_by_key(|taken| *taken == Taken::Behind);
    assert_eq!(both, [Taken::At(2), Taken::Behind]);
    assert_eq!(store.steps(alert).await.unwrap().len(), 1);
    assert_eq!(store.newest_event().await.unwrap(), 2);
    assert_eq!(
        store.take_step(&taken(alert, 3)).await.unwrap(),
        Taken::Behind
    );
    let nobody = AlertId::derive(&"W-9".parse().unwrap(), "C-1", first_kind(), 1);
    assert_eq!(
        store.take_step(&taken(nobody, 1)).await.unwrap(),
        Taken::Behind
    );
}

fn first_kind() -> model::DecisionKind {
    model::DecisionKind::ALL[0]
}

pub(crate) async fn an_alert_is_overdue_from_its_deadline_until_somebody_does_something(
    site: &impl Site,
) {
    let store = site.open().await;
    let alert = alert(&store, "W-1").await;
    assert_eq!(store.overdue(sample::at(239), 10).await.unwrap(), []);
    let late = store.overdue(sample::at(240), 10).await.unwrap();
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].alert, alert);
    assert_eq!(Some(&late[0].deadline), opened("W-1").deadline.as_ref());
    assert!(!late[0].told);
    // A remark changes nothing about that, the next rung puts it off, and what is acknowledged is over.
    let remark = TakenStep {
        step: step(1, Action::Comment),
        wait: Wait::GoesOn,
        ..taken(alert, 1)
    };
    store.take_step(&remark).await.unwrap();
    let late = store.overdue(sample::at(240), 10).await.unwrap();
    assert_eq!((late.len(), late[0].steps), (1, 1));
    let put_off = Deadline {
        due: sample::at(500),
        ladder: Vec::new(),
    };
    let rung = TakenStep {
        wait: Wait::Until(put_off.clone()),
        ..taken(alert, 2)
    };
    store.take_step(&rung).await.unwrap();
    assert_eq!(store.overdue(sample::at(499), 10).await.unwrap(), []);
    let late = store.overdue(sample::at(500), 10).await.unwrap();
    assert_eq!(late[0].deadline, put_off);
    store.take_step(&taken(alert, 3)).await.unwrap();
    assert_eq!(store.overdue(sample::at(9999), 10).await.unwrap(), []);
}

pub(crate) async fn who_has_acknowledged_their_notification_has_been_told(site: &impl Site) {
    let store = site.open().await;
    let alert = alert(&store, "W-1").await;
    let claimed = claim_from(&store, "police/staffordshire", 10, sample::at(1)).await;
    store
        .ack(&claimed[0].receipt, None, sample::at(2))
        .await
        .unwrap();
    let late = store.overdue(sample::at(240), 10).await.unwrap();
    assert!(late[0].told);
    // Not its deadline any more: nothing happens.
    store.stand_down(alert, sample::at(241)).await.unwrap();
    assert_eq!(store.overdue(sample::at(240), 10).await.unwrap().len(), 1);
    store.stand_down(alert, sample::at(240)).await.unwrap();
    assert_eq!(store.overdue(sample::at(240), 10).await.unwrap(), []);
}

pub(crate) async fn who_is_told_by_a_step_finds_it_in_their_queue(site: &impl Site) {
    let store = site.open().await;
    let alert = alert(&store, "W-1").await;
    let escalation = Escalation {
        step: 1,
        by: "operator-1".to_owned(),
        comment: None,
        overdue_since: None,
    };
    let notification = Notification::escalated(
        opened("W-1").decision,
        Recipient::operators(),
        Severity::Critical,
        "escalated by hand".to_owned(),
        escalation.clone(),
    );
    let told = TakenStep {
        notifications: vec![notification.clone()],
        ..taken(alert, 1)
    };
    store.take_step(&told).await.unwrap();
    let claimed = claim_from(&store, "operators", 10, sample::at(1)).await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].notification, notification);
}

pub(crate) async fn alerts_are_listed_by_where_the_work_on_them_stands(site: &impl Site) {
    let store = site.open().await;
    let first = alert(&store, "W-1").await;
    let second = alert(&store, "W-2").await;
    store.take_step(&taken(first, 1)).await.unwrap();
    let of = async |stage| {
        let query = AlertQuery {
            stage: Some(stage),
            limit: 10,
            ..AlertQuery::default()
        };
        let alerts = store.alerts(&query).await.unwrap();
        alerts.into_iter().map(|r| r.alert).collect::<Vec<_>>()
    };
    assert_eq!(of(Stage::New).await, [second]);
    assert_eq!(of(Stage::Acknowledged).await, [first]);
    // A newer decision leaves the work where it stands.
    let newer = sample::routed("W-1", 1, 2, &["operators"]);
    sample::commit_decisions(&store, vec![newer]).await;
    assert_eq!(of(Stage::Acknowledged).await, [first]);
}

/// Another alert of a wearer, that an incident gathers.
fn member(wearer: &str, under: AlertId) -> RoutedDecision {
    RoutedDecision {
        gathered: Some(Gathered { under, held: true }),
        ..sample::routed(wearer, 1, 1, &["operators"])
    }
}

/// How many notifications are waiting for the operators.
async fn waiting(store: &Arc<dyn Store>) -> u64 {
    let queues = store.queues(sample::at(0)).await.unwrap();
    let operators = queues
        .iter()
        .find(|q| q.recipient == Recipient::operators());
    operators.map_or(0, |queue| queue.ready)
}

async fn end(store: &Arc<dyn Store>, under: AlertId) {
    let partition = model::PartitionId(0);
    let epoch = store.acquire(partition).await.unwrap();
    let batch = CommitBatch {
        over: vec![under],
        ..sample::batch(partition, epoch)
    };
    store.commit(Arc::new(batch)).await.unwrap();
}

/// An incident that gathers an alert from before, and two members; which alert it is.
async fn incident(store: &Arc<dyn Store>) -> AlertId {
    let before = alert(store, "W-1").await;
    let incident = RoutedDecision {
        gathers: vec![before],
        ..sample::routed("W-9", 1, 1, &["operators"])
    };
    let under = incident.decision.alert;
    let members = vec![incident, member("W-2", under), member("W-3", under)];
    sample::commit_decisions(store, members).await;
    under
}

pub(crate) async fn what_an_incident_gathers_is_listed_under_it(site: &impl Site) {
    let store = site.open().await;
    let under = incident(&store).await;
    assert_eq!(waiting(&store).await, 1);
    assert_eq!(store.alert(under).await.unwrap().unwrap().lists, 3);
    assert_eq!(store.gathering().await.unwrap(), [(under, 3)]);
    let query = AlertQuery {
        listed_under: Some(under),
        limit: 10,
        ..AlertQuery::default()
    };
    let listed = store.alerts(&query).await.unwrap();
    let under = listed.iter().map(|record| record.listed_under);
    assert_eq!(under.collect::<Vec<_>>(), [listed[0].listed_under; 3]);
    let events = store.events_after(0, 10).await.unwrap();
    let told: Vec<usize> = events.iter().map(|event| event.recipients.len()).collect();
    assert_eq!(told, [1, 1, 0, 0]);
}

pub(crate) async fn what_is_held_goes_out_when_it_is_over_as_far_as_it_is_still_open(
    site: &impl Site,
) {
    let store = site.open().await;
    let under = incident(&store).await;
    // What is said of a member later is held behind what is held already.
    let cleared = sample::decision("W-2", 1, 2, model::Phase::Cleared);
    sample::commit_decisions(&store, vec![sample::address(cleared, &["operators"])]).await;
    assert_eq!(waiting(&store).await, 1);
    end(&store, under).await;
    assert_eq!(waiting(&store).await, 2);
    assert_eq!(store.gathering().await.unwrap(), []);
    let claimed = claim_from(&store, "operators", 10, sample::at(1)).await;
    let wearers: Vec<&str> = claimed
        .iter()
        .map(|delivery| delivery.notification.decision.wearer.as_str())
        .collect();
    assert_eq!(wearers, ["W-9", "W-3"]);
    assert_eq!(store.alert(under).await.unwrap().unwrap().lists, 3);
}

pub(crate) async fn what_is_told_on_its_own_is_listed_all_the_same(site: &impl Site) {
    let store = site.open().await;
    let under = alert(&store, "W-1").await;
    let told = RoutedDecision {
        gathered: Some(Gathered { under, held: false }),
        ..sample::routed("W-2", 1, 1, &["operators"])
    };
    sample::commit_decisions(&store, vec![told]).await;
    assert_eq!(waiting(&store).await, 1);
    assert_eq!(store.alert(under).await.unwrap().unwrap().lists, 1);
    assert_eq!(store.gathering().await.unwrap(), []);
}
