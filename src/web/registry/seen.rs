//! Whose parts of the registry somebody may see, and so change.

use std::collections::BTreeSet;

use model::registry::RegistryKey;
use model::{PolicyChange, WearerId};

use super::super::WebState;
use super::super::disclosure::Reader;
use super::super::problem::Problem;
use crate::access::Facts;
use crate::registrar::Proposal;
use crate::store::registry::{Registered, Target};

/// Whether somebody may see what is registered under a key, if anything is.
pub(super) async fn sees(
    state: &WebState,
    reader: &Reader,
    key: &RegistryKey,
) -> Result<bool, Problem> {
    let scope = reader.scope();
    Ok(scope.is_all() || state.store.sees_part(&scope, key).await?)
}

/// As if it were not there.
pub(super) fn not_registered(key: &RegistryKey) -> Problem {
    Problem::not_found(format!("{key} is not registered"))
}

/// Those of the wearers whom somebody may see.
pub(super) async fn seen(
    state: &WebState,
    reader: &Reader,
    wearers: BTreeSet<WearerId>,
) -> Result<BTreeSet<WearerId>, Problem> {
    let scope = reader.scope();
    if scope.is_all() {
        return Ok(wearers);
    }
    let wearers: Vec<WearerId> = wearers.into_iter().collect();
    let facts = state.store.wearer_facts(&wearers).await?;
    let both = wearers.into_iter().zip(facts);
    Ok(both
        .filter(|(_wearer, facts)| scope.sees(facts))
        .map(|(wearer, _facts)| wearer)
        .collect())
}

/// Whether somebody may see a wearer.
///
/// # Errors
/// As if there were no such wearer.
pub(in crate::web) async fn check_wearer(
    state: &WebState,
    reader: &Reader,
    wearer: &WearerId,
) -> Result<(), Problem> {
    let seen = seen(state, reader, BTreeSet::from([wearer.clone()])).await?;
    if seen.is_empty() {
        return Err(not_registered(&RegistryKey::Wearer(wearer.clone())));
    }
    Ok(())
}

/// What is registered of the parts that a proposal changes, of those that it points at, and the orders that
/// hold the conditions it points at.
async fn touched(state: &WebState, proposal: &Proposal) -> Result<Vec<Registered>, Problem> {
    let changed = proposal.put.iter().filter_map(PolicyChange::key);
    let mut keys: BTreeSet<RegistryKey> = changed.chain(proposal.remove.clone()).collect();
    let mut conditions = BTreeSet::new();
    for target in proposal.put.iter().flat_map(Target::of) {
        match target {
            Target::Part(key) => {
                keys.insert(key);
            }
            Target::Condition(_) => {
                conditions.insert(target);
            }
            Target::Device(_) => {}
        }
    }
    let keys: Vec<RegistryKey> = keys.into_iter().collect();
    let conditions: Vec<Target> = conditions.into_iter().collect();
    let mut touched = state.store.registered(&keys).await?;
    let users = state.store.referring(&conditions).await?.into_iter();
    touched.extend(users.filter(|user| matches!(user.key, RegistryKey::Order(_))));
    Ok(touched)
}

/// Whether all that a proposal changes, and all that it is about, is what somebody may see: before it and
/// after it.
///
/// # Errors
/// As if the first of those that are not were not there.
pub(super) async fn check(
    state: &WebState,
    reader: &Reader,
    proposal: &Proposal,
) -> Result<(), Problem> {
    let scope = reader.scope();
    if scope.is_all() {
        return Ok(());
    }
    for part in touched(state, proposal).await? {
        if part.change.is_some() && !sees(state, reader, &part.key).await? {
            return Err(not_registered(&part.key));
        }
    }
    let about = proposal.put.iter().filter_map(PolicyChange::wearer);
    let about: BTreeSet<WearerId> = about.cloned().collect();
    let seen = seen(state, reader, about.clone()).await?;
    if let Some(hidden) = about.difference(&seen).next() {
        return Err(not_registered(&RegistryKey::Wearer(hidden.clone())));
    }
    for change in &proposal.put {
        if let PolicyChange::Wearer(profile) = change
            && !scope.sees(&Facts::of(Some(profile)))
        {
            return Err(Problem::forbidden(
                "a token without specials may not make somebody one of them",
            ));
        }
    }
    Ok(())
}
