//! What a fix costs as an installation grows: wearers, zones, corners. Prints a table, and as JSON with `--json`.

use std::time::Instant;

use allocation_counter::measure;
use engine::{Engine, RulesPolicy};
use model::registry::ZoneRef;
use model::{PolicyChange, Reading};
use serde_json::{Value, json};
use support::{
    COUNTY_M, Failure, Fixes, UNTIL_SETTLED, polygon, school_set, settle, spot, watching,
};

#[path = "support/mod.rs"]
mod support;

/// Fixes of a round.
const ROUND: usize = 100_000;

/// A square with sides of this is as large as England, in metres.
const COUNTRY_M: f64 = 360_000.0;

/// Readings of a batch.
const BATCH: usize = 500;

/// Rounds, of which the median counts; the first warms up.
const ROUNDS: usize = 7;

/// Wearers where something else grows: few enough to stay in a cache.
const FEW: u32 = 1_000;

/// The middle of the town whose zones overlap, away from every home's own.
const TOWN: (f64, f64) = (0.0, 0.0);

/// What was measured.
struct Row {
    what: &'static str,
    size: u32,
    nanoseconds: f64,
    quartiles: (f64, f64),
    bytes_per_wearer: Option<i64>,
    decisions: usize,
}

/// Wearers in an order that no cache foresees: multiplied by a number that shares no factor with theirs.
fn shuffled(wearers: u32) -> impl Iterator<Item = u32> {
    let stride = (1u64..)
        .map(|step| 2_654_435_761 + step)
        .find(|stride| gcd(*stride, wearers.into()) == 1);
    let stride = stride.unwrap_or(1);
    (0u64..).map(move |n| u32::try_from(n * stride % u64::from(wearers)).unwrap_or_default())
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Hands a batch in, as a partition does.
fn hand_in(engine: &mut Engine, batch: &[Reading]) -> usize {
    let foreseen: Vec<&Reading> = batch.iter().collect();
    engine.foresee(&foreseen);
    support::hand_in(engine, batch)
}

/// Times fixes of wearers of whom all is known that there is to know.
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn time(
    engine: &mut Engine,
    wearers: u32,
    fixes: &mut Fixes,
) -> Result<(f64, (f64, f64), usize), Failure> {
    let mut order = shuffled(wearers);
    let mut rounds = Vec::new();
    let mut decisions = 0;
    for _ in 0..ROUNDS {
        let readings: Vec<Reading> = order
            .by_ref()
            .take(ROUND)
            .map(|n| fixes.next(n))
            .collect::<Result<_, _>>()?;
        let begun = Instant::now();
        decisions = readings
            .chunks(BATCH)
            .map(|batch| hand_in(engine, batch))
            .sum();
        rounds.push(begun.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(ROUND)?));
    }
    rounds.remove(0);
    rounds.sort_by(f64::total_cmp);
    let at = |share: usize| {
        rounds
            .get(rounds.len() * share / 4)
            .copied()
            .unwrap_or(f64::NAN)
    };
    Ok((at(2), (at(1), at(3)), decisions))
}

fn row(
    what: &'static str,
    size: u32,
    wearers: u32,
    shared: &[PolicyChange],
    more: &[ZoneRef],
) -> Result<Row, Failure> {
    let mut made = Ok(Engine::new(RulesPolicy::default()));
    let registered = measure(|| made = watching(wearers, shared, more));
    let mut engine = made?;
    let mut fixes = Fixes::new(wearers)?;
    let mut settled = Ok(0);
    let heard = measure(|| settled = settle(&mut engine, &mut fixes, UNTIL_SETTLED));
    settled?;
    let (nanoseconds, quartiles, decisions) = time(&mut engine, wearers, &mut fixes)?;
    let kept = registered.bytes_current + heard.bytes_current;
    let bytes_per_wearer = (shared.is_empty()).then(|| kept / i64::from(wearers));
    Ok(Row {
        what,
        size,
        nanoseconds,
        quartiles,
        bytes_per_wearer,
        decisions,
    })
}

/// Few wearers, of whom so many are in a zone that they may not enter, each with an alert open.
fn breaching(count: u32) -> Result<Row, Failure> {
    let mut engine = watching(FEW, &[], &[])?;
    let mut fixes = Fixes::new(FEW)?;
    fixes.breaching = count;
    settle(&mut engine, &mut fixes, UNTIL_SETTLED)?;
    let (nanoseconds, quartiles, decisions) = time(&mut engine, FEW, &mut fixes)?;
    Ok(Row {
        what: "alerts open",
        size: count,
        nanoseconds,
        quartiles,
        bytes_per_wearer: None,
        decisions,
    })
}

/// Zones of other people around the middle of a town, where wearers are.
fn others(count: u32) -> Result<Vec<PolicyChange>, Failure> {
    let zone = |number: u32| {
        let offset = f64::from(number % 100) - 50.0;
        polygon(
            &format!("T-{number}"),
            spot(TOWN.0 + offset, TOWN.1 + offset),
            40_000.0,
            support::VERTICES,
        )
    };
    (0..count)
        .map(|number| Ok(PolicyChange::Zone(zone(number)?)))
        .collect()
}

fn rows() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let most = std::env::var("GROWTH_WEARERS_MAX")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    for wearers in [1_000, 25_000, 250_000, 1_000_000]
        .into_iter()
        .filter(|n| *n <= most)
    {
        rows.push(row("wearers, in random order", wearers, wearers, &[], &[])?);
    }
    let sets = [
        ("zones of a set shared by a country", COUNTRY_M),
        ("zones of a set in one county", COUNTY_M),
    ];
    for (what, side_m) in sets {
        for count in [50, 500, 5_000, 50_000] {
            let (set, named) = school_set(count, side_m)?;
            rows.push(row(what, count, FEW, &[set], &[named])?);
        }
    }
    for count in [25, 250, 2_500, 25_000] {
        rows.push(row(
            "other people's zones over everybody",
            count,
            FEW,
            &others(count)?,
            &[],
        )?);
    }
    for vertices in [32, 100, 1_000, 10_000] {
        let large = polygon("L-1", spot(0.0, 90_000.0), 20_000.0, vertices)?;
        let named = ZoneRef::Zone(large.id.clone());
        rows.push(row(
            "corners of a zone next to everybody",
            vertices,
            FEW,
            &[PolicyChange::Zone(large)],
            &[named],
        )?);
    }
    for open in [1, 10, 100, 1_000] {
        rows.push(breaching(open)?);
    }
    Ok(rows)
}

impl Row {
    fn json(&self) -> Value {
        json!({
            "what": self.what, "size": self.size, "ns": self.nanoseconds,
            "ns_quartiles": [self.quartiles.0, self.quartiles.1],
            "bytes_per_wearer": self.bytes_per_wearer, "decisions": self.decisions,
        })
    }
}

#[expect(clippy::print_stdout, reason = "the table is what it is run for")]
fn main() -> Result<(), Failure> {
    let json = std::env::args().any(|argument| argument == "--json");
    for row in rows()? {
        if json {
            println!("{}", row.json());
        } else {
            let bytes = row
                .bytes_per_wearer
                .map_or_else(String::new, |bytes| format!("{bytes} B a wearer"));
            let (low, high) = row.quartiles;
            println!(
                "{:38} {:>9} {:>8.0} ns ({low:.0}–{high:.0}) {bytes} {} decisions",
                row.what, row.size, row.nanoseconds, row.decisions
            );
        }
    }
    Ok(())
}
