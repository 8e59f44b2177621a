//! Tokens as they are kept, and what decides who may see whom.

use async_trait::async_trait;
use model::registry::RegistryKey;
use model::{AlertId, Recipient, Timestamp, WearerId};

use super::{AuditEntry, Receipt, StoreError};
use crate::access::{Facts, Scope, TokenId, TokenRecord};

/// Where tokens are kept, and what decides who may see whom. Every method is atomic.
#[async_trait]
pub trait AccessStore: Send + Sync + 'static {
    /// Keeps a new token, and says so in the audit trail.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one with that id.
    async fn add_token(&self, token: &TokenRecord, audit: &AuditEntry) -> Result<(), StoreError>;

    /// One token, whether it is still good or not.
    async fn token(&self, id: &TokenId) -> Result<Option<TokenRecord>, StoreError>;

    /// Every token, oldest first.
    async fn tokens(&self) -> Result<Vec<TokenRecord>, StoreError>;

    /// Revokes a token from `at` on, and says so in the audit trail. Whether there was one to revoke.
    async fn revoke_token(
        &self,
        id: &TokenId,
        at: Timestamp,
        audit: &AuditEntry,
    ) -> Result<bool, StoreError>;

    /// Writes down that a token was used.
    async fn token_used(&self, id: &TokenId, at: Timestamp) -> Result<(), StoreError>;

    /// Whether somebody with this scope may see what is registered under a key; not, where nothing is.
    async fn sees_part(&self, scope: &Scope, key: &RegistryKey) -> Result<bool, StoreError>;

    /// The queue that a delivery was claimed from.
    async fn queue_of(&self, receipt: &Receipt) -> Result<Option<Recipient>, StoreError>;

    /// Of each wearer, in the same order: what decides who may see them.
    async fn wearer_facts(&self, wearers: &[WearerId]) -> Result<Vec<Facts>, StoreError>;

    /// Of each alert, in the same order: what decides who may see it.
    async fn alert_facts(&self, alerts: &[AlertId]) -> Result<Vec<Facts>, StoreError>;
}

/// How a database writes what decides who may see whom.
pub(super) struct Dialect {
    /// What the number of a parameter follows.
    pub mark: &'static str,
    /// What a parameter that is a text is followed by.
    pub text: &'static str,
    /// The police force of `profile`, a row of the registry.
    pub force: &'static str,
    /// Its probation region.
    pub region: &'static str,
    /// Whether only those named may see them.
    pub special: &'static str,
    /// `queue.value` is each queue that `told`, an alert, was told to.
    pub told: &'static str,
}

/// The texts that stand for a scope, in the order of the parameters: police force, probation region and
/// two queues.
pub(super) type ScopeTexts = [Option<String>; 4];

/// The parameters of [`Dialect::sees`].
pub(super) fn texts(scope: &Scope) -> ScopeTexts {
    let mut queues = scope.whose.queues().into_iter();
    [
        scope.whose.police_force().map(str::to_owned),
        scope.whose.probation_region().map(str::to_owned),
        queues.next(),
        queues.next(),
    ]
}

impl Dialect {
    /// The condition that a scope sees the alert `a`.
    pub(super) fn sees_alert(&self, scope: &Scope, first: usize) -> String {
        self.sees(scope, first, "a.wearer", "told.alert = a.alert")
    }

    /// The condition that a scope sees the row of `registry`. What is about nobody is for those who may
    /// see somebody for whom it is there; where it is there for nobody, for those who see everybody.
    pub(super) fn sees_part(&self, scope: &Scope, first: usize) -> String {
        let of_part = self.sees(
            scope,
            first,
            "registry.wearer",
            "told.wearer = registry.wearer",
        );
        let of_user = self.sees(scope, first, "used.wearer", "told.wearer = used.wearer");
        let used = "SELECT 1 FROM registry_references AS reference
             JOIN registry AS used ON used.revision = reference.revision
             WHERE reference.target = registry.kind || '/' || registry.id
               AND used.replaced_by IS NULL AND used.wearer IS NOT NULL";
        let everybody = everybody(scope);
        format!(
            "CASE WHEN registry.wearer IS NOT NULL THEN {of_part}
             ELSE EXISTS ({used} AND {of_user}) OR ({everybody} AND NOT EXISTS ({used})) END"
        )
    }

    /// The condition that a scope sees `wearer`, who was told about as `told` says; its parameters are
    /// numbered from `first`.
    fn sees(&self, scope: &Scope, first: usize, wearer: &str, told: &str) -> String {
        let Self {
            force,
            region,
            special,
            ..
        } = self;
        let everybody = everybody(scope);
        let specials = if scope.specials { "true" } else { "false" };
        let [p1, p2, p3, p4] = [0, 1, 2, 3].map(|n| self.parameter(first + n));
        let profile = format!(
            "SELECT 1 FROM registry AS profile WHERE profile.kind = 'wearer'
             AND profile.id = {wearer} AND profile.replaced_by IS NULL"
        );
        let told = format!("SELECT 1 FROM {} WHERE {told}", self.told);
        format!(
            "(({everybody}
               OR EXISTS ({profile} AND ({force} = {p1} OR {region} = {p2}))
               OR EXISTS ({told} AND queue.value IN ({p3}, {p4})))
              AND ({specials} OR NOT (EXISTS ({profile} AND {special})
               OR EXISTS ({told} AND queue.value = 'specials'))))"
        )
    }

    fn parameter(&self, number: usize) -> String {
        format!("{}{number}{}", self.mark, self.text)
    }
}

fn everybody(scope: &Scope) -> &'static str {
    if scope.whose == crate::access::Whose::Everybody {
        "true"
    } else {
        "false"
    }
}
