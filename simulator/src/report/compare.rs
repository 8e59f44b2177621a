//! Two reports held against each other.

use std::fmt::Write as _;

use thiserror::Error;

use super::{Delays, FORMAT, Report};
use crate::float;

/// Two reports held against each other, figure by figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    figures: Vec<Figure>,
}

/// Why two reports cannot be held against each other.
#[derive(Debug, Error)]
pub enum Incomparable {
    /// One is in another format.
    #[error("a report in format {0}; this is of format {FORMAT}")]
    Format(u32),
    /// They were asked different things.
    #[error("they were asked different things: {0} differ")]
    Asked(String),
}

/// A figure of both.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    name: String,
    first: f64,
    second: f64,
    /// Whether more of it is worse.
    is_cost: bool,
    /// Whether any more at all is worse, as of what was lost.
    is_loss: bool,
}

impl Comparison {
    /// Holds the second against the first.
    ///
    /// # Errors
    /// When they are in another format, or were asked different things and that is not accepted.
    pub fn of(first: &Report, second: &Report, anyway: bool) -> Result<Self, Incomparable> {
        for report in [first, second] {
            if report.format != FORMAT {
                return Err(Incomparable::Format(report.format));
            }
        }
        let different = differences(first, second);
        if !anyway && !different.is_empty() {
            return Err(Incomparable::Asked(different.join(", ")));
        }
        let figures = names(first)
            .into_iter()
            .zip(names(second))
            .map(|(first, second)| Figure {
                second: second.first,
                ..first
            })
            .collect();
        Ok(Self { figures })
    }

    /// The figures by which the second is worse: costs more than so many per cent higher, and losses of
    /// which there are more.
    #[must_use]
    pub fn worse_than(&self, per_cent: f64) -> Vec<String> {
        let worse = |figure: &&Figure| {
            let more = figure.second > figure.first;
            (figure.is_loss && more)
                || (figure.is_cost && figure.second > figure.first * (1.0 + per_cent / 100.0))
        };
        let worse = self.figures.iter().filter(worse);
        worse.map(|figure| figure.name.clone()).collect()
    }

    /// Both, and their ratio, as plain text ending in a line feed.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = format!("  {:<34}{:>12}{:>12}{:>9}\n", "", "A", "B", "B/A");
        for Figure {
            name,
            first,
            second,
            ..
        } in &self.figures
        {
            let ratio = if *first == 0.0 {
                "-".to_owned()
            } else {
                format!("{:.2}", second / first)
            };
            // Writing to a String cannot fail.
            let _infallible = writeln!(text, "  {name:<34}{first:>12.1}{second:>12.1}{ratio:>9}");
        }
        text
    }
}

/// What they were asked differently.
fn differences(first: &Report, second: &Report) -> Vec<String> {
    let (first, second) = (&first.asked, &second.asked);
    let mut different = Vec::new();
    let mut differ = |name: &str, are: bool| {
        if are {
            different.push(name.to_owned());
        }
    };
    differ("scenarios", first.about != second.about);
    differ("seeds", first.seed != second.seed);
    differ("wearers", first.wearers != second.wearers);
    differ("partitions", first.partitions != second.partitions);
    differ("connections", first.connections != second.connections);
    differ("rates", !first.traffic.is_like(&second.traffic));
    different
}

/// The figures of one report, in an order that depends on nothing but what kind of report it is.
fn names(report: &Report) -> Vec<Figure> {
    let mut figures = vec![
        figure(
            "messages sent",
            float(report.sending.messages),
            false,
            false,
        ),
        figure(
            "not acknowledged",
            float(report.sending.unacknowledged),
            false,
            true,
        ),
        figure(
            "waited for the broker, s",
            report.sending.held_up_s,
            false,
            false,
        ),
    ];
    figures.extend(delays("handed over late", report.sending.lateness, false));
    figures.extend(delays(
        "due to acknowledged",
        report.sending.acknowledgement,
        true,
    ));
    let telling = report.telling.as_ref();
    let of = |which: fn(&super::Telling) -> Delays| telling.map(which).unwrap_or_default();
    figures.extend(delays("event to notification", of(|t| t.from_event), true));
    figures.extend(delays(
        "publish to notification",
        of(|t| t.from_publish),
        true,
    ));
    figures.extend(delays(
        "receipt to notification",
        of(|t| t.from_receipt),
        true,
    ));
    let alerts = || telling.iter().flat_map(|telling| &telling.alerts);
    let missed = alerts().map(|tally| tally.missed).sum();
    let untrue = alerts().map(|tally| tally.false_alerts).sum();
    figures.push(figure("alerts missed", float(missed), false, true));
    figures.push(figure("alerts false", float(untrue), false, true));
    let cpu_s = report.processes.iter().map(|process| process.cpu_s).sum();
    let memory = report
        .processes
        .iter()
        .map(|process| process.memory_max_mib)
        .sum();
    figures.push(figure("CPU of all processes, s", cpu_s, true, false));
    figures.push(figure("memory of all processes, MiB", memory, true, false));
    figures
}

fn delays(name: &str, delays: Delays, is_cost: bool) -> [Figure; 3] {
    let of = |what: &str, ms| figure(&format!("{name}, {what} ms"), ms, is_cost, false);
    [
        of("p50", delays.p50_ms),
        of("p99", delays.p99_ms),
        // The one in a thousand is told; of a short run it is chance.
        figure(&format!("{name}, p99.9 ms"), delays.p999_ms, false, false),
    ]
}

fn figure(name: &str, value: f64, is_cost: bool, is_loss: bool) -> Figure {
    Figure {
        name: name.to_owned(),
        first: value,
        second: value,
        is_cost,
        is_loss,
    }
}
