//! Alerts that others gather, and what is held of them.

use std::collections::BTreeMap;

use deadpool_postgres::{Client, Transaction};
use model::{AlertId, Notification};

use super::queue;
use crate::store::{RoutedDecision, StoreError, value};

/// What is said of decisions: what goes into the queues, and what is held, under which alert.
#[derive(Default)]
pub(super) struct Sorted<'a> {
    pub(super) queued: Vec<&'a Notification>,
    held: Vec<(String, &'a Notification)>,
    /// Alert and revision of what is in no queue yet.
    pub(super) hidden: Vec<(String, i64)>,
}

/// Alerts that something is held of, and under which alert.
pub(super) type HeldUnder = BTreeMap<String, String>;

/// Sorts what is said of these decisions. What is said of an alert is held behind what is held of it
/// already, of which `under` tells.
pub(super) fn sort<'a>(mut under: HeldUnder, fresh: &[&'a RoutedDecision]) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    for routed in fresh {
        let alert = routed.decision.alert.to_string();
        if let Some(gathered) = routed.gathered.filter(|gathered| gathered.held) {
            under.insert(alert.clone(), gathered.under.to_string());
        }
        match under.get(&alert) {
            Some(under) => {
                let held = routed.notifications.iter();
                sorted.held.extend(held.map(|held| (under.clone(), held)));
                sorted.hidden.push((alert, routed.decision.revision.into()));
            }
            None => sorted.queued.extend(&routed.notifications),
        }
    }
    sorted
}

pub(super) const HELD_UNDER: &str =
    "SELECT DISTINCT alert, under FROM held_notifications WHERE alert = ANY ($1)";

/// Under which alerts something is held of those that these decisions are about.
pub(super) async fn held_under(
    transaction: &Transaction<'_>,
    decisions: &[RoutedDecision],
) -> Result<HeldUnder, StoreError> {
    if decisions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let alerts = decisions.iter();
    let alerts: Vec<String> = alerts.map(|r| r.decision.alert.to_string()).collect();
    let statement = transaction.prepare_cached(HELD_UNDER).await?;
    let rows = transaction.query(&statement, &[&alerts]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// Holds what is to be held, and lists alerts under those that gather them. Their rows are there.
pub(super) async fn put(
    transaction: &Transaction<'_>,
    fresh: &[&RoutedDecision],
    sorted: &Sorted<'_>,
) -> Result<(), StoreError> {
    let mut listed: Vec<(String, String)> = Vec::new();
    for routed in fresh {
        let alert = routed.decision.alert.to_string();
        let gathers = routed.gathers.iter();
        listed.extend(gathers.map(|before| (before.to_string(), alert.clone())));
        listed.extend(routed.gathered.map(|g| (alert, g.under.to_string())));
    }
    list(transaction, listed).await?;
    hold(transaction, &sorted.held).await
}

async fn list(
    transaction: &Transaction<'_>,
    listed: Vec<(String, String)>,
) -> Result<(), StoreError> {
    if listed.is_empty() {
        return Ok(());
    }
    let (alerts, under): (Vec<String>, Vec<String>) = listed.into_iter().unzip();
    let statement = transaction
        .prepare_cached(
            "UPDATE alerts AS a SET listed_under = u.under
             FROM unnest($1::text[], $2::text[]) AS u (alert, under) WHERE a.alert = u.alert",
        )
        .await?;
    transaction.execute(&statement, &[&alerts, &under]).await?;
    Ok(())
}

async fn hold(
    transaction: &Transaction<'_>,
    held: &[(String, &Notification)],
) -> Result<(), StoreError> {
    if held.is_empty() {
        return Ok(());
    }
    let under: Vec<&str> = held.iter().map(|(under, _)| under.as_str()).collect();
    let of = |notification: &Notification| {
        let decision = &notification.decision;
        (decision.alert.to_string(), decision.wearer.to_string())
    };
    let (alerts, wearers): (Vec<String>, Vec<String>) = held.iter().map(|(_, n)| of(n)).unzip();
    let bodies = held
        .iter()
        .map(|(_, notification)| value::body(*notification));
    let bodies = bodies.collect::<Result<Vec<String>, _>>()?;
    let statement = transaction
        .prepare_cached(
            "INSERT INTO held_notifications (under, alert, wearer, body)
             SELECT under, alert, wearer, body
             FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
                 WITH ORDINALITY AS u (under, alert, wearer, body, place)
             ORDER BY place",
        )
        .await?;
    transaction
        .execute(&statement, &[&under, &alerts, &wearers, &bodies])
        .await?;
    Ok(())
}

/// What is held under these alerts goes out, as far as it is about alerts that are open.
pub(super) async fn end(transaction: &Transaction<'_>, over: &[AlertId]) -> Result<(), StoreError> {
    if over.is_empty() {
        return Ok(());
    }
    let over: Vec<String> = over.iter().map(ToString::to_string).collect();
    let rows = transaction
        .query(
            "WITH gone AS (DELETE FROM held_notifications WHERE under = ANY ($1) RETURNING *)
             SELECT gone.body FROM gone JOIN alerts AS a ON a.alert = gone.alert
             WHERE a.state = 'open' ORDER BY gone.number",
            &[&over],
        )
        .await?;
    let notifications = rows.iter().map(|row| value::unjson(row.try_get(0)?));
    let notifications = notifications.collect::<Result<Vec<Notification>, StoreError>>()?;
    queue::put(transaction, &notifications.iter().collect::<Vec<_>>()).await
}

/// What gathers, and how many are listed under it.
pub(super) async fn gathering(client: &Client) -> Result<Vec<(AlertId, u64)>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT alert, (SELECT count(*) FROM alerts AS u WHERE u.listed_under = g.alert)
             FROM (SELECT DISTINCT under AS alert FROM held_notifications
                   UNION SELECT alert FROM alerts WHERE kind = 'incident' AND state = 'open') AS g
             ORDER BY alert",
        )
        .await?;
    let rows = client.query(&statement, &[]).await?;
    rows.iter()
        .map(|row| {
            let alert = value::known(AlertId::parse(row.try_get(0)?))?;
            Ok((alert, value::uncount(row.try_get(1)?)?))
        })
        .collect()
}
