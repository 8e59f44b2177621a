//! The registry.

use std::collections::BTreeMap;

use model::PolicyChange;
use model::registry::RegistryKey;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

use super::access::DIALECT;
use super::record;
use crate::store::registry::{
    Amended, Amendment, Edit, Interest, Registered, RegistryQuery, Target,
};
use crate::store::{StoreError, access, value};

const COLUMNS: &str = "kind, id, version, registry.revision, at_ms, actor, reason, body";

/// Of a scope that leaves nothing out, the parameters are there and say nothing.
const NOTHING_LEFT_OUT: &str = "coalesce(?8, ?9, ?10, ?11) IS NULL";

pub(super) fn revision(connection: &Connection) -> Result<u64, StoreError> {
    let revision = connection
        .prepare_cached("SELECT revision FROM registry_head")?
        .query_row([], |row| row.get(0))?;
    value::uncount(revision)
}

/// The caller's savepoint undoes all of it if this returns an error.
pub(super) fn amend(connection: &Connection, amendment: &Amendment) -> Result<Amended, StoreError> {
    amendment.check()?;
    let newest = revision(connection)?;
    if newest != amendment.base {
        return Ok(Amended::Behind(newest));
    }
    let mut revision = newest;
    for edit in &amendment.edits {
        revision += 1;
        put(connection, amendment, edit, value::count(revision)?)?;
        record::audit(connection, &amendment.audit(edit))?;
        amendment.meter.advance(1);
    }
    connection
        .prepare_cached("UPDATE registry_head SET revision = ?1")?
        .execute([value::count(revision)?])?;
    Ok(Amended::At(revision))
}

fn put(
    connection: &Connection,
    amendment: &Amendment,
    edit: &Edit,
    revision: i64,
) -> Result<(), StoreError> {
    let (kind, id) = (edit.key.kind(), edit.key.id());
    connection
        .prepare_cached(
            "UPDATE registry SET replaced_by = ?3
             WHERE kind = ?1 AND id = ?2 AND replaced_by IS NULL",
        )?
        .execute(params![kind, id, revision])?;
    let body = edit.change.as_ref().map(value::body).transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO registry (revision, kind, id, version, wearer, wearer_crc32, at_ms,
                 actor, reason, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            revision,
            kind,
            id,
            edit.version,
            edit.wearer.as_ref().map(model::WearerId::as_str),
            edit.wearer.as_ref().map(model::WearerId::crc32),
            amendment.at.epoch_ms(),
            amendment.actor,
            amendment.reason,
            body,
        ])?;
    let mut refer = connection
        .prepare_cached("INSERT INTO registry_references (target, revision) VALUES (?1, ?2)")?;
    for target in edit.change.iter().flat_map(Target::of) {
        refer.execute(params![target.text(), revision])?;
    }
    Ok(())
}

pub(super) fn after(
    connection: &Connection,
    revision: u64,
    interest: Interest,
    limit: usize,
) -> Result<Vec<Registered>, StoreError> {
    let (of, values) = match interest {
        Interest::Partition(share) => (
            "(wearer_crc32 IS NULL OR wearer_crc32 % ?3 = ?4)",
            [
                Value::from(i64::from(share.partitions.get())),
                Value::from(i64::from(share.partition.0)),
            ],
        ),
        Interest::Kind(kind) => (
            "kind = ?3 AND ?4 IS NULL",
            [Value::from(kind.to_owned()), Value::Null],
        ),
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM registry WHERE revision > ?1 AND {of} ORDER BY revision LIMIT ?2"
    ))?;
    let [first, second] = values;
    let (after, limit) = (value::count(revision)?, value::limit(limit));
    let mut rows = statement.query(params![after, limit, first, second])?;
    collect(&mut rows)
}

pub(super) fn at(
    connection: &Connection,
    revision: u64,
    query: &RegistryQuery,
) -> Result<Vec<Registered>, StoreError> {
    let of = if query.wearer.is_some() {
        "wearer = ?5"
    } else {
        "?5 IS NULL"
    };
    let (sees, [force, region, queue, other]) = match &query.visible_to {
        Some(scope) if !scope.is_all() => (DIALECT.sees_part(scope, 8), access::texts(scope)),
        Some(_) | None => (NOTHING_LEFT_OUT.to_owned(), Default::default()),
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM registry
         WHERE kind = ?1 AND id > ?2 AND revision <= ?3
           AND (replaced_by IS NULL OR replaced_by > ?3) AND body IS NOT NULL AND {of}
           AND (?6 IS NULL OR wearer_crc32 % ?6 = ?7) AND {sees}
         ORDER BY id LIMIT ?4"
    ))?;
    let mut rows = statement.query(params![
        query.kind,
        query.after.as_deref().unwrap_or_default(),
        value::count(revision)?,
        value::limit(query.limit),
        query.wearer.as_ref().map(model::WearerId::as_str),
        query.share.map(|share| share.partitions.get()),
        query.share.map(|share| share.partition.0),
        force,
        region,
        queue,
        other,
    ])?;
    collect(&mut rows)
}

pub(super) fn registered(
    connection: &Connection,
    keys: &[RegistryKey],
) -> Result<Vec<Registered>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM registry WHERE kind = ?1 AND id = ?2 AND replaced_by IS NULL"
    ))?;
    let mut found = Vec::new();
    for key in keys {
        let mut rows = statement.query(params![key.kind(), key.id()])?;
        found.append(&mut collect(&mut rows)?);
    }
    Ok(found)
}

pub(super) fn referring(
    connection: &Connection,
    targets: &[Target],
) -> Result<Vec<Registered>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM registry_references AS reference
         JOIN registry ON registry.revision = reference.revision
         WHERE reference.target = ?1 AND replaced_by IS NULL"
    ))?;
    let mut found = BTreeMap::new();
    for target in targets {
        let mut rows = statement.query([target.text()])?;
        for part in collect(&mut rows)? {
            found.insert(part.revision, part);
        }
    }
    Ok(found.into_values().collect())
}

pub(super) fn history(
    connection: &Connection,
    key: &RegistryKey,
) -> Result<Vec<Registered>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM registry WHERE kind = ?1 AND id = ?2 ORDER BY revision"
    ))?;
    let mut rows = statement.query(params![key.kind(), key.id()])?;
    collect(&mut rows)
}

/// Takes every version of these out.
pub(super) fn erase(connection: &Connection, keys: &[RegistryKey]) -> Result<usize, StoreError> {
    let mut statement = connection.prepare("DELETE FROM registry WHERE kind = ?1 AND id = ?2")?;
    let mut erased = 0;
    for key in keys {
        erased += statement.execute(params![key.kind(), key.id()])?;
    }
    Ok(erased)
}

fn collect(rows: &mut rusqlite::Rows<'_>) -> Result<Vec<Registered>, StoreError> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(registered_in(row)?);
    }
    Ok(found)
}

fn registered_in(row: &Row<'_>) -> Result<Registered, StoreError> {
    let (kind, id): (String, String) = (row.get(0)?, row.get(1)?);
    let body: Option<String> = row.get(7)?;
    let change = body.as_deref().map(value::unjson::<PolicyChange>);
    Ok(Registered {
        key: value::known(RegistryKey::new(&kind, &id))?,
        version: value::uncount_u32(row.get(2)?)?,
        revision: value::uncount(row.get(3)?)?,
        at: value::instant(row.get(4)?)?,
        actor: row.get(5)?,
        reason: row.get(6)?,
        change: change.transpose()?,
    })
}
