//! What alerts and the live stream promise.

use std::sync::Arc;

use model::{AlertState, DecisionKind, PartitionId, Phase, Recipient, Severity};

use super::{Site, sample};
use crate::store::{AlertQuery, AlertRecord, CommitBatch, Store};

async fn list(store: &Arc<dyn Store>, query: AlertQuery) -> Vec<AlertRecord> {
    let query = AlertQuery {
        limit: query.limit.max(1),
        ..query
    };
    store.alerts(&query).await.unwrap()
}

fn all() -> AlertQuery {
    AlertQuery {
        limit: 100,
        ..AlertQuery::default()
    }
}

/// Commits the wearer's first tampering in that phase.
async fn decide(store: &Arc<dyn Store>, revision: u32, phase: Phase) {
    let decision = sample::decision("W-1", 1, revision, phase);
    sample::commit_decisions(store, vec![sample::address(decision, &["operators"])]).await;
}

async fn the_alert(store: &Arc<dyn Store>) -> AlertRecord {
    let id = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    store.alert(id).await.unwrap().unwrap()
}

pub(crate) async fn the_same_decision_twice_is_one_alert_and_one_queue_row(site: &impl Site) {
    let store = site.open().await;
    let routed = sample::routed("W-1", 1, 1, &["operators"]);
    let committed = sample::commit_decisions(&store, vec![routed.clone()]).await;
    assert_eq!((committed.decisions, committed.newest_event), (1, 1));
    let again = sample::commit_decisions(&store, vec![routed.clone(), routed.clone()]).await;
    assert_eq!((again.decisions, again.newest_event), (0, 1));

    assert_eq!(list(&store, all()).await.len(), 1);
    assert_eq!(store.events_after(0, 10).await.unwrap().len(), 1);
    let queues = store.queues(sample::at(0)).await.unwrap();
    assert_eq!(queues.iter().map(|queue| queue.ready).sum::<u64>(), 1);
    let decisions = store.decisions(routed.decision.alert).await.unwrap();
    assert_eq!(decisions, [routed.decision]);
}

pub(crate) async fn a_decision_routed_otherwise_on_replay_stays_as_it_was(site: &impl Site) {
    let store = site.open().await;
    let then = sample::routed("W-1", 1, 1, &["operators"]);
    sample::commit_decisions(&store, vec![then]).await;
    let today = sample::routed("W-1", 1, 1, &["operators", "police/kent"]);
    sample::commit_decisions(&store, vec![today]).await;
    let queues = store.queues(sample::at(0)).await.unwrap();
    let names: Vec<&str> = queues.iter().map(|q| q.recipient.as_str()).collect();
    assert_eq!(names, ["operators"]);
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events[0].recipients, [Recipient::operators()]);
}

pub(crate) async fn an_alert_follows_its_decisions(site: &impl Site) {
    let store = site.open().await;
    let phases = [
        (Phase::Opened, AlertState::Open),
        (Phase::Updated, AlertState::Open),
        (Phase::Cleared, AlertState::Cleared),
        (Phase::Withdrawn, AlertState::Withdrawn),
    ];
    for (revision, (phase, state)) in (1..).zip(phases) {
        decide(&store, revision, phase).await;
        let record = the_alert(&store).await;
        let decision = sample::decision("W-1", 1, revision, phase);
        assert_eq!(record.state, state, "{phase}");
        assert_eq!(record.opened, sample::at(60));
        assert_eq!(record.changed, decision.decided);
        assert_eq!(record.onset, decision.onset);
        assert_eq!(record.severity, Severity::Critical);
        assert_eq!(record.decision, decision);
        assert!(record.notify_by.is_some());
    }
    let id = the_alert(&store).await.alert;
    let revisions = store.decisions(id).await.unwrap();
    let revisions: Vec<u32> = revisions.iter().map(|d| d.revision).collect();
    assert_eq!(revisions, [1, 2, 3, 4]);
}

pub(crate) async fn an_amendment_leaves_a_cleared_alert_cleared(site: &impl Site) {
    let store = site.open().await;
    decide(&store, 1, Phase::Opened).await;
    decide(&store, 2, Phase::Amended).await;
    assert_eq!(the_alert(&store).await.state, AlertState::Open);
    decide(&store, 3, Phase::Cleared).await;
    decide(&store, 4, Phase::Amended).await;
    let record = the_alert(&store).await;
    assert_eq!(record.state, AlertState::Cleared);
    assert_eq!(record.decision.revision, 4);
}

pub(crate) async fn an_older_revision_does_not_set_an_alert_back(site: &impl Site) {
    let store = site.open().await;
    decide(&store, 3, Phase::Cleared).await;
    decide(&store, 1, Phase::Opened).await;
    decide(&store, 2, Phase::Updated).await;
    let record = the_alert(&store).await;
    assert_eq!(record.state, AlertState::Cleared);
    assert_eq!(record.decision.revision, 3);
    assert_eq!(record.opened, sample::at(60));
    assert_eq!(record.changed, sample::at(180));
}

pub(crate) async fn alerts_are_listed_by_what_changed_last_and_by_wish(site: &impl Site) {
    let store = site.open().await;
    let cleared = sample::decision("W-1", 1, 3, Phase::Cleared);
    let mut of_other_kind = sample::decision("W-2", 2, 2, Phase::Opened);
    of_other_kind.kind = DecisionKind::CaseOpen;
    let decisions = vec![
        sample::routed("W-1", 1, 1, &["operators"]),
        sample::routed("W-2", 1, 1, &["operators"]),
        sample::address(of_other_kind, &["operators"]),
        sample::address(cleared, &["operators"]),
    ];
    sample::commit_decisions(&store, decisions).await;

    let wearers = |records: Vec<AlertRecord>| -> Vec<String> {
        let short = |r: &AlertRecord| format!("{} {}", r.wearer, r.kind);
        records.iter().map(short).collect()
    };
    let everything = ["W-1 strap_tamper", "W-2 case_open", "W-2 strap_tamper"];
    assert_eq!(wearers(list(&store, all()).await), everything);

    let first = AlertQuery { limit: 2, ..all() };
    assert_eq!(wearers(list(&store, first).await), everything[..2]);
    let of_wearer = AlertQuery {
        wearer: Some(sample::wearer("W-2")),
        ..all()
    };
    assert_eq!(wearers(list(&store, of_wearer).await), everything[1..]);
    let open = AlertQuery {
        state: Some(AlertState::Open),
        kind: Some(DecisionKind::StrapTamper),
        ..all()
    };
    assert_eq!(wearers(list(&store, open).await), everything[2..]);
    let nobody = AlertQuery {
        wearer: Some(sample::wearer("W-3")),
        state: Some(AlertState::Open),
        ..all()
    };
    assert_eq!(list(&store, nobody).await, []);
}

pub(crate) async fn an_unknown_alert_is_none(site: &impl Site) {
    let store = site.open().await;
    let id = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    assert_eq!(store.alert(id).await.unwrap(), None);
    assert_eq!(store.decisions(id).await.unwrap(), []);
}

pub(crate) async fn the_stream_goes_on_without_gap_or_repeat(site: &impl Site) {
    let store = site.open().await;
    assert_eq!(store.newest_event().await.unwrap(), 0);
    for ordinal in 1..=7 {
        let routed = sample::routed("W-1", ordinal, 1, &["operators"]);
        // Each is committed twice, as a replay would: that must not use a number up.
        sample::commit_decisions(&store, vec![routed.clone()]).await;
        sample::commit_decisions(&store, vec![routed]).await;
    }
    let mut after = 0;
    let mut seen = Vec::new();
    loop {
        let events = store.events_after(after, 2).await.unwrap();
        let Some(last) = events.last() else { break };
        after = last.id;
        seen.extend(events.iter().map(|event| event.id));
    }
    assert_eq!(seen, (1..=7).collect::<Vec<u64>>());
    assert_eq!(store.newest_event().await.unwrap(), 7);
    assert_eq!(store.events_after(u64::MAX, 2).await.unwrap(), []);
}

pub(crate) async fn events_name_their_recipients(site: &impl Site) {
    let store = site.open().await;
    let names = ["police/staffordshire", "probation/west-midlands"];
    let routed = sample::routed("W-1", 1, 1, &names);
    sample::commit_decisions(&store, vec![routed.clone()]).await;
    let events = store.events_after(0, 10).await.unwrap();
    let recipients: Vec<&str> = events[0].recipients.iter().map(Recipient::as_str).collect();
    assert_eq!(recipients, names);
    assert_eq!(events[0].severity, routed.severity);
    assert_eq!(events[0].decision, routed.decision);
}

pub(crate) async fn a_decision_is_found_as_it_was_kept_with_the_queues_it_is_in(site: &impl Site) {
    let store = site.open().await;
    let routed = [
        sample::routed("W-1", 1, 1, &["operators", "police/kent"]),
        sample::routed("W-2", 1, 1, &["operators"]),
    ];
    sample::commit_decisions(&store, routed.to_vec()).await;
    let decision = &routed[0].decision;
    let kept = store
        .kept_decision(decision.alert, 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.body, serde_json::to_string(decision).unwrap());
    assert_eq!((kept.event, kept.revision), (1, 1));
    assert_eq!(
        (&kept.wearer, kept.decided),
        (&decision.wearer, decision.decided)
    );
    let names: Vec<&str> = kept.recipients.iter().map(Recipient::as_str).collect();
    assert_eq!(names, ["operators", "police/kent"]);
    assert_eq!(kept.queued, kept.recipients);
    assert_eq!(store.kept_decision(decision.alert, 2).await.unwrap(), None);

    let all = store.kept_decisions_after(0, 10).await.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0], kept);
    assert_eq!(store.kept_decisions_after(1, 10).await.unwrap(), all[1..]);
    assert_eq!(store.kept_decisions_after(0, 1).await.unwrap(), all[..1]);
}

/// Events are numbered as they are committed, so a reader who has seen one has missed none before it.
pub(crate) async fn who_reads_the_stream_while_all_commit_misses_nothing(site: &impl Site) {
    const COMMITTERS: u16 = 12;
    const EACH: u32 = 12;
    let store = site.open().await;
    let mut committers = tokio::task::JoinSet::new();
    for number in 0..COMMITTERS {
        let store = Arc::clone(&store);
        committers.spawn(async move {
            let partition = PartitionId(number);
            let epoch = store.acquire(partition).await.unwrap();
            for ordinal in 1..=EACH {
                let wearer = format!("W-{number}");
                // Every other batch is large: those committed beside it have time to overtake it.
                let wearers = if ordinal % 2 == 0 { 30 } else { 1 };
                let decisions = (0..wearers)
                    .map(|n| sample::routed(&format!("{wearer}-{n}"), ordinal, 1, &["operators"]))
                    .collect();
                let batch = CommitBatch {
                    decisions,
                    ..sample::batch(partition, epoch)
                };
                store.commit(Arc::new(batch)).await.unwrap();
            }
        });
    }
    let expected = u64::from(COMMITTERS) * u64::from(EACH / 2) * 31;
    let mut seen = 0;
    while seen < expected {
        for event in store.events_after(seen, 1000).await.unwrap() {
            assert_eq!(event.id, seen + 1, "after {seen}");
            seen = event.id;
        }
        tokio::task::yield_now().await;
    }
    while let Some(committer) = committers.join_next().await {
        committer.unwrap();
    }
    assert_eq!(store.newest_event().await.unwrap(), expected);
}
