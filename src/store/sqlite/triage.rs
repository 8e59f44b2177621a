//! What people do about alerts.

use model::{AlertId, Step, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{alerts, queue, record};
use crate::store::triage::{Deadline, Overdue, Taken, TakenStep, Wait};
use crate::store::{StoreError, value};

/// The caller's savepoint undoes all of it if this returns an error.
pub(super) fn take(connection: &Connection, taken: &TakenStep) -> Result<Taken, StoreError> {
    let alert = taken.alert.to_string();
    if newest(connection, &alert)? != taken.step.number.checked_sub(1) {
        return Ok(Taken::Behind);
    }
    let event = alerts::newest_event(connection)? + 1;
    connection
        .prepare_cached(
            "INSERT INTO steps (event, alert, number, at_ms, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            value::count(event)?,
            alert,
            taken.step.number,
            taken.step.at.epoch_ms(),
            value::body(&taken.step)?,
        ])?;
    connection
        .prepare_cached("UPDATE alerts SET stage = ?2, triage = ?3 WHERE alert = ?1")?
        .execute(params![
            alert,
            taken.triage.stage.as_str(),
            value::json(&taken.triage)?
        ])?;
    match &taken.wait {
        Wait::GoesOn => {}
        Wait::Until(deadline) => wait(connection, &alert, Some(deadline))?,
        Wait::Over => wait(connection, &alert, None)?,
    }
    for notification in &taken.notifications {
        queue::insert(connection, notification)?;
    }
    record::audit(connection, &taken.audit())?;
    Ok(Taken::At(event))
}

/// How many steps there are; `None` where there is no such alert.
fn newest(connection: &Connection, alert: &str) -> Result<Option<u32>, StoreError> {
    let newest: Option<i64> = connection
        .prepare_cached(
            "SELECT coalesce((SELECT max(number) FROM steps WHERE alert = ?1), 0)
             FROM alerts WHERE alert = ?1",
        )?
        .query_row([alert], |row| row.get(0))
        .optional()?;
    newest.map(value::uncount_u32).transpose()
}

pub(super) fn steps(connection: &Connection, alert: AlertId) -> Result<Vec<Step>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT body FROM steps WHERE alert = ?1 ORDER BY number")?;
    let mut rows = statement.query([alert.to_string()])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(value::unjson(&row.get::<_, String>(0)?)?);
    }
    Ok(steps)
}

/// Sets the deadline of an alert, or takes it off.
pub(super) fn wait(
    connection: &Connection,
    alert: &str,
    deadline: Option<&Deadline>,
) -> Result<(), StoreError> {
    let ladder = deadline.map(|deadline| value::json(&deadline.ladder));
    connection
        .prepare_cached("UPDATE alerts SET due_ms = ?2, ladder = ?3 WHERE alert = ?1")?
        .execute(params![
            alert,
            deadline.map(|deadline| deadline.due.epoch_ms()),
            ladder.transpose()?
        ])?;
    Ok(())
}

pub(super) fn overdue(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Overdue>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT alert, due_ms, ladder, NOT EXISTS (
             SELECT 1 FROM notifications AS n WHERE n.alert = a.alert AND n.state <> 'acknowledged'),
             (SELECT coalesce(max(number), 0) FROM steps AS s WHERE s.alert = a.alert)
         FROM alerts AS a WHERE due_ms <= ?1 ORDER BY due_ms LIMIT ?2",
    )?;
    let mut rows = statement.query(params![now.epoch_ms(), value::limit(limit)])?;
    let mut overdue = Vec::new();
    while let Some(row) = rows.next()? {
        overdue.push(Overdue {
            alert: value::known(AlertId::parse(&row.get::<_, String>(0)?))?,
            deadline: Deadline {
                due: value::instant(row.get(1)?)?,
                ladder: value::unjson(&row.get::<_, String>(2)?)?,
            },
            told: row.get(3)?,
            steps: value::uncount_u32(row.get(4)?)?,
        });
    }
    Ok(overdue)
}

pub(super) fn stand_down(
    connection: &Connection,
    alert: AlertId,
    due: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE alerts SET due_ms = NULL, ladder = NULL WHERE alert = ?1 AND due_ms = ?2",
        )?
        .execute(params![alert.to_string(), due.epoch_ms()])?;
    Ok(())
}
