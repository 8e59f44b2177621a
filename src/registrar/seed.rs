//! What an installation is started with: the documents that its configuration names, and the registry
//! of a journal from before it was kept on its own.

use std::collections::BTreeMap;

use model::PolicyChange;
use model::registry::RegistryKey;

use super::amend::{Outcome, Proposal, Refusal, Registrar, Who};

impl Registrar {
    /// Takes in documents that are handed in at every start: what of them was registered before, and
    /// varied or removed since, is left as it is.
    ///
    /// # Errors
    /// As for [`Self::take_in`].
    pub async fn take_in_again(
        &self,
        documents: &[PolicyChange],
        who: &Who,
    ) -> Result<Outcome, Refusal> {
        let proposal = Proposal {
            put: self.never_registered(documents).await?,
            ..Proposal::default()
        };
        self.take_in(&proposal, who).await
    }

    async fn never_registered(
        &self,
        documents: &[PolicyChange],
    ) -> Result<Vec<PolicyChange>, Refusal> {
        let keys: Vec<RegistryKey> = documents.iter().filter_map(PolicyChange::key).collect();
        let registered = self.store().registered(&keys).await?;
        let newest: BTreeMap<&RegistryKey, Option<&PolicyChange>> = registered
            .iter()
            .map(|part| (&part.key, part.change.as_ref()))
            .collect();
        let mut never = Vec::new();
        for (key, change) in keys.iter().zip(documents) {
            let is_new = match newest.get(key) {
                None => true,
                Some(newest) if *newest == Some(change) => false,
                Some(_) => !self.was_registered(key, change).await?,
            };
            if is_new {
                never.push(change.clone());
            }
        }
        Ok(never)
    }

    async fn was_registered(
        &self,
        key: &RegistryKey,
        change: &PolicyChange,
    ) -> Result<bool, Refusal> {
        let versions = self.store().registry_history(key).await?;
        Ok(versions
            .iter()
            .any(|version| version.change.as_ref() == Some(change)))
    }

    /// Takes over what the journal has, where nothing was ever registered but there.
    ///
    /// # Errors
    /// As for [`Self::take_in`].
    pub async fn take_over_journal(&self, who: &Who) -> Result<(), Refusal> {
        if self.store().registry_revision().await? > 0 {
            return Ok(());
        }
        let mut newest: BTreeMap<RegistryKey, PolicyChange> = BTreeMap::new();
        for change in self.store().policy_changes(None).await? {
            if let Some(key) = change.key() {
                newest.insert(key, change);
            }
        }
        let proposal = Proposal {
            put: newest.into_values().collect(),
            in_force: true,
            ..Proposal::default()
        };
        self.take_in(&proposal, who).await.map(drop)
    }
}
