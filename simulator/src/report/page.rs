//! A report as a page that needs nothing but itself: plots within, no scripts.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::bars::Bars;
use super::plot::{Line, Plot};
use super::table::{rows, span};
use super::{Delays, KindTally, Moment, Report, Stretch, Telling, Traffic};
use crate::float;
use crate::run::Capacity;

const STYLE: &str = "body{font:16px/1.45 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#0b0c0c}\
    h1{font-size:1.7rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse}\
    th,td{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid #b1b4b6;vertical-align:top}\
    td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.bad{border-left:8px solid #d4351c;padding:.3rem 1rem}\
    .good{border-left:8px solid #00703c;padding:.3rem 1rem}svg{max-width:100%;height:auto}";

/// The report of a run as HTML.
#[must_use]
pub fn page(report: &Report) -> String {
    whole(&report.asked.about, &body(report))
}

/// The report of a search for the capacity as HTML: the search, then the highest rate that held.
#[must_use]
pub fn capacity_page(capacity: &Capacity) -> String {
    let best = capacity
        .steps
        .iter()
        .filter(|step| step.holds)
        .max_by_key(|step| step.messages_per_s);
    let shown = best.or_else(|| capacity.steps.last());
    let about = shown.map_or("nothing was tried", |step| step.report.asked.about.as_str());
    let content = html! {
        (search(capacity))
        @if let Some(step) = shown {
            h2 { "The run at " (step.messages_per_s) " messages a second" }
            (body(&step.report))
        }
    };
    whole(about, &content)
}

fn whole(about: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Load report: " (about) }
                style { (PreEscaped(STYLE)) }
            }
            body { h1 { "Load report" } p { (about) } (content) }
        }
    };
    page.into_string()
}

fn body(report: &Report) -> Markup {
    html! {
        (outcome(report))
        h2 { "What was asked, of what" }
        (pairs(&asked(report)))
        h2 { "What came of it" }
        (pairs(&rows(report)))
        @if let Some(telling) = &report.telling { (alerts(telling)) }
        @for (title, plot) in plots(report) {
            @if let Some(svg) = plot.svg() { h2 { (title) } (PreEscaped(svg)) }
        }
    }
}

fn outcome(report: &Report) -> Markup {
    html! {
        @if report.is_good() {
            p.good { "The figures hold: nothing was lost, and nobody was told of what never was." }
        } @else {
            div.bad { p { "The run was not good:" } ul { @for fault in &report.faults { li { (fault) } } } }
        }
    }
}

fn asked(report: &Report) -> Vec<(String, String)> {
    let (asked, machine) = (&report.asked, &report.machine);
    let unknown = || "unknown".to_owned();
    let row = |name: &str, value: String| (name.to_owned(), value);
    let mut rows = vec![
        row("began", report.began.to_string()),
        row("seed", asked.seed.to_string()),
        row("wearers", asked.wearers.to_string()),
        row("partitions", asked.partitions.to_string()),
        row("connections", asked.connections.to_string()),
    ];
    rows.extend(traffic(&asked.traffic));
    rows.push(row(
        "machine",
        format!(
            "{}, {} cores, {} MiB, Linux {}",
            machine.processor, machine.cores, machine.memory_mib, machine.kernel
        ),
    ));
    rows.push(row("simulator", report.versions.simulator.clone()));
    rows.push(row(
        "tagwatch",
        report.versions.tagwatch.clone().unwrap_or_else(unknown),
    ));
    rows.push(row(
        "broker",
        report.versions.broker.clone().unwrap_or_else(unknown),
    ));
    rows
}

fn traffic(traffic: &Traffic) -> Vec<(String, String)> {
    match traffic {
        Traffic::World {
            start,
            seconds,
            speed,
        } => vec![
            ("the world begins".to_owned(), start.to_string()),
            (
                "for".to_owned(),
                format!("{seconds} s by the installation's clock, {speed} times life"),
            ),
        ],
        Traffic::Load {
            readings_per_message,
            warm_up_s,
            stages,
            alerts_per_s,
        } => {
            let stage = |stage: &crate::load::Stage| {
                let to = stage
                    .to_messages_per_s
                    .map_or_else(String::new, |to| format!(" to {to}"));
                format!(
                    "{}{to} messages/s for {} s",
                    stage.messages_per_s, stage.seconds
                )
            };
            let stages: Vec<String> = stages.iter().map(stage).collect();
            vec![
                ("rates".to_owned(), stages.join(", then ")),
                (
                    "readings a message".to_owned(),
                    readings_per_message.to_string(),
                ),
                ("straps cut".to_owned(), format!("{alerts_per_s} a second")),
                (
                    "not measured".to_owned(),
                    format!("the first {warm_up_s} s"),
                ),
            ]
        }
    }
}

fn pairs(rows: &[(String, String)]) -> Markup {
    html! { table { @for (name, value) in rows { tr { th scope="row" { (name) } td { (value) } } } } }
}

fn alerts(telling: &Telling) -> Markup {
    let counts = |tally: &KindTally| [tally.planned, tally.found, tally.missed, tally.false_alerts];
    let tallies = telling.alerts.iter();
    let bars = Bars {
        names: ["planned", "found", "missed", "false"],
        kinds: tallies
            .map(|tally| (tally.kind.as_str(), counts(tally)))
            .collect(),
    };
    html! {
        h2 { "Alerts by kind" }
        @if let Some(svg) = bars.svg() { (PreEscaped(svg)) }
        table {
            tr { th { "kind" } @for name in bars.names { th.n { (name) } } }
            @for (kind, counts) in &bars.kinds {
                tr { th scope="row" { (kind) } @for count in counts { td.n { (count) } } }
            }
        }
    }
}

fn search(capacity: &Capacity) -> Markup {
    let held = capacity
        .messages_per_s
        .zip(capacity.readings_per_s)
        .zip(capacity.wearers_at_a_fix_a_minute);
    let p99 = |delays: Delays| span(delays.p99_ms);
    let curve = |of: fn(&Telling) -> Delays, name: &str| {
        let point = |step: &crate::run::Step| {
            Some((
                f64::from(step.messages_per_s),
                of(step.report.telling.as_ref()?).p99_ms,
            ))
        };
        let mut points: Vec<(f64, f64)> = capacity.steps.iter().filter_map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Line {
            name: name.to_owned(),
            points,
        }
    };
    let plot = Plot {
        x: "messages a second",
        y: "p99, ms",
        is_log: true,
        lines: vec![
            curve(|t| t.from_publish, "publish to notification"),
            curve(|t| t.from_receipt, "receipt to notification"),
        ],
    };
    html! {
        @match held {
            Some(((messages, readings), wearers)) => p.good {
                (messages) " messages a second hold, " (readings) " readings: " b { (wearers) " wearers" } " at one fix a minute, with p99 from publish to notification under "
                (span(capacity.bound_ms)) "."
            },
            None => p.bad { "Not even the lowest rate tried holds." },
        }
        p { "What ended the search: " (capacity.limit) "." }
        table {
            tr { th.n { "messages/s" } th { "holds" } th.n { "p99 publish to notification" } th { "why not" } }
            @for step in &capacity.steps {
                tr {
                    td.n { (step.messages_per_s) }
                    td { @if step.holds { "yes" } @else { "no" } }
                    td.n { @if let Some(telling) = &step.report.telling { (p99(telling.from_publish)) } }
                    td { (step.why_not.join("; ")) }
                }
            }
        }
        @if let Some(svg) = plot.svg() { (PreEscaped(svg)) }
    }
}

fn plots(report: &Report) -> Vec<(&'static str, Plot<'static>)> {
    let moments = &report.moments;
    let per_s = |y, lines| Plot {
        x: "seconds",
        y,
        is_log: false,
        lines,
    };
    let delays = |lines| Plot {
        x: "seconds",
        y: "ms",
        is_log: true,
        lines,
    };
    let stretches = &report.stretches;
    vec![
        ("Throughput", per_s("a second", throughput(moments))),
        (
            "From publish to notification",
            delays(percentiles(stretches, |s| s.from_publish)),
        ),
        (
            "From receipt to notification",
            delays(percentiles(stretches, |s| s.from_receipt)),
        ),
        (
            "From event to notification",
            delays(percentiles(stretches, |s| s.from_event)),
        ),
        ("Processor time", per_s("cores", cores(report))),
        ("Memory", per_s("MiB", memory(report))),
        ("Waiting in queues", per_s("", waiting(moments))),
    ]
}

fn throughput(moments: &[Moment]) -> Vec<Line> {
    vec![
        line("messages planned", rates(moments, |m| m.planned)),
        line("messages sent", rates(moments, |m| Some(float(m.sent)))),
        line(
            "messages acknowledged",
            rates(moments, |m| Some(float(m.acknowledged))),
        ),
        line("readings journaled", rates(moments, |m| m.taken_in)),
    ]
}

fn waiting(moments: &[Moment]) -> Vec<Line> {
    let at = |of: fn(&Moment) -> Option<f64>| {
        moments
            .iter()
            .filter_map(|m| Some((m.at_s, of(m)?)))
            .collect()
    };
    vec![
        line("messages that the broker holds", at(|m| m.broker_held)),
        line("notifications", at(|m| m.waiting)),
    ]
}

fn percentiles(stretches: &[Stretch], of: fn(&Stretch) -> Delays) -> Vec<Line> {
    let told = || stretches.iter().filter(|stretch| of(stretch).count > 0);
    let points = |which: fn(Delays) -> f64| told().map(|s| (s.at_s, which(of(s)))).collect();
    vec![
        line("p50", points(|d| d.p50_ms)),
        line("p90", points(|d| d.p90_ms)),
        line("p99", points(|d| d.p99_ms)),
        line("longest", points(|d| d.max_ms)),
    ]
}

fn cores(report: &Report) -> Vec<Line> {
    each_process(report, |number| {
        rates(&report.moments, |m| {
            Some(m.processes.get(number)?.as_ref()?.cpu_s)
        })
    })
}

fn memory(report: &Report) -> Vec<Line> {
    let at = |number: usize| {
        let used = |m: &Moment| Some((m.at_s, m.processes.get(number)?.as_ref()?.memory_mib));
        report.moments.iter().filter_map(used).collect()
    };
    each_process(report, at)
}

fn each_process(report: &Report, of: impl Fn(usize) -> Vec<(f64, f64)>) -> Vec<Line> {
    let processes = (0..).zip(&report.processes);
    processes
        .map(|(number, process)| line(&process.name, of(number)))
        .collect()
}

/// What a count grew by each second.
fn rates(moments: &[Moment], of: impl Fn(&Moment) -> Option<f64>) -> Vec<(f64, f64)> {
    let pairs = moments.iter().zip(moments.iter().skip(1));
    let rate = |(before, after): (&Moment, &Moment)| {
        let seconds = after.at_s - before.at_s;
        let grown = of(after)? - of(before)?;
        (seconds > 0.0).then(|| (after.at_s, (grown / seconds).max(0.0)))
    };
    pairs.filter_map(rate).collect()
}

fn line(name: &str, points: Vec<(f64, f64)>) -> Line {
    Line {
        name: name.to_owned(),
        points,
    }
}
