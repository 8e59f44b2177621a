//! Tables in Markdown.

use std::fmt::Write as _;

use simulator::report::Delays;

use super::super::growth::Growing;
use super::{EngineGrown, Figures};

/// Each table with its name.
pub(super) fn all(figures: &Figures) -> [(&'static str, String); 5] {
    [
        ("limits", limits(figures)),
        ("pipeline", pipeline(figures)),
        ("latency", latency(figures)),
        ("growth", growth(figures)),
        ("peers", peers(figures)),
    ]
}

/// A table: the heads of its columns, and its rows.
fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!(
        "| {} |\n|{}\n",
        heads.join(" | "),
        "---|".repeat(heads.len())
    );
    for row in rows {
        // Writing to a text cannot fail.
        writeln!(text, "| {} |", row.join(" | ")).ok();
    }
    text
}

fn limits(figures: &Figures) -> String {
    let rows = figures
        .limits
        .iter()
        .map(|limit| vec![limit.what.clone(), thousands(limit.per_s)]);
    table(&["alone", "readings/s"], rows)
}

fn pipeline(figures: &Figures) -> String {
    let heads = [
        "store",
        "partitions",
        "wearers",
        "fixes a message",
        "readings/s",
        "of the null consumer's",
        "of the store's",
        "CPU s per million: tagwatch",
        "broker",
        "PostgreSQL",
        "readings a commit",
    ];
    let rows = figures.drain.iter().map(|drained| {
        let (least, most) = drained.share_range;
        let alone = figures
            .limits
            .iter()
            .find(|limit| limit.what.starts_with(&format!("{} alone", drained.store)));
        vec![
            drained.store.clone(),
            drained.partitions.to_string(),
            thousands(f64::from(drained.wearers)),
            drained.batch.to_string(),
            thousands(drained.per_s),
            format!(
                "{:.1} % ({:.1}–{:.1})",
                100.0 * drained.share,
                100.0 * least,
                100.0 * most
            ),
            alone.map_or_else(String::new, |alone| {
                format!("{:.0} %", 100.0 * drained.per_s / alone.per_s)
            }),
            format!("{:.0}", drained.cpu.tagwatch),
            format!("{:.1}", drained.cpu.broker),
            format!("{:.0}", drained.cpu.store),
            format!("{:.0}", drained.per_commit),
        ]
    });
    table(&heads, rows)
}

fn latency(figures: &Figures) -> String {
    let heads = [
        "store",
        "while",
        "alerts",
        "half within",
        "99 %",
        "99.9 %",
        "all",
    ];
    let rows = figures.latency.iter().flat_map(|latency| {
        let load = thousands(latency.load_per_s.into());
        let storm = format!(
            "{} stored-up readings rush in, all journaled within {:.0} s",
            thousands(f64::from(latency.stored)),
            latency.stored_within_s
        );
        [
            row(
                latency.store.clone(),
                format!("{load} fixes/s"),
                &latency.steady,
            ),
            row(latency.store.clone(), storm, &latency.storm),
        ]
    });
    table(&heads, rows)
}

fn row(store: String, what: String, delays: &Delays) -> Vec<String> {
    let times = [delays.p50_ms, delays.p99_ms, delays.p999_ms, delays.max_ms];
    let mut row = vec![store, what, delays.count.to_string()];
    row.extend(times.map(|ms| format!("{} ms", thousands(ms))));
    row
}

/// A row for each store and what grows, with all sizes in it.
fn growth(figures: &Figures) -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for grown in &figures.growth {
        let (what, size) = match grown.what {
            Growing::History => ("readings/s, by days", format!("{:.2}", grown.size)),
            Growing::OpenAlerts => ("alerts/s, by alerts open", thousands(grown.size)),
        };
        let found = format!("{size}: {}", thousands(grown.per_s));
        let alike = |row: &&mut [String; 3]| row[0] == grown.store && row[1] == what;
        match rows.iter_mut().find(alike) {
            Some([_, _, sizes]) => *sizes = format!("{sizes}; {found}"),
            None => rows.push([grown.store.clone(), what.to_owned(), found]),
        }
    }
    let rows = rows.into_iter().map(|row| row.to_vec());
    table(&["store", "", "at each size"], rows)
}

/// A row for each thing that grows, with all sizes in it.
pub(super) fn engine(grown: &[EngineGrown]) -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for EngineGrown {
        what,
        size,
        ns,
        ns_quartiles: (low, high),
        bytes_per_wearer,
    } in grown
    {
        let size = thousands(f64::from(*size));
        let found = format!("{size}: {ns:.0} ({low:.0}–{high:.0})");
        let bytes = bytes_per_wearer.map_or_else(String::new, |bytes| format!("{bytes} B"));
        match rows.iter_mut().find(|row| row[0] == *what) {
            Some([_, sizes, last]) => (*sizes, *last) = (format!("{sizes}; {found}"), bytes),
            None => rows.push([what.clone(), found, bytes]),
        }
    }
    let heads = [
        "what grows",
        "nanoseconds a fix (quartiles), at each size",
        "a wearer",
    ];
    table(&heads, rows.into_iter().map(|row| row.to_vec()))
}

fn peers(figures: &Figures) -> String {
    let heads = [
        "question",
        "peer",
        "zones",
        "fixes",
        "tagwatch fixes/s",
        "the peer's",
        "times",
        "answers",
        "differing",
    ];
    let rows = figures.peers.iter().map(|peer| {
        vec![
            peer.question.clone(),
            peer.peer.clone(),
            thousands(f64::from(peer.zones)),
            thousands(f64::from(peer.fixes)),
            thousands(peer.ours_per_s),
            thousands(peer.theirs_per_s),
            times(peer.ours_per_s / peer.theirs_per_s),
            thousands(f64::from(peer.pairs)),
            peer.differ.to_string(),
        ]
    });
    table(&heads, rows)
}

/// How many times as many, to two digits where they are few.
fn times(ratio: f64) -> String {
    if ratio < 10.0 {
        format!("{ratio:.1}")
    } else {
        format!("{ratio:.0}")
    }
}

/// A whole number with commas, and three digits of it at most: the rest is noise.
fn thousands(figure: f64) -> String {
    let digits = if figure >= 1_000.0 {
        let unit = 10_f64.powf(figure.log10().floor() - 2.0);
        format!("{:.0}", (figure / unit).round() * unit)
    } else {
        format!("{figure:.0}")
    };
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
