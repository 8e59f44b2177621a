//! The schema, and how a database gets to it.

use std::ops::DerefMut;

use deadpool_postgres::Client;
use refinery::error::Kind;
use refinery::{Runner, Target};

use super::convert;
use crate::store::{Migration, StoreError};

mod embedded {
    refinery::embed_migrations!("src/store/postgres/migrations");
}

/// Key of the advisory lock under which the schema is changed ("tagw"): of several processes that
/// start at once, one migrates and the others wait.
pub(super) const LOCK: i64 = 0x7461_6777;

/// Brings the schema up to date, however long that takes.
///
/// # Errors
/// [`StoreError::Corrupt`] when a newer tagwatch has migrated the database already, or a migration
/// was changed after it was applied.
pub(super) async fn migrate(client: &mut Client) -> Result<(), StoreError> {
    client.batch_execute("SET statement_timeout = 0").await?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await?;
    let migrated = migrate_alone(client).await;
    // Also released with the connection, which is thrown away after an error.
    client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .await?;
    client.batch_execute("RESET statement_timeout").await?;
    migrated
}

/// With the lock held. What SQL cannot do is done between two migrations.
async fn migrate_alone(client: &mut Client) -> Result<(), StoreError> {
    run(client, Target::Version(convert::AFTER)).await?;
    convert::rows_to_blocks(client).await?;
    run(client, Target::Latest).await
}

pub(super) async fn run(client: &mut Client, target: Target) -> Result<(), StoreError> {
    let runner = embedded::migrations::runner().set_target(target);
    let migrated = runner.run_async(client.deref_mut().deref_mut()).await;
    migrated.map(drop).map_err(|error| fault(&error))
}

/// What [`migrate`] would apply.
pub(super) async fn pending(client: &mut Client) -> Result<Vec<Migration>, StoreError> {
    let runner = embedded::migrations::runner();
    let applied = applied(&runner, client).await?;
    let steps = runner.get_migrations().iter();
    let mut pending: Vec<&refinery::Migration> = steps
        .filter(|step| !applied.contains(&step.version()))
        .collect();
    pending.sort_by_key(|step| step.version());
    Ok(pending
        .into_iter()
        .map(|step| Migration {
            name: step.to_string(),
            sql: step.sql().unwrap_or_default().to_owned(),
        })
        .collect())
}

async fn applied(
    runner: &Runner,
    client: &mut Client,
) -> Result<Vec<refinery::SchemaVersion>, StoreError> {
    let row = client
        .query_one(
            "SELECT to_regclass('refinery_schema_history') IS NOT NULL",
            &[],
        )
        .await?;
    if !row.try_get::<_, bool>(0)? {
        return Ok(Vec::new());
    }
    let applied = runner
        .get_applied_migrations_async(client.deref_mut().deref_mut())
        .await
        .map_err(|error| fault(&error))?;
    Ok(applied.iter().map(refinery::Migration::version).collect())
}

fn fault(error: &refinery::Error) -> StoreError {
    if let Kind::Connection(what, cause) = error.kind() {
        return match cause.downcast_ref::<tokio_postgres::Error>() {
            Some(cause) => super::fault::of(cause),
            None => StoreError::Unavailable(format!("{what}: {cause}")),
        };
    }
    if let Kind::MissingVersion(step) = error.kind() {
        return StoreError::Corrupt(format!(
            "the database was migrated to {step} by a newer tagwatch, which this one does not know"
        ));
    }
    StoreError::Corrupt(error.to_string())
}
