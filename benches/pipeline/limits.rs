//! What nothing that takes readings in can pass: the parts alone, with nothing around them.

use std::hint::black_box;
use std::num::NonZeroU16;
use std::time::Instant;

use anyhow::anyhow;
use geometry::{Area, ZoneSet};
use model::{DeviceReading, GeoPoint, Metres, ReadingBody};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tagwatch::store::JournalEntry;
use tokio::runtime::Runtime;
use wire::topic::NativeTopic;

use super::county::{Amount, County, exclusion_zones};
use super::options::{Kind, Options};
use super::owner::{COMMITTED, Owner};
use super::sample::{lossless, median};

/// What a wearer takes in memory, in bytes, and the cache lines of it that a fix touches (docs/performance.md).
const WEARER_BYTES: usize = 17_000;
const LINES_TOUCHED: usize = 100;
const LINE_BYTES: usize = 64;

/// A part alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Limit {
    pub(crate) what: String,
    /// Readings a second: the median of the rounds.
    pub(crate) per_s: f64,
}

type Upload = (NativeTopic, Vec<DeviceReading>);

/// Measures them all.
pub(crate) fn measure(runtime: &Runtime, options: &Options) -> anyhow::Result<Vec<Limit>> {
    let mut limits = Vec::new();
    let wearers = options.wearers.iter().copied().max().unwrap_or(1);
    for batch in options.batch.iter().copied() {
        let messages = options.messages;
        let amount = Amount { messages, batch };
        let uploads = uploads(wearers, amount)?;
        let what = format!("JSON decoded, {batch} a message");
        limits.push(of(what, options.rounds, || decode(&uploads))?);
    }
    let amount = Amount {
        messages: options.messages,
        batch: 1,
    };
    let uploads = uploads(wearers, amount)?;
    for kind in &options.store {
        let what = format!("{} alone, {COMMITTED} a transaction", kind.name());
        limits.push(of(what, options.rounds, || {
            commit(runtime, *kind, &uploads)
        })?);
    }
    let set = zone_set(wearers)?;
    let what = format!("R-tree of {} zones", set.len());
    limits.push(of(what, options.rounds, || look_up(&set, &uploads))?);
    let memory = vec![1_u8; wearers * WEARER_BYTES];
    let what = format!("{LINES_TOUCHED} cache lines of one of {wearers} wearers");
    limits.push(of(what, options.rounds, || touch(&memory, uploads.len()))?);
    Ok(limits)
}

fn of(
    what: String,
    rounds: usize,
    mut once: impl FnMut() -> anyhow::Result<f64>,
) -> anyhow::Result<Limit> {
    once()?;
    let figures = (0..rounds)
        .map(|_| once())
        .collect::<anyhow::Result<Vec<f64>>>()?;
    let per_s = median(figures.into_iter());
    Ok(Limit { what, per_s })
}

fn uploads(wearers: usize, amount: Amount) -> anyhow::Result<Vec<Upload>> {
    let mut county = County::new(wearers, NonZeroU16::MIN, (amount, 1))?;
    Ok(county.upload(amount)?.collect())
}

/// So many in the time since then.
fn rate(count: usize, begun: Instant) -> anyhow::Result<f64> {
    Ok(lossless(count)? / begun.elapsed().as_secs_f64())
}

fn decode(uploads: &[Upload]) -> anyhow::Result<f64> {
    let payloads: Vec<(&NativeTopic, Vec<u8>)> = uploads
        .iter()
        .map(|(topic, readings)| (topic, wire::encode(readings)))
        .collect();
    let begun = Instant::now();
    let mut count = 0;
    for (topic, payload) in &payloads {
        count += black_box(wire::decode(topic, payload)?).len();
    }
    rate(count, begun)
}

/// One partition of a new store, batch after batch.
fn commit(runtime: &Runtime, kind: Kind, uploads: &[Upload]) -> anyhow::Result<f64> {
    runtime.block_on(async {
        let mut owner = Owner::new(kind).await?;
        let reports = uploads.iter().flat_map(|(_, readings)| readings).cloned();
        let entries = owner.entries(reports)?;
        let batches: Vec<Vec<JournalEntry>> =
            entries.chunks(COMMITTED).map(<[_]>::to_vec).collect();
        let begun = Instant::now();
        for batch in batches {
            owner.commit(batch, Vec::new()).await?;
        }
        let per_s = rate(entries.len(), begun);
        owner.close().await;
        per_s
    })
}

/// The exclusion zones of so many wearers in one set.
pub(crate) fn zone_set(wearers: usize) -> anyhow::Result<ZoneSet> {
    let features: Vec<Value> = (0..wearers).flat_map(exclusion_zones).collect();
    let zones = geometry::read_zones(&json!({"type": "FeatureCollection", "features": features}))
        .map_err(|faults| anyhow!("{} zones cannot be read", faults.len()))?;
    let areas = zones.iter().map(Area::new).collect::<Result<Vec<_>, _>>()?;
    Ok(ZoneSet::new(areas))
}

/// Where the fixes are.
fn points(uploads: &[Upload]) -> anyhow::Result<Vec<GeoPoint>> {
    let readings = uploads.iter().flat_map(|(_, readings)| readings);
    readings
        .filter_map(|reading| match &reading.body {
            ReadingBody::Position(position) => Some(GeoPoint::new(position.lat, position.lon)),
            ReadingBody::Presence { .. }
            | ReadingBody::Alcohol(_)
            | ReadingBody::Event(_)
            | ReadingBody::CheckIn(_) => None,
        })
        .map(|point| Ok(point?))
        .collect()
}

fn look_up(set: &ZoneSet, uploads: &[Upload]) -> anyhow::Result<f64> {
    let points = points(uploads)?;
    let begun = Instant::now();
    for point in &points {
        black_box(set.near(*point, Metres(0.0)));
    }
    rate(points.len(), begun)
}

/// Reads a byte of so many lines, spread over the memory of somebody nobody foresees.
fn touch(memory: &[u8], times: usize) -> anyhow::Result<f64> {
    let mut dice = Pcg64Mcg::seed_from_u64(1);
    let wearers: Vec<&[u8]> = memory.chunks_exact(WEARER_BYTES).collect();
    let order: Vec<usize> = (0..times)
        .map(|_| dice.random_range(0..wearers.len()))
        .collect();
    let stride = WEARER_BYTES / LINES_TOUCHED / LINE_BYTES * LINE_BYTES;
    let begun = Instant::now();
    for number in order {
        let wearer = wearers.get(number).copied().unwrap_or_default();
        let lines = wearer.iter().step_by(stride).take(LINES_TOUCHED);
        black_box(lines.map(|byte| u64::from(*byte)).sum::<u64>());
    }
    rate(times, begun)
}
