//! A verdict on paper.

use std::fmt::Write as _;

use crate::verdict::{FalseAlert, Latency, Missed, Verdict, WhyMissed};

/// How many missed breaches and false alerts the table lists, each; JSON has them all.
const LISTED_MAX: usize = 10;

/// The verdict as a plain-text table for a terminal, ending in a line feed.
#[must_use]
pub fn verdict_table(verdict: &Verdict) -> String {
    let mut text = String::new();
    for (name, value) in rows(verdict) {
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "  {name:<34}{value:>12}");
    }
    for missed in verdict.missed.iter().take(LISTED_MAX) {
        let _infallible = writeln!(text, "  missed: {}", missed_line(missed));
    }
    for accusation in verdict.false_alerts.iter().take(LISTED_MAX) {
        let _infallible = writeln!(text, "  false: {}", false_line(accusation));
    }
    text
}

fn rows(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("wearers", verdict.wearers.to_string()),
        ("readings", verdict.readings.to_string()),
        ("breaches planned and due", verdict.planned.to_string()),
        ("  alerted in time", verdict.alerted.to_string()),
        ("  missed", verdict.missed.len().to_string()),
        ("false alerts", verdict.false_total.to_string()),
        ("operator notices", verdict.operator_notices.to_string()),
        (
            "alerts about the visitor",
            verdict.visitor_alerts.to_string(),
        ),
        (
            "breach alerts per wearer-day",
            format!("{:.2}", verdict.alerts_per_wearer_day),
        ),
    ];
    let latencies = [
        (
            "zone: event to alert, median s",
            "zone: event to alert, p99 s",
            verdict.zone_latency,
        ),
        (
            "curfew: event to alert, median s",
            "curfew: event to alert, p99 s",
            verdict.curfew_latency,
        ),
        (
            "alcohol: event to alert, median s",
            "alcohol: event to alert, p99 s",
            verdict.alcohol_latency,
        ),
    ];
    for (median, p99, latency) in latencies {
        rows.push((median, seconds(latency.map(|l: Latency| l.median_s))));
        rows.push((p99, seconds(latency.map(|l: Latency| l.p99_s))));
    }
    rows
}

fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |s| format!("{s:.0}"))
}

fn missed_line(missed: &Missed) -> String {
    let breach = &missed.breach;
    let kinds: Vec<&str> = breach.kinds.iter().map(|kind| kind.as_str()).collect();
    let why = match &missed.why {
        WhyMissed::NoAlert => "no alert".to_owned(),
        WhyMissed::Late { by_s } => format!("{by_s:.0} s late"),
        WhyMissed::OnlyConsequence(kind) => format!("only {kind}"),
    };
    format!(
        "{} {} {} from {} to {}, due {}: {why}",
        breach.id,
        breach.condition.as_ref().map_or("-", |c| c.as_str()),
        kinds.join(" or "),
        breach.onset,
        breach.ends,
        breach
            .must_alert_by
            .map_or_else(String::new, |by| by.to_string()),
    )
}

fn false_line(alert: &FalseAlert) -> String {
    let condition = alert.condition.as_ref().map_or("-", |c| c.as_str());
    format!(
        "{} {condition} {} since {}, decided {}",
        alert.wearer, alert.kind, alert.onset, alert.decided
    )
}
