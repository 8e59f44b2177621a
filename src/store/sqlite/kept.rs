//! Decisions as they are kept.

use model::{AlertId, Recipient};
use rusqlite::{Connection, Row};

use crate::store::{KeptDecision, StoreError, value};

const KEPT: &str =
    "SELECT d.event, d.alert, d.revision, a.wearer, d.decided_ms, d.body, d.recipients,
         (SELECT json_group_array(n.recipient ORDER BY n.number) FROM notifications AS n
          WHERE n.alert = d.alert AND n.revision = d.revision)
     FROM decisions AS d JOIN alerts AS a ON a.alert = d.alert";

pub(super) fn decision(
    connection: &Connection,
    alert: AlertId,
    revision: u32,
) -> Result<Option<KeptDecision>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("{KEPT} WHERE d.alert = ?1 AND d.revision = ?2"))?;
    let mut rows = statement.query((alert.to_string(), revision))?;
    rows.next()?.map(kept).transpose()
}

pub(super) fn decisions_after(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<KeptDecision>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "{KEPT} WHERE d.event > ?1 ORDER BY d.event LIMIT ?2"
    ))?;
    let mut rows = statement.query((value::count(after)?, value::limit(limit)))?;
    let mut decisions = Vec::new();
    while let Some(row) = rows.next()? {
        decisions.push(kept(row)?);
    }
    Ok(decisions)
}

fn kept(row: &Row<'_>) -> Result<KeptDecision, StoreError> {
    let recipients = |column: String| value::unjson::<Vec<Recipient>>(&column);
    Ok(KeptDecision {
        event: value::uncount(row.get(0)?)?,
        alert: value::known(AlertId::parse(&row.get::<_, String>(1)?))?,
        revision: value::uncount_u32(row.get(2)?)?,
        wearer: value::name(&row.get::<_, String>(3)?)?,
        decided: value::instant(row.get(4)?)?,
        body: row.get(5)?,
        recipients: recipients(row.get(6)?)?,
        queued: recipients(row.get(7)?)?,
    })
}
