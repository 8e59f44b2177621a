//! Proof of a store: the journal is whole, and leads to the decisions that are kept, to the byte.
//!
//! Memory holds a page of the journal, the engine of one partition, an instant a wearer and a bit a
//! decision. A store in use can be verified: what is committed after the start is left for another time.

mod difference;
mod finding;
mod report;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use model::{Decision, DecisionKind, Identity, PartitionId, Timestamp, WearerId};

use super::replay_journal::JournalReplay;
use crate::store::{JournalEntry, JournalInput, KeptDecision, Store, StoreError};

pub use finding::{DecisionName, Finding};
pub use report::{DecisionCounts, PartitionReport, QueueRowCounts, Report};

/// Journal entries, or decisions, read at once.
const PAGE: usize = 2_000;

/// How far time is let run on after a journal's last entry: timers fire in between, and their decisions
/// are kept, but a date that somebody put far ahead must not be waited for.
const RUN_ON_MAX: TimeDelta = TimeDelta::days(366);

/// Verifies a store. `progress` is told how many entries of all journals are done, and of how many.
///
/// # Errors
/// When the store fails. What is wrong with its content is in the report.
pub async fn verify(
    store: &dyn Store,
    mut progress: impl FnMut(u64, u64),
) -> Result<Report, StoreError> {
    let mut verification = Verification::begin(store).await?;
    for (partition, end) in verification.ends.clone() {
        verification
            .partition(partition, end, &mut progress)
            .await?;
    }
    verification.look_for_extras().await?;
    match verification.damage {
        // Nothing of the journal itself: what is filed of it.
        Some(damage) if !verification.is_cut => Err(damage),
        Some(_) | None => Ok(verification.report),
    }
}

struct Verification<'a> {
    store: &'a dyn Store,
    /// The last position of each journal.
    ends: BTreeMap<PartitionId, u64>,
    newest_event: u64,
    /// When the latest decision about each wearer was made.
    latest: BTreeMap<WearerId, Timestamp>,
    /// Decisions that the journals led to.
    led_to: Events,
    /// Some journal could not be read to its end.
    is_cut: bool,
    /// Something could not be read when a reading was looked for.
    damage: Option<StoreError>,
    /// Readings up to here need not be kept any longer, in some journal, and are gone.
    gone_before: Timestamp,
    done: u64,
    report: Report,
}

impl<'a> Verification<'a> {
    async fn begin(store: &'a dyn Store) -> Result<Self, StoreError> {
        let mut verification = Self {
            store,
            ends: BTreeMap::new(),
            newest_event: 0,
            latest: BTreeMap::new(),
            led_to: Events::default(),
            is_cut: false,
            damage: None,
            gone_before: Timestamp::default(),
            done: 0,
            report: Report::default(),
        };
        verification.look_ahead().await?;
        // After the decisions: each of them is led to by what is journaled up to here.
        for partition in store.partitions().await? {
            let end = store.last_position(partition).await?;
            verification.ends.insert(partition, end);
        }
        Ok(verification)
    }

    async fn look_ahead(&mut self) -> Result<(), StoreError> {
        loop {
            let after = self.newest_event;
            let page = self.store.kept_decisions_after(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            self.newest_event = last.event;
            for kept in page {
                let latest = self.latest.entry(kept.wearer).or_default();
                *latest = kept.decided.max(*latest);
            }
        }
    }

    async fn partition(
        &mut self,
        partition: PartitionId,
        end: u64,
        progress: &mut impl FnMut(u64, u64),
    ) -> Result<(), StoreError> {
        let mut replay = JournalReplay::begin(self.store, partition).await?;
        let mut journal = Journal::of(partition);
        if replay.position() > 0 {
            self.gone_before = replay.now().max(self.gone_before);
            self.done += replay.position();
            journal.know(&self.store.policy_entries(partition).await?);
        }
        while replay.position() < end
            && let Some(page) = self.next_page(&replay, &journal).await?
        {
            self.check_identities(partition, &page).await?;
            for entry in page.iter().take_while(|entry| entry.position <= end) {
                for finding in journal.take_in(entry, replay.position()) {
                    self.report.find(finding);
                }
                for decision in replay.hand_in(entry).await? {
                    self.hold_against_kept(&decision).await?;
                }
            }
            self.done += page.len() as u64;
            progress(self.done, self.ends.values().sum());
        }
        let latest = journal.wearers.iter().filter_map(|id| self.latest.get(id));
        let now = replay.now();
        if let Some(until) = latest.max().filter(|until| **until > now) {
            let until = (*until).min(now.plus(RUN_ON_MAX));
            for decision in replay.run_on(until).await? {
                self.hold_against_kept(&decision).await?;
            }
        }
        self.report.partitions.push(journal.report);
        Ok(())
    }

    /// The next entries. Where some of them cannot be read, those before it, one by one.
    async fn next_page(
        &mut self,
        replay: &JournalReplay<'_>,
        journal: &Journal,
    ) -> Result<Option<Vec<JournalEntry>>, StoreError> {
        match replay.next_page(PAGE).await {
            Err(StoreError::Corrupt(_)) => {}
            page => return page,
        }
        match replay.next_page(1).await {
            Err(StoreError::Corrupt(why)) => {
                self.is_cut = true;
                self.report.find(Finding::EntryUnreadable {
                    partition: journal.report.partition,
                    position: replay.position() + 1,
                    why,
                });
                Ok(None)
            }
            page => page,
        }
    }

    /// Whether each reading is the one that its place in the journal is known by, and there once.
    async fn check_identities(
        &mut self,
        partition: PartitionId,
        page: &[JournalEntry],
    ) -> Result<(), StoreError> {
        let readings: Vec<_> = page
            .iter()
            .filter_map(|entry| match &entry.input {
                JournalInput::Reading(reading) => Some((entry.position, &reading.report)),
                JournalInput::Policy(_) | JournalInput::Erased => None,
            })
            .collect();
        let identities: Vec<Identity> = readings
            .iter()
            .map(|(_, report)| report.identity())
            .collect();
        let observed = match self.store.observed_at(&identities).await {
            // Whoever looks for one reading comes upon another that is damaged.
            Err(error @ StoreError::Corrupt(_)) => {
                self.damage = Some(error);
                return Ok(());
            }
            observed => observed?,
        };
        let mut seen = BTreeSet::new();
        for (((position, report), identity), observed) in
            readings.into_iter().zip(identities).zip(observed)
        {
            if observed != Some(report.observed_at.0) {
                self.report.find(Finding::ReadingAltered {
                    partition,
                    position,
                });
            } else if !seen.insert(identity) {
                self.report.find(Finding::ReadingTwice {
                    partition,
                    position,
                });
            }
        }
        Ok(())
    }

    async fn hold_against_kept(&mut self, decision: &Decision) -> Result<(), StoreError> {
        let name = DecisionName {
            alert: decision.alert,
            revision: decision.revision,
            kind: Some(decision.kind),
        };
        let kept = self
            .store
            .kept_decision(decision.alert, decision.revision)
            .await?;
        let Some(kept) = kept else {
            self.report.decisions.missing += 1;
            self.report.find(Finding::DecisionMissing(name));
            return Ok(());
        };
        self.led_to.insert(kept.event);
        self.check_queues(&kept, &name);
        let replayed = serde_json::to_string(decision)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        if kept.body == replayed {
            self.report.decisions.matching += 1;
            return Ok(());
        }
        self.report.decisions.different += 1;
        let (field, kept, replayed) = difference::first(&kept.body, &replayed);
        self.report.find(Finding::DecisionDifferent {
            decision: name,
            field,
            kept,
            replayed,
        });
        Ok(())
    }

    fn check_queues(&mut self, kept: &KeptDecision, name: &DecisionName) {
        for recipient in &kept.recipients {
            if kept.queued.contains(recipient) {
                self.report.queue_rows.present += 1;
                continue;
            }
            self.report.queue_rows.missing += 1;
            self.report.find(Finding::QueueRowMissing {
                decision: name.clone(),
                recipient: recipient.clone(),
            });
        }
    }

    /// What is kept and was not led to.
    async fn look_for_extras(&mut self) -> Result<(), StoreError> {
        let mut after = 0;
        while after < self.newest_event {
            let page = self.store.kept_decisions_after(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.event;
            for kept in page {
                if kept.event <= self.newest_event && !self.led_to.contains(kept.event) {
                    self.extra(&kept);
                }
            }
        }
        Ok(())
    }

    fn extra(&mut self, kept: &KeptDecision) {
        if self.is_cut || kept.decided <= self.gone_before {
            self.report.decisions.unchecked += 1;
            return;
        }
        let decision: Option<Decision> = serde_json::from_str(&kept.body).ok();
        if decision.as_ref().is_some_and(is_incident) {
            return;
        }
        self.report.decisions.extra += 1;
        self.report.find(Finding::DecisionExtra(DecisionName {
            alert: kept.alert,
            revision: kept.revision,
            kind: decision.map(|decision| decision.kind),
        }));
    }
}

/// Incidents are of many alerts told together, and not of any journal.
fn is_incident(decision: &Decision) -> bool {
    decision.kind == DecisionKind::Incident
}

/// What is noted of one journal on the way.
struct Journal {
    report: PartitionReport,
    /// Whom it is about.
    wearers: BTreeSet<WearerId>,
    last: Timestamp,
}

impl Journal {
    fn of(partition: PartitionId) -> Self {
        Self {
            report: PartitionReport {
                partition,
                entries: 0,
                readings: 0,
                erased: 0,
            },
            wearers: BTreeSet::from([WearerId::of_partition(partition)]),
            last: Timestamp::default(),
        }
    }

    /// Learns whom it is about from what is not gone through.
    fn know(&mut self, entries: &[JournalEntry]) {
        for entry in entries {
            if let JournalInput::Policy(change) = &entry.input {
                self.wearers.extend(change.wearer().cloned());
            }
        }
    }

    /// Notes an entry that follows position `before`; what is wrong with its place.
    fn take_in(&mut self, entry: &JournalEntry, before: u64) -> Vec<Finding> {
        let (partition, position) = (self.report.partition, entry.position);
        let mut findings = Vec::new();
        if position > before + 1 {
            findings.push(Finding::EntriesMissing {
                partition,
                from: before + 1,
                to: position - 1,
            });
        }
        if entry.at < self.last {
            findings.push(Finding::EntryOutOfOrder {
                partition,
                position,
            });
        }
        self.last = entry.at.max(self.last);
        self.report.entries += 1;
        match &entry.input {
            JournalInput::Reading(_) => self.report.readings += 1,
            JournalInput::Policy(change) => self.wearers.extend(change.wearer().cloned()),
            JournalInput::Erased => self.report.erased += 1,
        }
        findings
    }
}

/// A set of event numbers: a bit each, because they are counted without large gaps.
#[derive(Debug, Default)]
struct Events(Vec<u64>);

impl Events {
    fn place(event: u64) -> (usize, u64) {
        let word = usize::try_from(event / 64).unwrap_or(usize::MAX);
        (word, 1 << (event % 64))
    }

    fn insert(&mut self, event: u64) {
        let (word, bit) = Self::place(event);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= bit;
        }
    }

    fn contains(&self, event: u64) -> bool {
        let (word, bit) = Self::place(event);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }
}
