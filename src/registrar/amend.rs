//! Taking in what is proposed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::registry::RegistryKey;
use model::{PolicyChange, Timestamp};
use registry::{Meter, Problem, Problems};
use thiserror::Error;
use tokio::sync::Notify;

use super::difference::Change;
use super::known::Known;
use crate::store::registry::{Amended, Amendment, Edit, Registered, Target};
use crate::store::{Store, StoreError};

/// Times that a proposal is checked again because somebody else was faster. Each time somebody got
/// something done.
const ATTEMPTS_MAX: usize = 8;

/// Parts that the audit trail names when somebody looks at what a proposal would change.
const SUBJECTS_NAMED: usize = 5;

/// Changes the registry.
#[derive(Clone)]
pub struct Registrar {
    store: Arc<dyn Store>,
    changed: Arc<Notify>,
    meter: Meter,
}

/// Who changes it, when and why.
#[derive(Debug, Clone)]
pub struct Who {
    /// Who.
    pub actor: String,
    /// The reason they give, if any.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What is proposed: parts to be registered, and parts to be removed.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// To be registered, each of another part.
    pub put: Vec<PolicyChange>,
    /// To be removed.
    pub remove: Vec<RegistryKey>,
    /// Zones and places that are pointed at and that nobody has put on the map yet: they are
    /// registered later, and until then operators are told that they are missing.
    pub missing: BTreeSet<RegistryKey>,
    /// Versions that whoever proposes this has seen, 0 for none: where a part has another one now, the
    /// proposal is about something that is no more.
    pub seen: BTreeMap<RegistryKey, u32>,
    /// It is in force already and only written down anew: what is wrong with it is told, and no reason to
    /// refuse it.
    pub in_force: bool,
}

impl Proposal {
    /// Proposes what another one does, too.
    pub fn join(&mut self, other: Self) {
        self.put.extend(other.put);
        self.remove.extend(other.remove);
        self.missing.extend(other.missing);
        self.seen.extend(other.seen);
    }

    /// The parts it is about, for the audit trail of whoever looks at what it would change: whom the first
    /// ones are about, and how many more there are.
    #[must_use]
    pub fn subjects(&self) -> String {
        let put = self
            .put
            .iter()
            .map(|change| match (change.wearer(), change.key()) {
                (Some(wearer), Some(key)) => format!("{} of {wearer}", key.kind()),
                (_, key) => key.map(|key| key.to_string()).unwrap_or_default(),
            });
        let remove = self.remove.iter().map(ToString::to_string);
        let parts: Vec<String> = put.chain(remove).collect();
        let named: Vec<&str> = parts
            .iter()
            .take(SUBJECTS_NAMED)
            .map(String::as_str)
            .collect();
        match parts.len().saturating_sub(SUBJECTS_NAMED) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }

    /// The same, where the other one was made with this one in mind: what both put, it puts.
    pub fn build_on(&mut self, mut other: Self) {
        let places = self.put.iter().enumerate();
        let places: BTreeMap<RegistryKey, usize> = places
            .filter_map(|(place, change)| Some((change.key()?, place)))
            .collect();
        for change in std::mem::take(&mut other.put) {
            let place = change.key().and_then(|key| places.get(&key));
            match place.and_then(|place| self.put.get_mut(*place)) {
                Some(before) => *before = change,
                None => self.put.push(change),
            }
        }
        self.join(other);
    }
}

/// What came of a proposal.
#[derive(Debug)]
pub struct Outcome {
    /// The registry's revision afterwards.
    pub revision: u64,
    /// What is changed by it; nothing, where all of it was registered already.
    pub changes: Vec<Change>,
    /// What is not wise of it.
    pub warnings: Problems,
}

/// Why a proposal was not taken in.
#[derive(Debug, Error)]
pub enum Refusal {
    /// It says things that cannot be.
    #[error("{0}")]
    Problems(Problems),
    /// A part has another version than the one seen.
    #[error("{key} has version {version} by now, not {seen}")]
    Stale {
        /// The part.
        key: RegistryKey,
        /// The version seen; 0: none.
        seen: u32,
        /// The version it has; 0: none.
        version: u32,
    },
    /// Others change the registry all the time.
    #[error("the registry is being changed by others all the time: try again")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registrar {
    /// A registrar of what is in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            changed: Arc::default(),
            meter: Meter::default(),
        }
    }

    /// The same, with a meter that counts each part when it is checked, and again when it is written.
    #[must_use]
    pub fn metered(self, meter: Meter) -> Self {
        Self { meter, ..self }
    }

    /// Who waits for this hears of each change that the registrar, or a clone of it, makes.
    #[must_use]
    pub fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// What a proposal would change, were it made at `now`.
    ///
    /// # Errors
    /// As for [`Self::take_in`].
    pub async fn rehearse(&self, proposal: &Proposal, now: Timestamp) -> Result<Outcome, Refusal> {
        let checked = self.check(proposal, now).await?;
        let edits = checked.edits.into_iter();
        Ok(Outcome {
            revision: checked.base,
            changes: edits.map(|(_edit, change)| change).collect(),
            warnings: checked.warnings,
        })
    }

    /// Takes a proposal in, all of it or nothing. What is registered already as proposed stays as it is.
    ///
    /// # Errors
    /// When it says what cannot be, was made on an older state of what it changes, or the store fails.
    pub async fn take_in(&self, proposal: &Proposal, who: &Who) -> Result<Outcome, Refusal> {
        for _attempt in 0..ATTEMPTS_MAX {
            let Checked {
                base,
                edits,
                warnings,
            } = self.check(proposal, who.at).await?;
            let (edits, changes): (Vec<Edit>, Vec<Change>) = edits.into_iter().unzip();
            if edits.is_empty() {
                return Ok(Outcome {
                    revision: base,
                    changes,
                    warnings,
                });
            }
            let amendment = Amendment {
                base,
                at: who.at,
                actor: who.actor.clone(),
                reason: who.reason.clone(),
                edits,
                meter: self.meter.clone(),
            };
            match self.store.amend(&amendment).await? {
                Amended::At(revision) => {
                    self.changed.notify_one();
                    return Ok(Outcome {
                        revision,
                        changes,
                        warnings,
                    });
                }
                Amended::Behind(_newer) => {}
            }
        }
        Err(Refusal::Busy)
    }

    /// What is to be written for a proposal, and the revision that this fits.
    async fn check(&self, proposal: &Proposal, now: Timestamp) -> Result<Checked, Refusal> {
        let base = self.store.registry_revision().await?;
        let put = proposal.put.iter().filter_map(PolicyChange::key);
        let keys: Vec<RegistryKey> = put.chain(proposal.remove.iter().cloned()).collect();
        let known = Known::around(&*self.store, base, &keys, &proposal.put).await?;
        seen(proposal, &known)?;
        let missing = known.missing().chain(proposal.missing.iter().cloned());
        let missing: BTreeSet<RegistryKey> = missing.collect();
        let (known_parts, meter) = (known.changes(), &self.meter);
        let found = registry::check(known_parts, &proposal.put, &missing, now, meter);
        let problems: Problems = found
            .into_iter()
            .chain(versions(&proposal.put, &known))
            .chain(still_used(proposal, &known))
            .collect();
        if problems.errors() > 0 && !proposal.in_force {
            return Err(Refusal::Problems(problems));
        }
        let owners = known.owners(&proposal.put);
        let put = proposal.put.iter().filter_map(|change| {
            let key = change.key()?;
            let old = known.get(&key);
            let was = old.and_then(|old| old.change.as_ref());
            let version = if let PolicyChange::Order(order) = change {
                order.version
            } else {
                next(old)
            };
            let edit = Edit {
                key,
                version,
                wearer: owners.wearer(change),
                change: Some(change.clone()),
            };
            (was != Some(change)).then(|| (Change::of(&edit, old), edit))
        });
        let removed = proposal.remove.iter().filter_map(|key| {
            let old = known.get(key)?;
            let edit = Edit {
                key: key.clone(),
                version: next(Some(old)),
                wearer: old.change.as_ref().and_then(|change| owners.wearer(change)),
                change: None,
            };
            old.change
                .is_some()
                .then(|| (Change::of(&edit, Some(old)), edit))
        });
        let edits = put.chain(removed).map(|(change, edit)| (edit, change));
        Ok(Checked {
            base,
            edits: edits.collect(),
            warnings: problems,
        })
    }
}

/// A proposal that can be taken in.
struct Checked {
    /// The revision that it fits.
    base: u64,
    /// What is to be written.
    edits: Vec<(Edit, Change)>,
    /// What is not wise of it.
    warnings: Problems,
}

fn next(old: Option<&Registered>) -> u32 {
    old.map_or(0, |old| old.version).saturating_add(1)
}

/// Whether everything that was seen is as it was.
fn seen(proposal: &Proposal, known: &Known) -> Result<(), Refusal> {
    for (key, seen) in &proposal.seen {
        let registered = known.get(key).filter(|part| part.change.is_some());
        let version = registered.map_or(0, |part| part.version);
        if version != *seen {
            return Err(Refusal::Stale {
                key: key.clone(),
                seen: *seen,
                version,
            });
        }
    }
    Ok(())
}

/// Orders that would go back, or change without a version of their own.
fn versions(put: &[PolicyChange], known: &Known) -> Vec<Problem> {
    let mut problems = Vec::new();
    for change in put {
        let PolicyChange::Order(order) = change else {
            continue;
        };
        let key = RegistryKey::Order(order.id.clone());
        let Some(old) = known.get(&key) else {
            continue;
        };
        if old.change.as_ref() != Some(change) && order.version <= old.version {
            let message = format!(
                "version {} is registered, so a variation needs version {} or more; this one says \
                 version {}",
                old.version,
                old.version.saturating_add(1),
                order.version
            );
            problems.push(Problem::of(key, message));
        }
    }
    problems
}

/// What would be removed although something points at it.
fn still_used(proposal: &Proposal, known: &Known) -> Vec<Problem> {
    let goes = |key: &RegistryKey| proposal.remove.contains(key);
    let replaced: Vec<RegistryKey> = proposal.put.iter().filter_map(PolicyChange::key).collect();
    let stays = known.changes().filter(|change| {
        change
            .key()
            .is_some_and(|key| !goes(&key) && !replaced.contains(&key))
    });
    let mut problems = Vec::new();
    for change in stays.chain(&proposal.put) {
        for target in Target::of(change) {
            if let (Target::Part(key), Some(user)) = (target, change.key())
                && goes(&key)
            {
                let message = format!("cannot be removed: {user} points at it");
                problems.push(Problem::of(key, message));
            }
        }
    }
    problems
}
