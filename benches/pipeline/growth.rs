//! What a reading and an alert cost the stores as days of history and open alerts grow.

use std::num::NonZeroU16;
use std::time::{Duration, Instant};

use model::{
    AlertId, Decision, DecisionKind, DeviceEvidence, DeviceReading, Evidence, Notification,
    ObservedAt, Phase, Recipient, Severity, Timestamp, WearerId,
};
use serde::{Deserialize, Serialize};
use tagwatch::store::RoutedDecision;
use tokio::runtime::Runtime;

use super::county::{Amount, County};
use super::options::Kind;
use super::owner::{COMMITTED, Owner};
use super::sample::lossless;

/// Commits of a day, in each of which everybody reports once: a fix a minute.
const MINUTES_A_DAY: usize = 1_440;

/// Commits that are measured: of as many readings as are filed at once, so that filing falls into them.
const MEASURED: usize = 500;

/// Open alerts, and how many more are opened by a commit.
const OPEN: [usize; 4] = [0, 10_000, 30_000, 100_000];
const OPENED: usize = 50;

/// Commits of alerts that are measured.
const RAISED: usize = 60;

/// What was found of one store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grown {
    pub(crate) store: String,
    pub(crate) what: Growing,
    /// Days, or alerts.
    pub(crate) size: f64,
    /// Readings, or alerts, that are committed in a second.
    pub(crate) per_s: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Growing {
    History,
    OpenAlerts,
}

/// Measures one store, at first and after so many days.
pub(crate) fn measure(runtime: &Runtime, kind: Kind, days: &[usize]) -> anyhow::Result<Vec<Grown>> {
    let grown = |what, found: Vec<(f64, f64)>| {
        found.into_iter().map(move |(size, per_s)| Grown {
            store: kind.name().to_owned(),
            what,
            size,
            per_s,
        })
    };
    let history = runtime.block_on(history(kind, days))?;
    let alerts = runtime.block_on(alerts(kind))?;
    Ok(grown(Growing::History, history)
        .chain(grown(Growing::OpenAlerts, alerts))
        .collect())
}

/// Readings a second after so many days.
async fn history(kind: Kind, days: &[usize]) -> anyhow::Result<Vec<(f64, f64)>> {
    let ends: Vec<usize> = [MEASURED]
        .into_iter()
        .chain(days.iter().map(|days| days * MINUTES_A_DAY))
        .collect();
    let minutes = ends.last().copied().unwrap_or_default();
    let amount = Amount {
        messages: minutes * COMMITTED,
        batch: 1,
    };
    let mut county = County::new(COMMITTED, NonZeroU16::MIN, (amount, 1))?;
    let mut reports = county.upload(amount)?.flat_map(|(_, readings)| readings);
    let mut owner = Owner::new(kind).await?;
    let _filing = owner.file();
    let mut found = Vec::new();
    let mut done = 0;
    for end in ends {
        report(&mut owner, &mut reports, end - MEASURED - done).await?;
        let taken = report(&mut owner, &mut reports, MEASURED).await?;
        let days = lossless(end)? / lossless(MINUTES_A_DAY)?;
        found.push((days, lossless(MEASURED * COMMITTED)? / taken.as_secs_f64()));
        done = end;
    }
    owner.close().await;
    Ok(found)
}

/// Commits what everybody reports in so many minutes, and says how long the commits took.
async fn report(
    owner: &mut Owner,
    reports: &mut impl Iterator<Item = DeviceReading>,
    minutes: usize,
) -> anyhow::Result<Duration> {
    let mut taken = Duration::ZERO;
    for _minute in 0..minutes {
        let entries = owner.entries(reports.take(COMMITTED))?;
        let begun = Instant::now();
        owner.commit(entries, Vec::new()).await?;
        taken += begun.elapsed();
    }
    Ok(taken)
}

/// Alerts opened in a second beside so many.
async fn alerts(kind: Kind) -> anyhow::Result<Vec<(f64, f64)>> {
    let owner = Owner::new(kind).await?;
    let mut found = Vec::new();
    let mut open = 0;
    for size in OPEN {
        while open < size {
            open += raise(&owner, open).await?.0;
        }
        let (mut taken, before) = (Duration::ZERO, open);
        for _commit in 0..RAISED {
            let (opened, commit) = raise(&owner, open).await?;
            taken += commit;
            open += opened;
        }
        let per_s = lossless(open - before)? / taken.as_secs_f64();
        found.push((lossless(size.max(OPENED))?, per_s));
    }
    owner.close().await;
    Ok(found)
}

/// Opens another few alerts, each of somebody else, in one commit.
async fn raise(owner: &Owner, open: usize) -> anyhow::Result<(usize, Duration)> {
    let decisions: Vec<RoutedDecision> = (open..open + OPENED)
        .map(cut_strap)
        .collect::<anyhow::Result<_>>()?;
    let begun = Instant::now();
    owner.commit(Vec::new(), decisions).await?;
    Ok((OPENED, begun.elapsed()))
}

fn cut_strap(number: usize) -> anyhow::Result<RoutedDecision> {
    let wearer = WearerId::new(format!("W-{number}"))?;
    let at = Timestamp::default();
    let kind = DecisionKind::StrapTamper;
    let decision = Decision {
        alert: AlertId::derive(&wearer, "GPS", kind, 1),
        revision: 1,
        device: Some(format!("GPS-{number}").parse()?),
        wearer,
        order: None,
        order_version: None,
        registry: None,
        condition: None,
        kind,
        phase: Phase::Opened,
        onset: at,
        decided: at,
        late: false,
        evidence: Evidence::Device(DeviceEvidence {
            policy: "shipped-1".to_owned(),
            observed_at: Some(ObservedAt(at)),
            received_at: None,
            reason: "strap_cut reported".to_owned(),
            count: 1,
        }),
    };
    let severity = Severity::Critical;
    let notifications = [
        Recipient::operators(),
        Recipient::new("police/staffordshire")?,
    ]
    .map(|to| {
        Notification::new(
            decision.clone(),
            to,
            severity,
            Some(at),
            "tampering".to_owned(),
        )
    });
    Ok(RoutedDecision {
        decision,
        severity,
        notify_by: Some(at),
        notifications: notifications.to_vec(),
        deadline: None,
        gathered: None,
        gathers: Vec::new(),
    })
}
