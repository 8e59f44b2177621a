//! Decisions, the alerts they make up, and the live stream of them.

use model::{AlertId, Decision, Phase, Recipient};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::access::DIALECT;
use super::triage;
use crate::store::{AlertQuery, AlertRecord, RoutedDecision, StoreError, StreamEvent};
use crate::store::{access, value};

/// Keeps a decision unless it is there already; returns whether it was new.
pub(super) fn insert_decision(
    connection: &Connection,
    routed: &RoutedDecision,
) -> Result<bool, StoreError> {
    let decision = &routed.decision;
    let alert = decision.alert.to_string();
    let recipients: Vec<&Recipient> = routed.notifications.iter().map(|n| &n.recipient).collect();
    let event = newest_event(connection)? + 1;
    let inserted = connection
        .prepare_cached(
            "INSERT INTO decisions
                 (alert, revision, phase, decided_ms, severity, notify_by_ms, recipients, body, event)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
             WHERE NOT EXISTS (SELECT 1 FROM decisions WHERE alert = ?1 AND revision = ?2)",
        )?
        .execute(params![
            alert,
            decision.revision,
            decision.phase.as_str(),
            decision.decided.epoch_ms(),
            routed.severity.as_str(),
            routed.notify_by.map(model::Timestamp::epoch_ms),
            value::json(&recipients)?,
            value::body(decision)?,
            value::count(event)?,
        ])?;
    if inserted == 0 {
        return Ok(false);
    }
    refresh_alert(connection, &alert, decision)?;
    if let Some(deadline) = &routed.deadline {
        triage::wait(connection, &alert, Some(deadline))?;
    }
    Ok(true)
}

/// Derives the alert's row from all its decisions, so that an older revision coming in late cannot
/// set it back. An amendment changes numbers, not whether the breach goes on: the state is that of
/// the newest decision of another phase.
fn refresh_alert(
    connection: &Connection,
    alert: &str,
    decision: &Decision,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO alerts (alert, wearer, kind, state, opened_ms, changed_ms, event)
             SELECT ?1, ?2, ?3,
                 coalesce(
                     (SELECT CASE phase WHEN 'cleared' THEN 'cleared'
                                        WHEN 'withdrawn' THEN 'withdrawn' ELSE 'open' END
                      FROM decisions WHERE alert = ?1 AND phase <> ?4
                      ORDER BY revision DESC LIMIT 1),
                     'open'),
                 (SELECT decided_ms FROM decisions WHERE alert = ?1 ORDER BY revision LIMIT 1),
                 newest.decided_ms, newest.event
             FROM (SELECT decided_ms, event FROM decisions WHERE alert = ?1
                   ORDER BY revision DESC LIMIT 1) AS newest
             WHERE true
             ON CONFLICT (alert) DO UPDATE SET
                 state = excluded.state, opened_ms = excluded.opened_ms,
                 changed_ms = excluded.changed_ms, event = excluded.event",
        )?
        .execute(params![
            alert,
            decision.wearer.as_str(),
            decision.kind.as_str(),
            Phase::Amended.as_str(),
        ])?;
    Ok(())
}

const RECORD: &str =
    "SELECT a.state, a.opened_ms, a.changed_ms, d.severity, d.notify_by_ms, d.body,
         a.triage, a.listed_under,
         (SELECT count(*) FROM alerts AS u WHERE u.listed_under = a.alert)
     FROM alerts AS a JOIN decisions AS d ON d.event = a.event";

pub(super) fn alert(
    connection: &Connection,
    alert: AlertId,
) -> Result<Option<AlertRecord>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{RECORD} WHERE a.alert = ?1"))?;
    let mut rows = statement.query([alert.to_string()])?;
    rows.next()?.map(record).transpose()
}

pub(super) fn alerts(
    connection: &Connection,
    query: &AlertQuery,
) -> Result<Vec<AlertRecord>, StoreError> {
    let (conditions, mut values) = conditions(query);
    values.push(Value::from(value::limit(query.limit)));
    // SQL of our own only: what the caller asked for goes in as values.
    let mut statement = connection.prepare_cached(&format!(
        "{RECORD} {conditions} ORDER BY a.changed_ms DESC, a.event DESC LIMIT ?"
    ))?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(record(row)?);
    }
    Ok(records)
}

fn conditions(query: &AlertQuery) -> (String, Vec<Value>) {
    let wishes = [
        ("a.wearer", query.wearer.as_ref().map(ToString::to_string)),
        ("a.state", query.state.map(|s| s.as_str().to_owned())),
        ("a.kind", query.kind.map(|k| k.as_str().to_owned())),
        ("a.stage", query.stage.map(|s| s.as_str().to_owned())),
        ("a.listed_under", query.listed_under.map(|u| u.to_string())),
    ];
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    for (column, wish) in wishes {
        let Some(wish) = wish else { continue };
        values.push(Value::from(wish));
        conditions.push(format!("{column} = ?{}", values.len()));
    }
    if let Some(scope) = query.visible_to.as_ref().filter(|scope| !scope.is_all()) {
        conditions.push(DIALECT.sees_alert(scope, values.len() + 1));
        values.extend(access::texts(scope).map(Value::from));
    }
    let text = match conditions.as_slice() {
        [] => String::new(),
        conditions => format!("WHERE {}", conditions.join(" AND ")),
    };
    (text, values)
}

fn record(row: &Row<'_>) -> Result<AlertRecord, StoreError> {
    let decision: Decision = value::unjson(&row.get::<_, String>(5)?)?;
    let notify_by: Option<i64> = row.get(4)?;
    let triage: Option<String> = row.get(6)?;
    let under: Option<String> = row.get(7)?;
    Ok(AlertRecord {
        alert: decision.alert,
        wearer: decision.wearer.clone(),
        condition: decision.condition.clone(),
        kind: decision.kind,
        state: value::name(&row.get::<_, String>(0)?)?,
        severity: value::name(&row.get::<_, String>(3)?)?,
        onset: decision.onset,
        opened: value::instant(row.get(1)?)?,
        changed: value::instant(row.get(2)?)?,
        notify_by: notify_by.map(value::instant).transpose()?,
        decision,
        listed_under: under
            .map(|under| value::known(AlertId::parse(&under)))
            .transpose()?,
        lists: value::uncount(row.get(8)?)?,
        triage: triage
            .as_deref()
            .map(value::unjson)
            .transpose()?
            .unwrap_or_default(),
    })
}

pub(super) fn decisions(
    connection: &Connection,
    alert: AlertId,
) -> Result<Vec<Decision>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT body FROM decisions WHERE alert = ?1 ORDER BY revision")?;
    let mut rows = statement.query([alert.to_string()])?;
    let mut decisions = Vec::new();
    while let Some(row) = rows.next()? {
        decisions.push(value::unjson(&row.get::<_, String>(0)?)?);
    }
    Ok(decisions)
}

pub(super) fn events_after(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<StreamEvent>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM (
             SELECT event, severity, recipients, body, NULL FROM decisions
             WHERE event > ?1 ORDER BY event LIMIT ?2)
         UNION ALL
         SELECT * FROM (
             SELECT s.event, d.severity, d.recipients, d.body, s.body
             FROM steps AS s JOIN alerts AS a ON a.alert = s.alert
                 JOIN decisions AS d ON d.event = a.event
             WHERE s.event > ?1 ORDER BY s.event LIMIT ?2)
         ORDER BY 1 LIMIT ?2",
    )?;
    // A client may name any number; there is nothing after one that no event can have.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let mut rows = statement.query([after, value::limit(limit)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let step: Option<String> = row.get(4)?;
        events.push(StreamEvent {
            id: value::uncount(row.get(0)?)?,
            severity: value::name(&row.get::<_, String>(1)?)?,
            recipients: value::unjson(&row.get::<_, String>(2)?)?,
            decision: value::unjson(&row.get::<_, String>(3)?)?,
            step: step.as_deref().map(value::unjson).transpose()?,
        });
    }
    Ok(events)
}

pub(super) fn newest_event(connection: &Connection) -> Result<u64, StoreError> {
    let newest: i64 = connection
        .prepare_cached(
            "SELECT max(coalesce((SELECT max(event) FROM decisions), 0),
                        coalesce((SELECT max(event) FROM steps), 0))",
        )?
        .query_row([], |row| row.get(0))?;
    value::uncount(newest)
}
