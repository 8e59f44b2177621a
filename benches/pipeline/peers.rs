//! The same question, put to PostGIS: in which of many zones are these fixes, and which are they near?

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Context, ensure};
use geometry::ZoneSet;
use model::{GeoPoint, Metres};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use testbed::{Durability, Postgres};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Statement};

use super::county::{self, exclusion_zones};
use super::limits;
use super::sample::{lossless, median};

/// Fixes asked about at a time.
const ASKED: usize = 1_000;

/// Times so many are asked about.
const TIMES: usize = 20;

/// How near is near.
const NEAR: Metres = Metres(100.0);

/// Distances differ by up to 0.11 % near a zone (docs of `geometry`); what lies so close to [`NEAR`] may be
/// told apart.
const NEAR_TOLERANCE: f64 = 0.002;

const TABLE: &str = "CREATE EXTENSION postgis;
    CREATE TABLE zones (number bigint, area geometry(Polygon, 4326), on_earth geography(Polygon, 4326))";

const INSERT: &str = "INSERT INTO zones
    SELECT n, area, area::geography FROM (
        SELECT n, ST_SetSRID(ST_GeomFromGeoJSON(text), 4326) AS area
        FROM unnest($1::text[]) WITH ORDINALITY AS given (text, n)) AS made";

const INDICES: &str = "CREATE INDEX zones_area ON zones USING gist (area);
    CREATE INDEX zones_on_earth ON zones USING gist (on_earth)";

const FIXES: &str = "unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS fix (lon, lat, n)";

/// What was found of one question.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Peer {
    pub(crate) question: String,
    pub(crate) zones: u32,
    pub(crate) fixes: u32,
    /// Fixes a second, of ours and of PostGIS, on one core each.
    pub(crate) ours_per_s: f64,
    pub(crate) postgis_per_s: f64,
    /// Pairs of fix and zone that are answered.
    pub(crate) pairs: u32,
    /// Pairs that only one of them answers, all within the tolerance of distances.
    pub(crate) differ: usize,
}

/// A pair of fix and zone, by number.
type Pair = (usize, usize);

/// A question, to both.
struct Question {
    name: &'static str,
    sql: &'static str,
    margin: Metres,
}

const QUESTIONS: [Question; 2] = [
    Question {
        name: "contained (ST_Contains)",
        sql: "ST_Contains(area, ST_SetSRID(ST_MakePoint(lon, lat), 4326))",
        margin: Metres(0.0),
    },
    Question {
        name: "within 100 m (ST_DWithin)",
        sql: "ST_DWithin(on_earth, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography, 100.0)",
        margin: NEAR,
    },
];

/// Asks both; an error where PostGIS cannot be had.
pub(crate) fn measure(
    runtime: &Runtime,
    wearers: usize,
    rounds: usize,
) -> anyhow::Result<Vec<Peer>> {
    let set = limits::zone_set(wearers)?;
    let fixes = fixes()?;
    let server = Postgres::start(Durability::Synced, "jit = off")?;
    let url = server.database()?.url;
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        let connection = tokio::spawn(connection);
        client
            .batch_execute(TABLE)
            .await
            .context("PostGIS cannot be had: postgresql-15-postgis-3")?;
        let shapes: Vec<String> = (0..wearers)
            .flat_map(exclusion_zones)
            .filter_map(|feature| Some(feature.get("geometry")?.to_string()))
            .collect();
        client.execute(INSERT, &[&shapes]).await?;
        client.batch_execute(INDICES).await?;
        // Not within what several statements at once are: a transaction.
        client.batch_execute("VACUUM ANALYZE zones").await?;
        let mut peers = Vec::new();
        for question in &QUESTIONS {
            peers.push(ask(&client, &set, &fixes, question, rounds).await?);
        }
        drop(client);
        connection.await??;
        Ok(peers)
    })
}

async fn ask(
    client: &Client,
    set: &ZoneSet,
    fixes: &[GeoPoint],
    question: &Question,
    rounds: usize,
) -> anyhow::Result<Peer> {
    let Question { name, sql, margin } = question;
    let sql = format!("SELECT n, number FROM {FIXES} JOIN zones ON {sql}");
    let statement = client.prepare(&sql).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut answer, mut their_answer) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..=rounds {
        let begun = Instant::now();
        let found = our_answer(set, fixes, *margin);
        ours.push(lossless(fixes.len())? / begun.elapsed().as_secs_f64());
        answer = found.into_iter().collect();
        let begun = Instant::now();
        let found = postgis(client, &statement, fixes).await?;
        theirs.push(lossless(fixes.len())? / begun.elapsed().as_secs_f64());
        their_answer = found.into_iter().collect();
    }
    let differ: Vec<Pair> = answer
        .symmetric_difference(&their_answer)
        .copied()
        .collect();
    for pair in &differ {
        ensure!(
            is_close(set, fixes, *pair, *margin),
            "{name}: {pair:?} is told apart"
        );
    }
    Ok(Peer {
        question: (*name).to_owned(),
        zones: u32::try_from(set.len())?,
        fixes: u32::try_from(fixes.len())?,
        ours_per_s: median(ours.into_iter().skip(1)),
        postgis_per_s: median(theirs.into_iter().skip(1)),
        pairs: u32::try_from(answer.len())?,
        differ: differ.len(),
    })
}

fn our_answer(set: &ZoneSet, fixes: &[GeoPoint], margin: Metres) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (number, fix) in fixes.iter().enumerate() {
        for index in set.near(*fix, margin) {
            let area = set.get(index);
            if area.is_some_and(|area| area.signed_distance(*fix).0 > -margin.0) {
                pairs.push((number, index));
            }
        }
    }
    pairs
}

async fn postgis(
    client: &Client,
    statement: &Statement,
    fixes: &[GeoPoint],
) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for (chunk, before) in fixes.chunks(ASKED).zip((0..).step_by(ASKED)) {
        let lon: Vec<f64> = chunk.iter().map(|fix| fix.lon.degrees()).collect();
        let lat: Vec<f64> = chunk.iter().map(|fix| fix.lat.degrees()).collect();
        for row in client.query(statement, &[&lon, &lat]).await? {
            let (n, number): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            pairs.push((
                before + usize::try_from(n - 1)?,
                usize::try_from(number - 1)?,
            ));
        }
    }
    Ok(pairs)
}

/// Whether the edge in question is so close that distances may differ about it.
fn is_close(set: &ZoneSet, fixes: &[GeoPoint], (fix, zone): Pair, margin: Metres) -> bool {
    let (Some(fix), Some(area)) = (fixes.get(fix), set.get(zone)) else {
        return false;
    };
    (area.signed_distance(*fix).0 + margin.0).abs() <= margin.0 * NEAR_TOLERANCE
}

/// Fixes all over the county.
fn fixes() -> anyhow::Result<Vec<GeoPoint>> {
    let mut dice = Pcg64Mcg::seed_from_u64(1);
    let mut anywhere = || dice.random_range(-0.5..0.5);
    (0..ASKED * TIMES)
        .map(|_| {
            let (lat, lon) = county::spot(anywhere(), anywhere());
            Ok(GeoPoint::new(lat, lon)?)
        })
        .collect()
}
