//! What a proposal would have changed, had it been registered some days ago: the readings that came in
//! since, judged twice.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

use engine::RulesPolicy;
use model::registry::RegistryKey;
use model::{
    AlertId, ConditionId, Decision, DecisionKind, PartitionId, Phase, PolicyChange, Timestamp,
    WearerId,
};
use serde::Serialize;
use wire::readings_file::FileReading;

use super::replay::Replayer;
use crate::registrar::{self, Proposal};
use crate::store::{HistoryQuery, Store, StoreError};

/// Readings of a wearer that are judged at most: five weeks of one a minute.
pub const READINGS_MAX: usize = 50_000;

/// Wearers whom a proposal concerns and who are judged at most: a zone may be everybody's.
pub const WEARERS_MAX: usize = 200;

/// What it is about.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// What is proposed.
    pub proposal: &'a Proposal,
    /// The rules to judge by.
    pub rules: &'a RulesPolicy,
    /// How many partitions there are.
    pub partitions: NonZeroU16,
    /// Readings that came in from then on.
    pub since: Timestamp,
    /// Until now: timers fire up to then.
    pub until: Timestamp,
}

/// What would have been otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Preview {
    /// Wearer by wearer, those only for whom something would have been otherwise.
    pub wearers: Vec<WearerPreview>,
    /// How many were judged.
    pub judged: usize,
    /// How many are concerned and were not judged, because there are too many.
    pub not_judged: usize,
}

/// What would have been otherwise for one wearer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WearerPreview {
    /// The wearer.
    pub wearer: WearerId,
    /// Readings judged.
    pub readings: usize,
    /// What would have been raised besides.
    pub raised: Vec<Episode>,
    /// What would not have been raised.
    pub not_raised: Vec<Episode>,
    /// How many episodes would have been the same.
    pub same: usize,
}

/// One episode as it would be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Episode {
    /// Its first decision.
    pub opened: Decision,
    /// When it was cleared, if it was.
    pub cleared: Option<Timestamp>,
}

/// Judges the past of everybody concerned, as it is registered and as it is proposed.
///
/// # Errors
/// When the store fails.
pub async fn preview(store: &dyn Store, question: &Question<'_>) -> Result<Preview, StoreError> {
    let concerned = registrar::concerned(store, &question.proposal.put).await?;
    let mut preview = Preview {
        not_judged: concerned.len().saturating_sub(WEARERS_MAX),
        ..Preview::default()
    };
    for wearer in concerned.into_iter().take(WEARERS_MAX) {
        let one = of_wearer(store, question, wearer).await?;
        preview.judged += 1;
        if !(one.raised.is_empty() && one.not_raised.is_empty()) {
            preview.wearers.push(one);
        }
    }
    Ok(preview)
}

async fn of_wearer(
    store: &dyn Store,
    question: &Question<'_>,
    wearer: WearerId,
) -> Result<WearerPreview, StoreError> {
    let registered = registrar::about(store, &wearer).await?;
    let query = HistoryQuery {
        partition: PartitionId::of(&wearer, question.partitions),
        wearer: wearer.clone(),
        since: question.since,
        up_to: i64::MAX.unsigned_abs(),
        limit: READINGS_MAX,
    };
    let history = store.history(&query).await?;
    let readings: Vec<FileReading> = history
        .into_iter()
        .map(|(_at, reading)| FileReading {
            received_at: reading.received_at,
            report: reading.report,
        })
        .collect();
    let proposed = with(registered.clone(), question.proposal, &wearer);
    let before = episodes(question, registered, &readings);
    let after = episodes(question, proposed, &readings);
    let only_in = |these: &Episodes, others: &Episodes| {
        let only = these.iter().filter(|(key, _)| !others.contains_key(*key));
        only.map(|(_key, episode)| episode.clone()).collect()
    };
    Ok(WearerPreview {
        readings: readings.len(),
        raised: only_in(&after, &before),
        not_raised: only_in(&before, &after),
        same: after.keys().filter(|key| before.contains_key(key)).count(),
        wearer,
    })
}

/// What is registered about a wearer, as it is proposed.
fn with(
    registered: Vec<PolicyChange>,
    proposal: &Proposal,
    wearer: &WearerId,
) -> Vec<PolicyChange> {
    let keys: BTreeSet<RegistryKey> = proposal.put.iter().filter_map(PolicyChange::key).collect();
    let goes = |key: &RegistryKey| keys.contains(key) || proposal.remove.contains(key);
    let is_others = |change: &PolicyChange| change.wearer().is_some_and(|whose| whose != wearer);
    let stays = registered
        .into_iter()
        .filter(|change| change.key().is_none_or(|key| !goes(&key)));
    let put = proposal.put.iter().filter(|change| !is_others(change));
    stays.chain(put.cloned()).collect()
}

/// Episodes by what makes two of them the same: what is breached, how, and since when.
type Episodes = BTreeMap<(Option<ConditionId>, DecisionKind, Timestamp), Episode>;

fn episodes(
    question: &Question<'_>,
    registry: Vec<PolicyChange>,
    readings: &[FileReading],
) -> Episodes {
    let mut replayer = Replayer::new(question.rules.clone(), registry, Vec::new());
    let mut found: BTreeMap<AlertId, Episode> = BTreeMap::new();
    for reading in readings {
        replayer.reading(reading.clone());
        take(&mut replayer, &mut found);
    }
    replayer.run_on(Some(question.until));
    take(&mut replayer, &mut found);
    let key = |episode: &Episode| {
        let opened = &episode.opened;
        (opened.condition.clone(), opened.kind, opened.onset)
    };
    found.into_values().map(|e| (key(&e), e)).collect()
}

fn take(replayer: &mut Replayer, found: &mut BTreeMap<AlertId, Episode>) {
    while let Some(decision) = replayer.poll_decision() {
        match decision.phase {
            Phase::Opened => {
                let alert = decision.alert;
                let episode = Episode {
                    opened: decision,
                    cleared: None,
                };
                found.insert(alert, episode);
            }
            Phase::Cleared => {
                if let Some(episode) = found.get_mut(&decision.alert) {
                    episode.cleared = Some(decision.decided);
                }
            }
            Phase::Withdrawn => {
                found.remove(&decision.alert);
            }
            Phase::Updated | Phase::Amended => {}
        }
    }
}
