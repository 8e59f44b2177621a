//! Alerts that others gather, and what is held of them.

use model::{AlertId, Notification};
use rusqlite::{Connection, OptionalExtension, params};

use super::queue;
use crate::store::{RoutedDecision, StoreError, value};

/// Puts what is said of a decision into the queues, or holds it.
pub(super) fn put(connection: &Connection, routed: &RoutedDecision) -> Result<(), StoreError> {
    let alert = routed.decision.alert.to_string();
    if let Some(gathered) = routed.gathered {
        list(connection, &alert, gathered.under)?;
    }
    for before in &routed.gathers {
        list(connection, &before.to_string(), routed.decision.alert)?;
    }
    let held = routed.gathered.filter(|gathered| gathered.held);
    let under = match held {
        Some(gathered) => Some(gathered.under.to_string()),
        None => held_under(connection, &alert)?,
    };
    for notification in &routed.notifications {
        match &under {
            Some(under) => hold(connection, under, notification)?,
            None => queue::insert(connection, notification)?,
        }
    }
    if under.is_some() {
        // It is in no queue yet.
        connection
            .prepare_cached(
                "UPDATE decisions SET recipients = '[]' WHERE alert = ?1 AND revision = ?2",
            )?
            .execute(params![alert, routed.decision.revision])?;
    }
    Ok(())
}

fn list(connection: &Connection, alert: &str, under: AlertId) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE alerts SET listed_under = ?2 WHERE alert = ?1")?
        .execute(params![alert, under.to_string()])?;
    Ok(())
}

/// What is said of an alert is held behind what is held of it already.
fn held_under(connection: &Connection, alert: &str) -> Result<Option<String>, StoreError> {
    let under = connection
        .prepare_cached("SELECT under FROM held_notifications WHERE alert = ?1 LIMIT 1")?
        .query_row([alert], |row| row.get(0))
        .optional()?;
    Ok(under)
}

fn hold(
    connection: &Connection,
    under: &str,
    notification: &Notification,
) -> Result<(), StoreError> {
    let decision = &notification.decision;
    connection
        .prepare_cached(
            "INSERT INTO held_notifications (under, alert, wearer, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            under,
            decision.alert.to_string(),
            decision.wearer.as_str(),
            value::body(notification)?,
        ])?;
    Ok(())
}

/// What is held under an alert goes out, as far as it is about alerts that are open.
pub(super) fn end(connection: &Connection, under: AlertId) -> Result<(), StoreError> {
    let under = under.to_string();
    let mut statement = connection.prepare_cached(
        "SELECT h.body FROM held_notifications AS h JOIN alerts AS a ON a.alert = h.alert
         WHERE h.under = ?1 AND a.state = 'open' ORDER BY h.number",
    )?;
    let mut rows = statement.query([&under])?;
    while let Some(row) = rows.next()? {
        queue::insert(connection, &value::unjson(&row.get::<_, String>(0)?)?)?;
    }
    connection
        .prepare_cached("DELETE FROM held_notifications WHERE under = ?1")?
        .execute([&under])?;
    Ok(())
}

/// What gathers, and how many are listed under it.
pub(super) fn gathering(connection: &Connection) -> Result<Vec<(AlertId, u64)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT alert, (SELECT count(*) FROM alerts AS u WHERE u.listed_under = g.alert)
         FROM (SELECT DISTINCT under AS alert FROM held_notifications
               UNION SELECT alert FROM alerts WHERE kind = 'incident' AND state = 'open') AS g
         ORDER BY alert",
    )?;
    let mut rows = statement.query([])?;
    let mut gathering = Vec::new();
    while let Some(row) = rows.next()? {
        let alert = value::known(AlertId::parse(&row.get::<_, String>(0)?))?;
        gathering.push((alert, value::uncount(row.get(1)?)?));
    }
    Ok(gathering)
}
