//! The figures as tables for a terminal; they are Markdown too.

use super::aims;
use super::course::Course;
use super::poisson::real;
use super::report::Report;
use super::rule::RuleName;
use super::tally::{CellResult, RuleResult};

/// All tables, and how the engine's rule stands against its aims.
pub(super) fn tables(report: &Report) -> String {
    let mut text = String::new();
    for cadence_s in &report.cadences_s {
        let cells = || {
            report
                .cells
                .iter()
                .filter(|cell| cell.cadence_s == *cadence_s)
        };
        text.push_str(&format!("\n## One fix each {cadence_s} s\n"));
        text.push_str(&outside(cells()));
        text.push_str(&stays(cells()));
        text.push_str(&passages(cells()));
        text.push_str(&excursions(cells()));
    }
    text.push_str("\n## Aims of tagwatch's rule, at one fix a minute\n");
    for line in aims::lines(report) {
        let mark = if line.starts_with(" ") { "" } else { "- " };
        text.push_str(&format!("{mark}{line}\n"));
    }
    text
}

fn head(title: &str, columns: &[&str]) -> String {
    let rules = RuleName::ALL.iter().map(|rule| format!(" {rule:<15} |"));
    let names = columns.iter().map(|name| format!("| {name} "));
    let (names, rules): (String, String) = (names.collect(), rules.collect());
    let dashes = "|---".repeat(columns.len() + RuleName::ALL.len());
    format!("\n{title}\n\n{names}|{rules}\n{dashes}|\n")
}

fn row(columns: &str, cell: &CellResult, show: impl Fn(&RuleResult) -> String) -> String {
    let rules = cell
        .rules
        .iter()
        .map(|rule| format!(" {:<15} |", show(rule)));
    format!("| {columns} |{}\n", rules.collect::<String>())
}

fn outside<'a>(cells: impl Iterator<Item = &'a CellResult>) -> String {
    let mut text = head(
        "False breaches per compliant device-day (95 % upper bound); notices: how often a day tagwatch told \
         operators, and nobody else, that there may be one",
        &["where", "from the edge", "days", "notices"],
    );
    for cell in cells {
        if let Course::Outside {
            setting,
            distance_m,
        } = cell.course
        {
            let notices = real(cell.notices) / real(cell.trials);
            let columns = format!(
                "{:<17} | {distance_m:>3} m | {} | {notices:.2}",
                setting.title(),
                cell.trials
            );
            text.push_str(&row(&columns, cell, rate));
        }
    }
    text
}

/// With as many digits as say something.
fn rate(result: &RuleResult) -> String {
    let show = |value: f64| match value {
        value if value >= 10.0 => format!("{value:.0}"),
        value if value >= 1.0 => format!("{value:.1}"),
        value => format!("{value:.3}"),
    };
    match result.breaches {
        0 => format!("0 ({})", show(result.per_trial_upper)),
        _ => format!(
            "{} ({})",
            show(result.per_trial),
            show(result.per_trial_upper)
        ),
    }
}

fn stays<'a>(cells: impl Iterator<Item = &'a CellResult>) -> String {
    let mut text = head(
        "Stays inside: missed, and seconds from coming in to the breach (half, 95 % of all stays)",
        &["where", "depth", "length", "stays"],
    );
    for cell in cells {
        if let Course::Stay {
            depth_m,
            minutes,
            indoors,
        } = cell.course
        {
            let place = if indoors { "indoors" } else { "outdoors" };
            let columns = format!(
                "{place:<8} | {depth_m} m | {minutes:>2} min | {}",
                cell.trials
            );
            let trials = cell.trials;
            let show = |result: &RuleResult| {
                let (missed, _) = result.missed_share(trials);
                let (half, most) = (result.delay_p50_s, result.delay_p95_s);
                format!(
                    "{:.1} % {}, {}",
                    missed * 100.0,
                    seconds(half),
                    seconds(most)
                )
            };
            text.push_str(&row(&columns, cell, show));
        }
    }
    text
}

fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |s| format!("{s:.0}"))
}

fn passages<'a>(cells: impl Iterator<Item = &'a CellResult>) -> String {
    let mut text = head(
        "Straight through the middle: passages of which a breach was made; for tagwatch also those \
         of which operators were told anything",
        &["how", "passages", "told"],
    );
    for cell in cells {
        if let Course::Through { means } = cell.course {
            let told = share(cell.noticed, cell.trials);
            let columns = format!("{:<7} | {} | {told}", means.title(), cell.trials);
            let show =
                |result: &RuleResult| share(cell.trials.saturating_sub(result.missed), cell.trials);
            text.push_str(&row(&columns, cell, show));
        }
    }
    text
}

fn share(count: u64, all: u64) -> String {
    let share = real(count) / real(all);
    format!("{:.1} %", share * 100.0)
}

fn excursions<'a>(cells: impl Iterator<Item = &'a CellResult>) -> String {
    let mut text = head(
        "Breaches made during an excursion of the receiver, for each excursion (150 to 250 m off for one to three minutes, \
         claiming under 4 m)",
        &["from the edge", "excursions"],
    );
    for cell in cells {
        if let (Course::Outside { distance_m, .. }, 1..) = (cell.course, cell.excursions) {
            let columns = format!("{distance_m:>3} m | {}", cell.excursions);
            let each = |result: &RuleResult| {
                let events = real(cell.excursions);
                format!("{:.3}", real(result.astray) / events)
            };
            text.push_str(&row(&columns, cell, each));
        }
    }
    text
}
