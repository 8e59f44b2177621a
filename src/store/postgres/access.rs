//! Tokens, and what decides who may see whom.

use std::collections::BTreeSet;

use deadpool_postgres::Client;
use model::registry::RegistryKey;
use model::{AlertId, PolicyChange, Recipient, Timestamp, WearerId};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{record, registry};
use crate::access::{Facts, Scope, SecretHash, TokenId, TokenRecord};
use crate::store::access::{self, Dialect};
use crate::store::{AuditEntry, Receipt, StoreError, value};

/// A profile may hold an escaped character 0, of which PostgreSQL's JSON makes an error: it becomes
/// another one before the profile is looked into.
pub(super) const DIALECT: Dialect = Dialect {
    mark: "$",
    text: "::text",
    force: "(replace(profile.body, '\\u0000', '\\ufffd')::json -> 'wearer' ->> 'police_force')",
    region: "(replace(profile.body, '\\u0000', '\\ufffd')::json -> 'wearer' ->> 'probation_region')",
    special: "EXISTS (SELECT 1
         FROM json_array_elements_text(
             replace(profile.body, '\\u0000', '\\ufffd')::json -> 'wearer' -> 'flags') AS flag (value)
         WHERE flag.value IN ('nsd', 'specials'))",
    told: TOLD,
};

const TOLD: &str = "alerts AS told JOIN decisions AS said ON said.alert = told.alert
     CROSS JOIN LATERAL json_array_elements_text(said.recipients::json) AS queue (value)";

const COLUMNS: &str = "id, hash, name, role, specials, created_ms, created_by, expires_ms,
     revoked_ms, last_used_ms";

pub(super) async fn add(
    client: &mut Client,
    token: &TokenRecord,
    audit: &AuditEntry,
) -> Result<(), StoreError> {
    let transaction = client.transaction().await?;
    let instant = |at: Option<Timestamp>| at.map(Timestamp::epoch_ms);
    let columns: [&(dyn ToSql + Sync); 10] = [
        &token.id.as_str(),
        &token.hash.bytes().as_slice(),
        &super::text(&token.name),
        &token.role.to_string(),
        &token.specials,
        &token.created.epoch_ms(),
        &super::text(&token.created_by),
        &instant(token.expires),
        &instant(token.revoked),
        &instant(token.last_used),
    ];
    transaction
        .execute(
            &format!(
                "INSERT INTO tokens ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            ),
            &columns,
        )
        .await?;
    record::audit(&transaction, audit).await?;
    transaction.commit().await?;
    Ok(())
}

pub(super) async fn one(client: &Client, id: &TokenId) -> Result<Option<TokenRecord>, StoreError> {
    let statement = client
        .prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE id = $1"))
        .await?;
    let row = client.query_opt(&statement, &[&id.as_str()]).await?;
    row.as_ref().map(token).transpose()
}

pub(super) async fn all(client: &Client) -> Result<Vec<TokenRecord>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM tokens ORDER BY created_ms, id"
        ))
        .await?;
    let rows = client.query(&statement, &[]).await?;
    rows.iter().map(token).collect()
}

pub(super) async fn revoke(
    client: &mut Client,
    id: &TokenId,
    at: Timestamp,
    audit: &AuditEntry,
) -> Result<bool, StoreError> {
    let transaction = client.transaction().await?;
    let revoked = transaction
        .execute(
            "UPDATE tokens SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL",
            &[&id.as_str(), &at.epoch_ms()],
        )
        .await?;
    if revoked > 0 {
        record::audit(&transaction, audit).await?;
    }
    transaction.commit().await?;
    Ok(revoked > 0)
}

pub(super) async fn used(client: &Client, id: &TokenId, at: Timestamp) -> Result<(), StoreError> {
    let statement = client
        .prepare_cached("UPDATE tokens SET last_used_ms = greatest(last_used_ms, $2) WHERE id = $1")
        .await?;
    client
        .execute(&statement, &[&id.as_str(), &at.epoch_ms()])
        .await?;
    Ok(())
}

fn token(row: &Row) -> Result<TokenRecord, StoreError> {
    let instant = |column: Option<i64>| column.map(value::instant).transpose();
    Ok(TokenRecord {
        id: value::known(row.try_get::<_, &str>(0)?.parse())?,
        hash: value::known(SecretHash::try_from(row.try_get::<_, &[u8]>(1)?))?,
        name: row.try_get(2)?,
        role: value::known(row.try_get::<_, &str>(3)?.parse())?,
        specials: row.try_get(4)?,
        created: value::instant(row.try_get(5)?)?,
        created_by: row.try_get(6)?,
        expires: instant(row.try_get(7)?)?,
        revoked: instant(row.try_get(8)?)?,
        last_used: instant(row.try_get(9)?)?,
    })
}

pub(super) async fn of_wearers(
    client: &Client,
    wearers: &[WearerId],
) -> Result<Vec<Facts>, StoreError> {
    let mut facts = Vec::with_capacity(wearers.len());
    for wearer in wearers {
        let told = told(client, "told.wearer = $1", wearer.as_str()).await?;
        facts.push(profile(client, wearer).await?.told(told));
    }
    Ok(facts)
}

pub(super) async fn of_alerts(
    client: &Client,
    alerts: &[AlertId],
) -> Result<Vec<Facts>, StoreError> {
    let mut facts = Vec::with_capacity(alerts.len());
    for alert in alerts {
        facts.push(of_alert(client, &alert.to_string()).await?);
    }
    Ok(facts)
}

async fn of_alert(client: &Client, alert: &str) -> Result<Facts, StoreError> {
    let statement = client
        .prepare_cached("SELECT wearer FROM alerts WHERE alert = $1")
        .await?;
    let Some(row) = client.query_opt(&statement, &[&alert]).await? else {
        return Ok(Facts::default());
    };
    let wearer = value::known(WearerId::new(row.try_get::<_, String>(0)?))?;
    let told = told(client, "told.alert = $1", alert).await?;
    Ok(profile(client, &wearer).await?.told(told))
}

async fn profile(client: &Client, wearer: &WearerId) -> Result<Facts, StoreError> {
    let key = RegistryKey::Wearer(wearer.clone());
    let newest = registry::registered(client, &[key]).await?.pop();
    Ok(match newest.and_then(|part| part.change) {
        Some(PolicyChange::Wearer(profile)) => Facts::of(Some(&profile)),
        Some(_) | None => Facts::default(),
    })
}

async fn told(
    client: &Client,
    which: &'static str,
    id: &str,
) -> Result<BTreeSet<Recipient>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT DISTINCT queue.value FROM {TOLD} WHERE {which}"
        ))
        .await?;
    let rows = client.query(&statement, &[&id]).await?;
    rows.iter()
        .map(|row| value::known(Recipient::new(row.try_get::<_, String>(0)?)))
        .collect()
}

pub(super) async fn sees_part(
    client: &Client,
    scope: &Scope,
    key: &RegistryKey,
) -> Result<bool, StoreError> {
    let sees = DIALECT.sees_part(scope, 3);
    let statement = client
        .prepare_cached(&format!(
            "SELECT 1 FROM registry
             WHERE kind = $1 AND id = $2 AND replaced_by IS NULL AND {sees}"
        ))
        .await?;
    let [force, region, queue, other] = access::texts(scope);
    let (kind, id) = (key.kind(), key.id());
    let values: [&(dyn ToSql + Sync); 6] = [&kind, &id, &force, &region, &queue, &other];
    Ok(client.query_opt(&statement, &values).await?.is_some())
}

pub(super) async fn queue_of(
    client: &Client,
    receipt: &Receipt,
) -> Result<Option<Recipient>, StoreError> {
    let statement = client
        .prepare_cached("SELECT recipient FROM notifications WHERE id = $1")
        .await?;
    let row = client
        .query_opt(&statement, &[&receipt.notification.to_string()])
        .await?;
    row.map(|row| value::known(Recipient::new(row.try_get::<_, String>(0)?)))
        .transpose()
}
