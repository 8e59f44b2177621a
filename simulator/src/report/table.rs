//! A report as a table for a terminal.

use std::fmt::Write as _;

use super::{Delays, Report};

/// The report as plain text, ending in a line feed.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    for (name, value) in rows(report) {
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "  {name:<34}{value}");
    }
    if let Some(telling) = &report.telling {
        let _infallible = writeln!(
            text,
            "\n  {:<28}{:>9}{:>9}{:>9}{:>9}",
            "alerts", "planned", "found", "missed", "false"
        );
        for tally in &telling.alerts {
            let _infallible = writeln!(
                text,
                "  {:<28}{:>9}{:>9}{:>9}{:>9}",
                tally.kind, tally.planned, tally.found, tally.missed, tally.false_alerts
            );
        }
    }
    for fault in &report.faults {
        let _infallible = writeln!(text, "\n  not good: {fault}");
    }
    text
}

/// Names and values, as the table and the page show them.
pub(super) fn rows(report: &Report) -> Vec<(String, String)> {
    let sending = &report.sending;
    let mut rows = vec![
        ("messages sent".to_owned(), sending.messages.to_string()),
        ("readings sent".to_owned(), sending.readings.to_string()),
        (
            "not acknowledged".to_owned(),
            sending.unacknowledged.to_string(),
        ),
        (
            "connections built anew".to_owned(),
            sending.reconnects.to_string(),
        ),
        (
            "waited for the broker".to_owned(),
            format!("{:.1} s", sending.held_up_s),
        ),
    ];
    rows.extend(delays("handed over late", sending.lateness));
    rows.extend(delays("due to acknowledged", sending.acknowledgement));
    if let Some(taken_in) = report.taken_in {
        rows.push(("readings journaled".to_owned(), taken_in.to_string()));
    }
    if let Some(telling) = &report.telling {
        rows.extend(delays("event to notification", telling.from_event));
        rows.extend(delays("publish to notification", telling.from_publish));
        rows.extend(delays("receipt to notification", telling.from_receipt));
        rows.push((
            "notifications".to_owned(),
            telling.notifications.to_string(),
        ));
        rows.push(("  come again".to_owned(), telling.repeated.to_string()));
        rows.push((
            "notices to operators".to_owned(),
            telling.notices.to_string(),
        ));
    }
    for process in &report.processes {
        let used = format!(
            "{:.1} s CPU, {:.0} MiB",
            process.cpu_s, process.memory_max_mib
        );
        rows.push((process.name.clone(), used));
    }
    rows
}

fn delays(name: &str, delays: Delays) -> Option<(String, String)> {
    let Delays {
        count,
        p50_ms,
        p99_ms,
        p999_ms,
        max_ms,
        ..
    } = delays;
    let text = format!(
        "p50 {}  p99 {}  p99.9 {}  max {}  of {count}",
        span(p50_ms),
        span(p99_ms),
        span(p999_ms),
        span(max_ms)
    );
    (count > 0).then(|| (name.to_owned(), text))
}

/// Milliseconds as people read them.
pub(super) fn span(ms: f64) -> String {
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 10_000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.0} s", ms / 1000.0)
    }
}
