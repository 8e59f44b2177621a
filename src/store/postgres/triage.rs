//! What people do about alerts.

use deadpool_postgres::{Client, Transaction};
use model::{AlertId, Step, Timestamp};

use super::{queue, record};
use crate::store::triage::{Deadline, Overdue, Taken, TakenStep, Wait};
use crate::store::{StoreError, value};

/// Takes its locks in the order in which a commit does: queues, the stream's counter, the alert.
pub(super) async fn take(client: &mut Client, taken: &TakenStep) -> Result<Taken, StoreError> {
    let transaction = client.transaction().await?;
    let notifications: Vec<_> = taken.notifications.iter().collect();
    queue::put(&transaction, &notifications).await?;
    record::audit(&transaction, &taken.audit()).await?;
    let event: i64 = transaction
        .query_one(
            "UPDATE stream SET newest_event = newest_event + 1 RETURNING newest_event",
            &[],
        )
        .await?
        .try_get(0)?;
    let alert = taken.alert.to_string();
    if newest(&transaction, &alert).await? != taken.step.number.checked_sub(1) {
        return Ok(Taken::Behind);
    }
    put(&transaction, &alert, event, taken).await?;
    transaction.commit().await?;
    Ok(Taken::At(value::uncount(event)?))
}

async fn put(
    transaction: &Transaction<'_>,
    alert: &str,
    event: i64,
    taken: &TakenStep,
) -> Result<(), StoreError> {
    let (number, at_ms) = (i64::from(taken.step.number), taken.step.at.epoch_ms());
    transaction
        .execute(
            "INSERT INTO steps (event, alert, number, at_ms, body) VALUES ($1, $2, $3, $4, $5)",
            &[&event, &alert, &number, &at_ms, &value::body(&taken.step)?],
        )
        .await?;
    let (stage, triage) = (taken.triage.stage.as_str(), value::json(&taken.triage)?);
    transaction
        .execute(
            "UPDATE alerts SET stage = $2, triage = $3 WHERE alert = $1",
            &[&alert, &stage, &triage],
        )
        .await?;
    match &taken.wait {
        Wait::GoesOn => Ok(()),
        Wait::Until(deadline) => wait(transaction, &[(alert.to_owned(), deadline)]).await,
        Wait::Over => {
            let over = "UPDATE alerts SET due_ms = NULL, ladder = NULL WHERE alert = $1";
            transaction.execute(over, &[&alert]).await?;
            Ok(())
        }
    }
}

/// How many steps there are; `None` where there is no such alert.
async fn newest(transaction: &Transaction<'_>, alert: &str) -> Result<Option<u32>, StoreError> {
    let newest = transaction
        .query_opt(
            "SELECT coalesce((SELECT max(number) FROM steps WHERE alert = $1), 0)
             FROM alerts WHERE alert = $1",
            &[&alert],
        )
        .await?;
    let newest = newest.map(|row| value::uncount_u32(row.try_get(0)?));
    newest.transpose()
}

pub(super) async fn steps(client: &Client, alert: AlertId) -> Result<Vec<Step>, StoreError> {
    let statement = client
        .prepare_cached("SELECT body FROM steps WHERE alert = $1 ORDER BY number")
        .await?;
    let rows = client.query(&statement, &[&alert.to_string()]).await?;
    rows.iter()
        .map(|row| value::unjson(row.try_get(0)?))
        .collect()
}

/// Sets the deadlines of alerts.
pub(super) async fn wait(
    transaction: &Transaction<'_>,
    opened: &[(String, &Deadline)],
) -> Result<(), StoreError> {
    if opened.is_empty() {
        return Ok(());
    }
    let alerts: Vec<&str> = opened.iter().map(|(alert, _)| alert.as_str()).collect();
    let due_ms: Vec<i64> = opened.iter().map(|(_, d)| d.due.epoch_ms()).collect();
    let ladders = opened.iter().map(|(_, d)| value::json(&d.ladder));
    let ladders = ladders.collect::<Result<Vec<String>, _>>()?;
    let statement = transaction
        .prepare_cached(
            "UPDATE alerts AS a SET due_ms = u.due_ms, ladder = u.ladder
             FROM unnest($1::text[], $2::bigint[], $3::text[]) AS u (alert, due_ms, ladder)
             WHERE a.alert = u.alert",
        )
        .await?;
    transaction
        .execute(&statement, &[&alerts, &due_ms, &ladders])
        .await?;
    Ok(())
}

pub(super) async fn overdue(
    client: &Client,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Overdue>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT alert, due_ms, ladder, NOT EXISTS (
                 SELECT 1 FROM notifications AS n
                 WHERE n.alert = a.alert AND n.state <> 'acknowledged'),
                 (SELECT coalesce(max(number), 0) FROM steps AS s WHERE s.alert = a.alert)
             FROM alerts AS a WHERE due_ms <= $1 ORDER BY due_ms LIMIT $2",
        )
        .await?;
    let rows = client
        .query(&statement, &[&now.epoch_ms(), &value::limit(limit)])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Overdue {
                alert: value::known(AlertId::parse(row.try_get(0)?))?,
                deadline: Deadline {
                    due: value::instant(row.try_get(1)?)?,
                    ladder: value::unjson(row.try_get(2)?)?,
                },
                told: row.try_get(3)?,
                steps: value::uncount_u32(row.try_get(4)?)?,
            })
        })
        .collect()
}

pub(super) async fn stand_down(
    client: &Client,
    alert: AlertId,
    due: Timestamp,
) -> Result<(), StoreError> {
    client
        .execute(
            "UPDATE alerts SET due_ms = NULL, ladder = NULL WHERE alert = $1 AND due_ms = $2",
            &[&alert.to_string(), &due.epoch_ms()],
        )
        .await?;
    Ok(())
}
