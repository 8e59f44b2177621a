//! Whether the books balance: everything acknowledged is kept once, and what is concluded from it is
//! what an undisturbed run concludes.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use chrono::TimeDelta;
use model::{Decision, DecisionKind, Phase, Recipient, Timestamp};
use tagwatch::store::{AlertQuery, CLAIM_MAX, ClaimRequest, JournalInput, Store};

use super::books::{Books, Fact};
use super::plan::Plan;
use super::tags::Upload;
use crate::harness::TAGWATCH;

/// Longer than a verdict takes: nothing is handed out twice.
const LEASE: TimeDelta = TimeDelta::hours(1);

/// The books, read once the service is down.
pub(super) struct Verdict<'a> {
    plan: &'a Plan,
    books: &'a Books,
    store: &'a dyn Store,
    /// Decisions made later than this are left out: the service was being stopped.
    until: Timestamp,
}

impl<'a> Verdict<'a> {
    pub(super) const fn new(
        plan: &'a Plan,
        books: &'a Books,
        store: &'a dyn Store,
        until: Timestamp,
    ) -> Self {
        Self {
            plan,
            books,
            store,
            until,
        }
    }

    /// Panics, saying what does not balance.
    pub(super) async fn hold(&self, uploads: &[Upload]) {
        self.each_reading_once(uploads).await;
        self.junk_is_kept(uploads).await;
        let decisions = self.stored_decisions().await;
        self.as_undisturbed(&decisions);
        self.nobody_is_missed_nor_accused(&decisions);
        self.queues_hold_what_was_decided().await;
    }

    async fn each_reading_once(&self, uploads: &[Upload]) {
        let mut journaled = Vec::new();
        for partition in self.store.partitions().await.unwrap() {
            let entries = self.store.journal_after(partition, 0, usize::MAX).await;
            for (before, entry) in entries.unwrap().into_iter().enumerate() {
                let position = u64::try_from(before).unwrap() + 1;
                assert_eq!(entry.position, position, "positions of {partition}");
                if let JournalInput::Reading(reading) = entry.input {
                    let (device, seq) = (reading.report.device, reading.report.seq);
                    journaled.push(Fact::Reading {
                        device: device.to_string(),
                        seq: seq.unwrap(),
                    });
                }
            }
        }
        let mut published: Vec<Fact> = uploads
            .iter()
            .map(Upload::fact)
            .filter(|fact| matches!(fact, Fact::Reading { .. }))
            .collect();
        journaled.sort();
        published.sort();
        let distinct: BTreeSet<&Fact> = journaled.iter().collect();
        assert_eq!(distinct.len(), journaled.len(), "a reading stands twice");
        assert!(journaled == published, "journal and uploads differ");
    }

    async fn junk_is_kept(&self, uploads: &[Upload]) {
        let letters = self.store.dead_letters(usize::MAX).await.unwrap();
        let kept: BTreeSet<Vec<u8>> = letters.into_iter().map(|letter| letter.payload).collect();
        for upload in uploads {
            if let Fact::Junk(bytes) = upload.fact() {
                assert!(kept.contains(&bytes), "no dead letter for {bytes:?}");
            }
        }
        let junk = |upload: &&Upload| matches!(upload.fact(), Fact::Junk(_));
        let published = uploads.iter().filter(junk).count();
        assert_eq!(kept.len(), published, "dead letters for what was no junk");
    }

    async fn stored_decisions(&self) -> Vec<Decision> {
        let query = AlertQuery {
            limit: usize::MAX,
            ..AlertQuery::default()
        };
        let mut decisions = Vec::new();
        for alert in self.store.alerts(&query).await.unwrap() {
            decisions.extend(self.store.decisions(alert.alert).await.unwrap());
        }
        decisions
    }

    /// Against what the program itself concludes from the journal alone.
    fn as_undisturbed(&self, stored: &[Decision]) {
        let until = self.until.to_string();
        let mut command = Command::new(TAGWATCH);
        command.args(["replay", "--until", &until, "--store"]);
        let output = command.arg(self.books.address()).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let replayed: Vec<Decision> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let (stored, replayed) = (self.by_identity(stored), self.by_identity(&replayed));
        for (identity, decision) in &replayed {
            assert_eq!(stored.get(identity), Some(decision), "as a replay decides");
        }
        assert_eq!(stored.len(), replayed.len(), "more than a replay decides");
    }

    fn by_identity(&self, decisions: &[Decision]) -> BTreeMap<(String, u32), Decision> {
        let by_then: Vec<&Decision> = decisions
            .iter()
            .filter(|decision| decision.decided <= self.until)
            .collect();
        let map: BTreeMap<_, _> = by_then
            .iter()
            .map(|d| ((d.alert.to_string(), d.revision), (*d).clone()))
            .collect();
        assert_eq!(map.len(), by_then.len(), "a decision stands twice");
        map
    }

    /// Everybody walked into the zone, once, which may have been possible before it was sure, and did
    /// nothing else.
    fn nobody_is_missed_nor_accused(&self, decisions: &[Decision]) {
        for number in 0..self.plan.wearers {
            let wearer = format!("W-{number}");
            let told: Vec<DecisionKind> = decisions
                .iter()
                .filter(|d| d.wearer.as_str() == wearer && d.phase == Phase::Opened)
                .map(|d| d.kind)
                .filter(|kind| *kind != DecisionKind::ExclusionZonePossible)
                .collect();
            assert_eq!(told, [DecisionKind::ExclusionZoneEntered], "of {wearer}");
        }
    }

    /// One notification for each decision and recipient, and none besides.
    async fn queues_hold_what_was_decided(&self) {
        let mut owed = Vec::new();
        for event in self.store.events_after(0, usize::MAX).await.unwrap() {
            let decision = (event.decision.alert.to_string(), event.decision.revision);
            assert!(
                !event.recipients.is_empty(),
                "nobody is told of {decision:?}"
            );
            for recipient in event.recipients {
                owed.push((recipient.to_string(), decision.clone()));
            }
        }
        let mut queued = Vec::new();
        for queue in self.store.queues(self.until).await.unwrap() {
            queued.extend(self.drain(queue.recipient).await);
        }
        owed.sort();
        queued.sort();
        assert_eq!(queued, owed, "queue rows and decisions differ");
    }

    async fn drain(&self, recipient: Recipient) -> Vec<(String, (String, u32))> {
        let request = ClaimRequest {
            recipient,
            consumer: "verdict".to_owned(),
            max: CLAIM_MAX,
            lease: LEASE,
            attempts_max: u32::MAX,
            now: self.until,
        };
        let mut rows = Vec::new();
        loop {
            let deliveries = self.store.claim(&request).await.unwrap().deliveries;
            if deliveries.is_empty() {
                return rows;
            }
            for delivery in deliveries {
                self.store
                    .ack(&delivery.receipt, None, self.until)
                    .await
                    .unwrap();
                let decision = &delivery.notification.decision;
                let identity = (decision.alert.to_string(), decision.revision);
                rows.push((request.recipient.to_string(), identity));
            }
        }
    }
}
