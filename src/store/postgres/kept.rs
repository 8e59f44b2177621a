//! Decisions as they are kept.

use deadpool_postgres::Client;
use model::{AlertId, Recipient};
use tokio_postgres::Row;

use crate::store::{KeptDecision, StoreError, value};

const KEPT: &str =
    "SELECT d.event, d.alert, d.revision, a.wearer, d.decided_ms, d.body, d.recipients,
         (SELECT coalesce(json_agg(n.recipient ORDER BY n.number), '[]')::text
          FROM notifications AS n WHERE n.alert = d.alert AND n.revision = d.revision)
     FROM decisions AS d JOIN alerts AS a ON a.alert = d.alert";

pub(super) async fn decision(
    client: &Client,
    alert: AlertId,
    revision: u32,
) -> Result<Option<KeptDecision>, StoreError> {
    let statement = client
        .prepare_cached(&format!("{KEPT} WHERE d.alert = $1 AND d.revision = $2"))
        .await?;
    let row = client
        .query_opt(&statement, &[&alert.to_string(), &i64::from(revision)])
        .await?;
    row.as_ref().map(kept).transpose()
}

pub(super) async fn decisions_after(
    client: &Client,
    after: u64,
    limit: usize,
) -> Result<Vec<KeptDecision>, StoreError> {
    let statement = client
        .prepare_cached(&format!(
            "{KEPT} WHERE d.event > $1 ORDER BY d.event LIMIT $2"
        ))
        .await?;
    let rows = client
        .query(&statement, &[&value::count(after)?, &value::limit(limit)])
        .await?;
    rows.iter().map(kept).collect()
}

fn kept(row: &Row) -> Result<KeptDecision, StoreError> {
    let recipients = |column: &str| value::unjson::<Vec<Recipient>>(column);
    Ok(KeptDecision {
        event: value::uncount(row.try_get(0)?)?,
        alert: value::known(AlertId::parse(row.try_get(1)?))?,
        revision: value::uncount_u32(row.try_get(2)?)?,
        wearer: value::name(row.try_get(3)?)?,
        decided: value::instant(row.try_get(4)?)?,
        body: row.try_get(5)?,
        recipients: recipients(row.try_get(6)?)?,
        queued: recipients(row.try_get(7)?)?,
    })
}
