//! The registry.

use deadpool_postgres::{Client, GenericClient, Transaction};
use model::registry::RegistryKey;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::access::DIALECT;
use crate::store::registry::{
    Amended, Amendment, Edit, Interest, Registered, RegistryQuery, Target,
};
use crate::store::{StoreError, access, value};

const COLUMNS: &str = "kind, id, version, registry.revision, at_ms, actor, reason, body";

/// Parts written by one statement: bounds the bytes that stand in memory, and how long it takes.
const CHUNK: usize = 5_000;

pub(super) async fn revision(client: &Client) -> Result<u64, StoreError> {
    let statement = client
        .prepare_cached("SELECT revision FROM registry_head")
        .await?;
    value::uncount(client.query_one(&statement, &[]).await?.try_get(0)?)
}

/// However long it takes: whole installations are taken in at once.
pub(super) async fn amend(
    client: &mut Client,
    amendment: &Amendment,
) -> Result<Amended, StoreError> {
    amendment.check()?;
    let transaction = client.transaction().await?;
    let newest = transaction
        .query_one("SELECT revision FROM registry_head FOR UPDATE", &[])
        .await?;
    let newest = value::uncount(newest.try_get(0)?)?;
    if newest != amendment.base {
        return Ok(Amended::Behind(newest));
    }
    let mut revision = newest;
    for edits in amendment.edits.chunks(CHUNK) {
        revision = put(&transaction, amendment, edits, revision).await?;
        amendment.meter.advance(edits.len());
    }
    transaction
        .execute(
            "UPDATE registry_head SET revision = $1",
            &[&value::count(revision)?],
        )
        .await?;
    transaction.commit().await?;
    Ok(Amended::At(revision))
}

/// Puts edits after `revision`; returns the last one's.
async fn put(
    transaction: &Transaction<'_>,
    amendment: &Amendment,
    edits: &[Edit],
    mut revision: u64,
) -> Result<u64, StoreError> {
    let mut rows = EditRows::default();
    for edit in edits {
        revision += 1;
        rows.add(edit, revision, amendment)?;
    }
    rows.insert(transaction, amendment).await?;
    Ok(revision)
}

/// Edits by column.
#[derive(Default)]
struct EditRows {
    revisions: Vec<i64>,
    kinds: Vec<&'static str>,
    ids: Vec<String>,
    versions: Vec<i64>,
    wearers: Vec<Option<String>>,
    hashes: Vec<Option<i64>>,
    bodies: Vec<Option<String>>,
    targets: Vec<String>,
    pointing: Vec<i64>,
    actions: Vec<String>,
    subjects: Vec<String>,
}

impl EditRows {
    fn add(&mut self, edit: &Edit, revision: u64, amendment: &Amendment) -> Result<(), StoreError> {
        let revision = value::count(revision)?;
        self.revisions.push(revision);
        self.kinds.push(edit.key.kind());
        self.ids.push(edit.key.id());
        self.versions.push(i64::from(edit.version));
        self.wearers
            .push(edit.wearer.as_ref().map(ToString::to_string));
        let hash = edit.wearer.as_ref().map(model::WearerId::crc32);
        self.hashes.push(hash.map(i64::from));
        let body = edit.change.as_ref().map(value::body).transpose()?;
        self.bodies
            .push(body.map(|body| super::text(&body).into_owned()));
        for target in edit.change.iter().flat_map(Target::of) {
            self.targets.push(target.text());
            self.pointing.push(revision);
        }
        let audit = amendment.audit(edit);
        self.actions.push(audit.action);
        self.subjects.push(audit.subject);
        Ok(())
    }

    async fn insert(
        &self,
        transaction: &Transaction<'_>,
        amendment: &Amendment,
    ) -> Result<(), StoreError> {
        let at_ms = amendment.at.epoch_ms();
        let actor = super::text(&amendment.actor);
        let reason = amendment.reason.as_deref().map(super::text);
        let replace = "UPDATE registry AS old SET replaced_by = new.revision
             FROM unnest($1::bigint[], $2::text[], $3::text[]) AS new (revision, kind, id)
             WHERE old.kind = new.kind AND old.id = new.id AND old.replaced_by IS NULL";
        let replaced: [&(dyn ToSql + Sync); 3] = [&self.revisions, &self.kinds, &self.ids];
        transaction.execute(replace, &replaced).await?;
        let insert = "INSERT INTO registry (revision, kind, id, version, wearer, wearer_crc32,
                 body, at_ms, actor, reason)
             SELECT *, $8::bigint, $9::text, $10::text FROM unnest($1::bigint[], $2::text[],
                 $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[])";
        let columns: [&(dyn ToSql + Sync); 10] = [
            &self.revisions,
            &self.kinds,
            &self.ids,
            &self.versions,
            &self.wearers,
            &self.hashes,
            &self.bodies,
            &at_ms,
            &actor,
            &reason,
        ];
        transaction.execute(insert, &columns).await?;
        let refer = "INSERT INTO registry_references (target, revision)
             SELECT * FROM unnest($1::text[], $2::bigint[])";
        transaction
            .execute(refer, &[&self.targets, &self.pointing])
            .await?;
        let audit = "INSERT INTO audit (at_ms, actor, action, subject, reason)
             SELECT $1::bigint, $2::text, action, subject, $3::text
             FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS u (action, subject, place)
             ORDER BY place";
        let entries: [&(dyn ToSql + Sync); 5] =
            [&at_ms, &actor, &reason, &self.actions, &self.subjects];
        transaction.execute(audit, &entries).await?;
        Ok(())
    }
}

pub(super) async fn after(
    client: &Client,
    revision: u64,
    interest: Interest,
    limit: usize,
) -> Result<Vec<Registered>, StoreError> {
    let (share, kind) = match interest {
        Interest::Partition(share) => (Some(share), None),
        Interest::Kind(kind) => (None, Some(kind)),
    };
    let of = match share {
        Some(_) => "(wearer_crc32 IS NULL OR wearer_crc32 % $3 = $4) AND $5::text IS NULL",
        None => "kind = $5::text AND $3::bigint IS NULL AND $4::bigint IS NULL",
    };
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM registry WHERE revision > $1 AND {of}
             ORDER BY revision LIMIT $2"
        ))
        .await?;
    let wanted: [&(dyn ToSql + Sync); 5] = [
        &value::count(revision)?,
        &value::limit(limit),
        &share.map(|share| i64::from(share.partitions.get())),
        &share.map(|share| i64::from(share.partition.0)),
        &kind,
    ];
    let rows = client.query(&statement, &wanted).await?;
    rows.iter().map(registered_in).collect()
}

pub(super) async fn at(
    client: &Client,
    revision: u64,
    query: &RegistryQuery,
) -> Result<Vec<Registered>, StoreError> {
    let of = if query.wearer.is_some() {
        "wearer = $5::text"
    } else {
        "$5::text IS NULL"
    };
    let scope = query.visible_to.as_ref().filter(|scope| !scope.is_all());
    let sees = scope.map_or_else(String::new, |scope| {
        format!(" AND {}", DIALECT.sees_part(scope, 8))
    });
    let texts = scope.map(access::texts);
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM registry
             WHERE kind = $1 AND id > $2 AND revision <= $3
               AND (replaced_by IS NULL OR replaced_by > $3) AND body IS NOT NULL AND {of}
               AND ($6::bigint IS NULL OR wearer_crc32 % $6 = $7){sees}
             ORDER BY id LIMIT $4"
        ))
        .await?;
    let wearer = query.wearer.as_ref().map(ToString::to_string);
    let after = query.after.as_deref().unwrap_or_default();
    let (revision, limit) = (value::count(revision)?, value::limit(query.limit));
    let partitions = query.share.map(|share| i64::from(share.partitions.get()));
    let partition = query.share.map(|share| i64::from(share.partition.0));
    let mut wanted: Vec<&(dyn ToSql + Sync)> = vec![
        &query.kind,
        &after,
        &revision,
        &limit,
        &wearer,
        &partitions,
        &partition,
    ];
    let texts = texts.iter().flatten();
    wanted.extend(texts.map(|text| text as &(dyn ToSql + Sync)));
    let rows = client.query(&statement, &wanted).await?;
    rows.iter().map(registered_in).collect()
}

pub(super) async fn registered(
    client: &Client,
    keys: &[RegistryKey],
) -> Result<Vec<Registered>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM unnest($1::text[], $2::text[])
                 WITH ORDINALITY AS wanted (wanted_kind, wanted_id, place)
             JOIN registry ON kind = wanted_kind AND id = wanted_id
             WHERE replaced_by IS NULL ORDER BY place"
        ))
        .await?;
    let (kinds, ids) = columns_of(keys);
    let rows = client.query(&statement, &[&kinds, &ids]).await?;
    rows.iter().map(registered_in).collect()
}

pub(super) async fn referring(
    client: &Client,
    targets: &[Target],
) -> Result<Vec<Registered>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM registry
             WHERE replaced_by IS NULL AND revision IN
                 (SELECT revision FROM registry_references WHERE target = ANY ($1))
             ORDER BY revision"
        ))
        .await?;
    let targets: Vec<String> = targets.iter().map(Target::text).collect();
    let rows = client.query(&statement, &[&targets]).await?;
    rows.iter().map(registered_in).collect()
}

pub(super) async fn history(
    client: &Client,
    key: &RegistryKey,
) -> Result<Vec<Registered>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM registry WHERE kind = $1 AND id = $2 ORDER BY revision"
        ))
        .await?;
    let rows = client.query(&statement, &[&key.kind(), &key.id()]).await?;
    rows.iter().map(registered_in).collect()
}

/// Takes every version of these out.
pub(super) async fn erase(
    client: &impl GenericClient,
    keys: &[RegistryKey],
) -> Result<usize, StoreError> {
    let (kinds, ids) = columns_of(keys);
    let rows = client
        .execute(
            "DELETE FROM registry USING unnest($1::text[], $2::text[]) AS gone (kind, id)
             WHERE registry.kind = gone.kind AND registry.id = gone.id",
            &[&kinds, &ids],
        )
        .await?;
    value::size(rows)
}

fn columns_of(keys: &[RegistryKey]) -> (Vec<&'static str>, Vec<String>) {
    keys.iter().map(|key| (key.kind(), key.id())).unzip()
}

fn registered_in(row: &Row) -> Result<Registered, StoreError> {
    let body: Option<&str> = row.try_get(7)?;
    Ok(Registered {
        key: value::known(RegistryKey::new(row.try_get(0)?, row.try_get(1)?))?,
        version: value::uncount_u32(row.try_get(2)?)?,
        revision: value::uncount(row.try_get(3)?)?,
        at: value::instant(row.try_get(4)?)?,
        actor: row.try_get(5)?,
        reason: row.try_get(6)?,
        change: body.map(value::unjson).transpose()?,
    })
}
