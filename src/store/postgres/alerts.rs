//! Decisions, the alerts they make up, and the live stream of them.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::{Client, GenericClient, Transaction};
use futures_util::future::try_join3;
use model::{AlertId, Decision, Recipient, Timestamp};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::access::DIALECT;
use super::triage;
use crate::store::triage::Deadline;
use crate::store::{
    AlertQuery, AlertRecord, RoutedDecision, StoreError, StreamEvent, access, value,
};

/// Which of these decisions are kept already.
pub(super) const KNOWN: &str = "SELECT d.alert, d.revision
     FROM unnest($1::text[], $2::bigint[]) AS u (alert, revision)
     JOIN decisions AS d ON d.alert = u.alert AND d.revision = u.revision";

/// Alert and revision of those decisions that are kept already.
pub(super) async fn known(
    transaction: &Transaction<'_>,
    decisions: &[RoutedDecision],
) -> Result<BTreeSet<(String, i64)>, StoreError> {
    let mut known = BTreeSet::new();
    if !decisions.is_empty() {
        let (alerts, revisions): (Vec<String>, Vec<i64>) = decisions.iter().map(key).unzip();
        let statement = transaction.prepare_cached(KNOWN).await?;
        for row in transaction
            .query(&statement, &[&alerts, &revisions])
            .await?
        {
            known.insert((row.try_get(0)?, row.try_get(1)?));
        }
    }
    Ok(known)
}

/// Those that are not kept, each once.
pub(super) fn fresh<'a>(
    decisions: &'a [RoutedDecision],
    known: &BTreeSet<(String, i64)>,
) -> Vec<&'a RoutedDecision> {
    let mut seen = known.clone();
    decisions
        .iter()
        .filter(|routed| seen.insert(key(routed)))
        .collect()
}

fn key(routed: &RoutedDecision) -> (String, i64) {
    let decision = &routed.decision;
    (decision.alert.to_string(), decision.revision.into())
}

/// Numbers the decisions and keeps them. The counter's lock is held until the commit: whoever commits
/// next gets greater numbers, and who reads the stream sees no number appear below one they have seen.
const INSERT: &str = "WITH counter AS (
         UPDATE stream SET newest_event = newest_event + cardinality($1::text[])
         RETURNING newest_event - cardinality($1::text[]) AS before)
     INSERT INTO decisions (event, alert, revision, phase, decided_ms, severity, notify_by_ms,
         recipients, body)
     SELECT counter.before + u.place, u.alert, u.revision, u.phase, u.decided_ms, u.severity,
         u.notify_by_ms, u.recipients, u.body
     FROM counter, unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[],
             $6::bigint[], $7::text[], $8::text[])
         WITH ORDINALITY AS u (alert, revision, phase, decided_ms, severity, notify_by_ms,
             recipients, body, place)
     RETURNING event";

/// Derives the alerts' rows from all their decisions, so that an older revision coming in late cannot
/// set one back. An amendment changes numbers, not whether the breach goes on: the state is that of
/// the newest decision of another phase.
const REFRESH: &str =
    "INSERT INTO alerts (alert, wearer, kind, state, opened_ms, changed_ms, event)
     SELECT u.alert, u.wearer, u.kind,
         coalesce(
             (SELECT CASE phase WHEN 'cleared' THEN 'cleared'
                                WHEN 'withdrawn' THEN 'withdrawn' ELSE 'open' END
              FROM decisions WHERE alert = u.alert AND phase <> 'amended'
              ORDER BY revision DESC LIMIT 1),
             'open'),
         (SELECT decided_ms FROM decisions WHERE alert = u.alert ORDER BY revision LIMIT 1),
         newest.decided_ms, newest.event
     FROM unnest($1::text[], $2::text[], $3::text[]) AS u (alert, wearer, kind)
     CROSS JOIN LATERAL (SELECT decided_ms, event FROM decisions WHERE alert = u.alert
         ORDER BY revision DESC LIMIT 1) AS newest
     ON CONFLICT (alert) DO UPDATE SET
         state = excluded.state, opened_ms = excluded.opened_ms,
         changed_ms = excluded.changed_ms, event = excluded.event";

/// Keeps decisions that are not kept yet; those that are `hidden` are in no queue. Returns the number of the live
/// stream's newest event, where there are any.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    fresh: &[&RoutedDecision],
    hidden: &[(String, i64)],
) -> Result<Option<u64>, StoreError> {
    if fresh.is_empty() {
        return Ok(None);
    }
    let mut rows = DecisionRows::default();
    for routed in fresh {
        let in_no_queue = hidden.contains(&key(routed));
        rows.push(routed, in_no_queue)?;
    }
    // Both prepared before the counter is locked.
    let insert = transaction.prepare_cached(INSERT).await?;
    let refresh = transaction.prepare_cached(REFRESH).await?;
    let columns = rows.columns();
    let alerts = changed_alerts(fresh);
    let ids: Vec<&str> = alerts.keys().map(String::as_str).collect();
    let (wearers, kinds): (Vec<&str>, Vec<&str>) = alerts.values().copied().unzip();
    let changed: [&(dyn ToSql + Sync); 3] = [&ids, &wearers, &kinds];
    let opened: Vec<_> = fresh.iter().copied().filter_map(deadline).collect();
    let kept = async { Ok(transaction.query(&insert, &columns).await?) };
    let refreshed = async { Ok(transaction.execute(&refresh, &changed).await?) };
    let waiting = triage::wait(transaction, &opened);
    let (kept, _, ()) = try_join3(kept, refreshed, waiting).await?;
    let events = kept.iter().map(|row| value::uncount(row.try_get(0)?));
    let events = events.collect::<Result<Vec<u64>, StoreError>>()?;
    Ok(events.into_iter().max())
}

fn deadline(routed: &RoutedDecision) -> Option<(String, &Deadline)> {
    let deadline = routed.deadline.as_ref()?;
    Some((routed.decision.alert.to_string(), deadline))
}

/// Wearer and kind of each alert, in order of the alerts.
fn changed_alerts<'a>(fresh: &[&'a RoutedDecision]) -> BTreeMap<String, (&'a str, &'a str)> {
    let of = |decision: &'a Decision| (decision.wearer.as_str(), decision.kind.as_str());
    fresh
        .iter()
        .map(|routed| (routed.decision.alert.to_string(), of(&routed.decision)))
        .collect()
}

#[derive(Default)]
struct DecisionRows {
    alerts: Vec<String>,
    revisions: Vec<i64>,
    phases: Vec<&'static str>,
    decided_ms: Vec<i64>,
    severities: Vec<&'static str>,
    notify_by_ms: Vec<Option<i64>>,
    recipients: Vec<String>,
    bodies: Vec<String>,
}

impl DecisionRows {
    fn push(&mut self, routed: &RoutedDecision, in_no_queue: bool) -> Result<(), StoreError> {
        let (alert, revision) = key(routed);
        let queued = routed.notifications.iter().filter(|_| !in_no_queue);
        let recipients: Vec<&Recipient> = queued.map(|n| &n.recipient).collect();
        self.alerts.push(alert);
        self.revisions.push(revision);
        self.phases.push(routed.decision.phase.as_str());
        self.decided_ms.push(routed.decision.decided.epoch_ms());
        self.severities.push(routed.severity.as_str());
        self.notify_by_ms
            .push(routed.notify_by.map(Timestamp::epoch_ms));
        self.recipients.push(value::json(&recipients)?);
        self.bodies.push(value::body(&routed.decision)?);
        Ok(())
    }

    fn columns(&self) -> [&(dyn ToSql + Sync); 8] {
        [
            &self.alerts,
            &self.revisions,
            &self.phases,
            &self.decided_ms,
            &self.severities,
            &self.notify_by_ms,
            &self.recipients,
            &self.bodies,
        ]
    }
}

const RECORD: &str =
    "SELECT a.state, a.opened_ms, a.changed_ms, d.severity, d.notify_by_ms, d.body,
         a.triage, a.listed_under,
         (SELECT count(*) FROM alerts AS u WHERE u.listed_under = a.alert)
     FROM alerts AS a JOIN decisions AS d ON d.event = a.event";

pub(super) async fn alert(
    client: &Client,
    alert: AlertId,
) -> Result<Option<AlertRecord>, StoreError> {
    let statement = client
        .prepare_cached(&format!("{RECORD} WHERE a.alert = $1"))
        .await?;
    let row = client.query_opt(&statement, &[&alert.to_string()]).await?;
    row.as_ref().map(record).transpose()
}

pub(super) async fn alerts(
    client: &Client,
    query: &AlertQuery,
) -> Result<Vec<AlertRecord>, StoreError> {
    let limit = value::limit(query.limit);
    let wishes = [
        ("a.wearer", query.wearer.as_ref().map(ToString::to_string)),
        ("a.state", query.state.map(|s| s.as_str().to_owned())),
        ("a.kind", query.kind.map(|k| k.as_str().to_owned())),
        ("a.stage", query.stage.map(|s| s.as_str().to_owned())),
        ("a.listed_under", query.listed_under.map(|u| u.to_string())),
    ];
    let mut conditions = Vec::new();
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&limit];
    // SQL of our own only: what the caller asked for goes in as values.
    for (column, wish) in &wishes {
        if let Some(wish) = wish {
            values.push(wish);
            conditions.push(format!("{column} = ${}", values.len()));
        }
    }
    let scope = query.visible_to.as_ref().filter(|scope| !scope.is_all());
    let texts = scope.map(access::texts);
    if let (Some(scope), Some(texts)) = (scope, &texts) {
        conditions.push(DIALECT.sees_alert(scope, values.len() + 1));
        values.extend(texts.iter().map(|text| text as &(dyn ToSql + Sync)));
    }
    let conditions = match conditions.as_slice() {
        [] => String::new(),
        conditions => format!(" WHERE {}", conditions.join(" AND ")),
    };
    let sql = format!("{RECORD}{conditions} ORDER BY a.changed_ms DESC, a.event DESC LIMIT $1");
    let statement = client.prepare_cached(&sql).await?;
    let rows = client.query(&statement, &values).await?;
    rows.iter().map(record).collect()
}

fn record(row: &Row) -> Result<AlertRecord, StoreError> {
    let decision: Decision = value::unjson(row.try_get(5)?)?;
    let notify_by: Option<i64> = row.try_get(4)?;
    let triage: Option<&str> = row.try_get(6)?;
    let under: Option<&str> = row.try_get(7)?;
    Ok(AlertRecord {
        alert: decision.alert,
        wearer: decision.wearer.clone(),
        condition: decision.condition.clone(),
        kind: decision.kind,
        state: value::name(row.try_get(0)?)?,
        severity: value::name(row.try_get(3)?)?,
        onset: decision.onset,
        opened: value::instant(row.try_get(1)?)?,
        changed: value::instant(row.try_get(2)?)?,
        notify_by: notify_by.map(value::instant).transpose()?,
        decision,
        listed_under: under
            .map(|under| value::known(AlertId::parse(under)))
            .transpose()?,
        lists: value::uncount(row.try_get(8)?)?,
        triage: triage.map(value::unjson).transpose()?.unwrap_or_default(),
    })
}

pub(super) async fn decisions(
    client: &Client,
    alert: AlertId,
) -> Result<Vec<Decision>, StoreError> {
    let statement = client
        .prepare_cached("SELECT body FROM decisions WHERE alert = $1 ORDER BY revision")
        .await?;
    let rows = client.query(&statement, &[&alert.to_string()]).await?;
    rows.iter()
        .map(|row| value::unjson(row.try_get(0)?))
        .collect()
}

pub(super) async fn events_after(
    client: &Client,
    after: u64,
    limit: usize,
) -> Result<Vec<StreamEvent>, StoreError> {
    let statement = client
        .prepare_cached(
            "(SELECT event, severity, recipients, body, NULL FROM decisions
              WHERE event > $1 ORDER BY event LIMIT $2)
             UNION ALL
             (SELECT s.event, d.severity, d.recipients, d.body, s.body
              FROM steps AS s JOIN alerts AS a ON a.alert = s.alert
                  JOIN decisions AS d ON d.event = a.event
              WHERE s.event > $1 ORDER BY s.event LIMIT $2)
             ORDER BY 1 LIMIT $2",
        )
        .await?;
    // A client may name any number; there is nothing after one that no event can have.
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = client
        .query(&statement, &[&after, &value::limit(limit)])
        .await?;
    rows.iter().map(event).collect()
}

fn event(row: &Row) -> Result<StreamEvent, StoreError> {
    let step: Option<&str> = row.try_get(4)?;
    Ok(StreamEvent {
        id: value::uncount(row.try_get(0)?)?,
        severity: value::name(row.try_get(1)?)?,
        recipients: value::unjson(row.try_get(2)?)?,
        decision: value::unjson(row.try_get(3)?)?,
        step: step.map(value::unjson).transpose()?,
    })
}

pub(super) async fn newest_event(client: &impl GenericClient) -> Result<u64, StoreError> {
    let statement = client
        .prepare_cached("SELECT newest_event FROM stream")
        .await?;
    value::uncount(client.query_one(&statement, &[]).await?.try_get(0)?)
}
