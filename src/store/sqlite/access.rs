//! Tokens, and what decides who may see whom.

use std::collections::BTreeSet;

use model::registry::RegistryKey;
use model::{AlertId, PolicyChange, Recipient, Timestamp, WearerId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{record, registry};
use crate::access::{Facts, Scope, SecretHash, TokenId, TokenRecord};
use crate::store::access::{self, Dialect};
use crate::store::{AuditEntry, Receipt, StoreError, value};

pub(super) const DIALECT: Dialect = Dialect {
    mark: "?",
    text: "",
    force: "json_extract(profile.body, '$.wearer.police_force')",
    region: "json_extract(profile.body, '$.wearer.probation_region')",
    special: "EXISTS (SELECT 1 FROM json_each(profile.body, '$.wearer.flags') AS flag
         WHERE flag.value IN ('nsd', 'specials'))",
    told: TOLD,
};

const TOLD: &str = "alerts AS told JOIN decisions AS said ON said.alert = told.alert
     JOIN json_each(said.recipients) AS queue";

const COLUMNS: &str = "id, hash, name, role, specials, created_ms, created_by, expires_ms,
     revoked_ms, last_used_ms";

pub(super) fn add(
    connection: &Connection,
    token: &TokenRecord,
    audit: &AuditEntry,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO tokens (id, hash, name, role, specials, created_ms, created_by, expires_ms,
             revoked_ms, last_used_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            token.id.as_str(),
            token.hash.bytes(),
            token.name,
            token.role.to_string(),
            token.specials,
            token.created.epoch_ms(),
            token.created_by,
            token.expires.map(Timestamp::epoch_ms),
            token.revoked.map(Timestamp::epoch_ms),
            token.last_used.map(Timestamp::epoch_ms),
        ],
    )?;
    record::audit(connection, audit)
}

pub(super) fn one(
    connection: &Connection,
    id: &TokenId,
) -> Result<Option<TokenRecord>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM tokens WHERE id = ?1"))?;
    let mut rows = statement.query([id.as_str()])?;
    rows.next()?.map(token).transpose()
}

pub(super) fn all(connection: &Connection) -> Result<Vec<TokenRecord>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM tokens ORDER BY created_ms, id"
    ))?;
    let mut rows = statement.query([])?;
    let mut tokens = Vec::new();
    while let Some(row) = rows.next()? {
        tokens.push(token(row)?);
    }
    Ok(tokens)
}

pub(super) fn revoke(
    connection: &Connection,
    id: &TokenId,
    at: Timestamp,
    audit: &AuditEntry,
) -> Result<bool, StoreError> {
    let revoked = connection.execute(
        "UPDATE tokens SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL",
        params![id.as_str(), at.epoch_ms()],
    )?;
    if revoked > 0 {
        record::audit(connection, audit)?;
    }
    Ok(revoked > 0)
}

pub(super) fn used(connection: &Connection, id: &TokenId, at: Timestamp) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE tokens SET last_used_ms = max(coalesce(last_used_ms, ?2), ?2) WHERE id = ?1",
        params![id.as_str(), at.epoch_ms()],
    )?;
    Ok(())
}

fn token(row: &Row<'_>) -> Result<TokenRecord, StoreError> {
    let hash: Vec<u8> = row.get(1)?;
    let instant = |column: Option<i64>| column.map(value::instant).transpose();
    Ok(TokenRecord {
        id: value::known(row.get::<_, String>(0)?.parse())?,
        hash: value::known(SecretHash::try_from(hash.as_slice()))?,
        name: row.get(2)?,
        role: value::known(row.get::<_, String>(3)?.parse())?,
        specials: row.get(4)?,
        created: value::instant(row.get(5)?)?,
        created_by: row.get(6)?,
        expires: instant(row.get(7)?)?,
        revoked: instant(row.get(8)?)?,
        last_used: instant(row.get(9)?)?,
    })
}

pub(super) fn of_wearer(connection: &Connection, wearer: &WearerId) -> Result<Facts, StoreError> {
    let told = told(connection, "told.wearer = ?1", wearer.as_str())?;
    Ok(profile(connection, wearer)?.told(told))
}

pub(super) fn of_alert(connection: &Connection, alert: AlertId) -> Result<Facts, StoreError> {
    let id = alert.to_string();
    let wearer: Option<String> = connection
        .prepare_cached("SELECT wearer FROM alerts WHERE alert = ?1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    let Some(wearer) = wearer else {
        return Ok(Facts::default());
    };
    let told = told(connection, "told.alert = ?1", &id)?;
    Ok(profile(connection, &value::known(WearerId::new(wearer))?)?.told(told))
}

fn profile(connection: &Connection, wearer: &WearerId) -> Result<Facts, StoreError> {
    let key = RegistryKey::Wearer(wearer.clone());
    let newest = registry::registered(connection, &[key])?.pop();
    Ok(match newest.and_then(|part| part.change) {
        Some(PolicyChange::Wearer(profile)) => Facts::of(Some(&profile)),
        Some(_) | None => Facts::default(),
    })
}

fn told(
    connection: &Connection,
    which: &'static str,
    id: &str,
) -> Result<BTreeSet<Recipient>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT DISTINCT queue.value FROM {TOLD} WHERE {which}"
    ))?;
    let mut rows = statement.query([id])?;
    let mut told = BTreeSet::new();
    while let Some(row) = rows.next()? {
        told.insert(value::known(Recipient::new(row.get::<_, String>(0)?))?);
    }
    Ok(told)
}

pub(super) fn sees_part(
    connection: &Connection,
    scope: &Scope,
    key: &RegistryKey,
) -> Result<bool, StoreError> {
    let sees = DIALECT.sees_part(scope, 3);
    let [force, region, queue, other] = access::texts(scope);
    let found = connection
        .prepare_cached(&format!(
            "SELECT 1 FROM registry
             WHERE kind = ?1 AND id = ?2 AND replaced_by IS NULL AND {sees}"
        ))?
        .exists(params![key.kind(), key.id(), force, region, queue, other])?;
    Ok(found)
}

pub(super) fn queue_of(
    connection: &Connection,
    receipt: &Receipt,
) -> Result<Option<Recipient>, StoreError> {
    let recipient: Option<String> = connection
        .prepare_cached("SELECT recipient FROM notifications WHERE id = ?1")?
        .query_row([receipt.notification.to_string()], |row| row.get(0))
        .optional()?;
    let known = |name| value::known(Recipient::new(name));
    recipient.map(known).transpose()
}
