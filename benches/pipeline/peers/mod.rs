//! The same questions, put to others: in which of many zones are these fixes, and which are they near?
//!
//! Everybody answers about the same zones and fixes, a thousand at a time, on one core. What they answer
//! is compared with ours, pair by pair.

mod postgis;
mod script;

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::ensure;
use geometry::ZoneSet;
use model::{GeoPoint, Metres};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::county::{self, exclusion_zones};
use super::limits;
use super::sample::{lossless, median};

/// GEOS, the library below PostGIS and most else: a tree in memory, and no server. SpatiaLite: a table with an R*Tree in
/// a SQLite in memory, from Python too, since loading an extension is unsafe code in Rust.
const SCRIPTS: [&str; 2] = ["geos.py", "spatialite.py"];

/// Fixes asked about at a time.
const ASKED: usize = 1_000;

/// Times so many are asked about.
const TIMES: usize = 20;

/// How near is near.
const NEAR: Metres = Metres(100.0);

/// Ours differ from distances on the ellipsoid by up to 0.11 % near a zone (docs of `geometry`), those on
/// a map by up to 0.002 % (`cone.py`); what lies so close to [`NEAR`] may be told apart.
const NEAR_TOLERANCE: f64 = 0.002;

/// What was found of one question to one peer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Peer {
    pub(crate) question: String,
    /// Who was asked, and of which version.
    #[serde(default = "postgis_alone")]
    pub(crate) peer: String,
    pub(crate) zones: u32,
    pub(crate) fixes: u32,
    /// Fixes a second, of ours and of the peer, on one core each.
    pub(crate) ours_per_s: f64,
    #[serde(alias = "postgis_per_s")]
    pub(crate) theirs_per_s: f64,
    /// Pairs of fix and zone that are answered.
    pub(crate) pairs: u32,
    /// Pairs that only one of them answers, all within the tolerance of distances.
    pub(crate) differ: usize,
}

/// Figures that are kept from before there was anybody else say nothing of whom was asked.
fn postgis_alone() -> String {
    "PostGIS".to_owned()
}

/// A pair of fix and zone, by number.
type Pair = (usize, usize);

/// What is asked about.
struct Task {
    set: ZoneSet,
    /// The same zones, as GeoJSON.
    features: Vec<Value>,
    fixes: Vec<GeoPoint>,
    /// Rounds that count, after one that does not.
    rounds: usize,
}

/// What somebody answers to both questions.
#[derive(Debug, Deserialize)]
struct Answers {
    /// Who they are, and of which version.
    name: String,
    contained: Answer,
    near: Answer,
}

/// What somebody answers to one.
#[derive(Debug, Deserialize)]
struct Answer {
    /// What each round took.
    seconds: Vec<f64>,
    pairs: Vec<Pair>,
}

/// Asks everybody; an error where PostGIS cannot be had, and one line for each other who cannot.
pub(crate) fn measure(
    runtime: &Runtime,
    wearers: usize,
    rounds: usize,
) -> anyhow::Result<Vec<Peer>> {
    let task = Task {
        set: limits::zone_set(wearers)?,
        features: (0..wearers).flat_map(exclusion_zones).collect(),
        fixes: fixes()?,
        rounds,
    };
    let postgis = runtime.block_on(postgis::ask(&task))?;
    let mut peers = Vec::from(task.compare(&postgis)?);
    for script in SCRIPTS {
        if let Some(answers) = script::ask(script, &task)? {
            peers.extend(task.compare(&answers)?);
        }
    }
    Ok(peers)
}

impl Task {
    /// Answers both questions ourselves, and compares.
    fn compare(&self, theirs: &Answers) -> anyhow::Result<[Peer; 2]> {
        let row = |question: &str, margin, answer| {
            self.compare_one((question, margin), &theirs.name, answer)
        };
        Ok([
            row("contained", Metres(0.0), &theirs.contained)?,
            row("within 100 m", NEAR, &theirs.near)?,
        ])
    }

    fn compare_one(
        &self,
        (question, margin): (&str, Metres),
        peer: &str,
        theirs: &Answer,
    ) -> anyhow::Result<Peer> {
        let ours = self.answer(margin);
        let pairs = |answer: &Answer| answer.pairs.iter().copied().collect::<BTreeSet<Pair>>();
        let (our_pairs, their_pairs) = (pairs(&ours), pairs(theirs));
        let differ: Vec<&Pair> = our_pairs.symmetric_difference(&their_pairs).collect();
        for pair in &differ {
            ensure!(
                self.is_close(**pair, margin),
                "{question}: {pair:?} is told apart by {peer}"
            );
        }
        Ok(Peer {
            question: question.to_owned(),
            peer: peer.to_owned(),
            zones: u32::try_from(self.set.len())?,
            fixes: u32::try_from(self.fixes.len())?,
            ours_per_s: self.per_s(&ours)?,
            theirs_per_s: self.per_s(theirs)?,
            pairs: u32::try_from(our_pairs.len())?,
            differ: differ.len(),
        })
    }

    /// Fixes a second in the median round.
    fn per_s(&self, answer: &Answer) -> anyhow::Result<f64> {
        let fixes = lossless(self.fixes.len())?;
        Ok(median(answer.seconds.iter().map(|seconds| fixes / seconds)))
    }

    fn answer(&self, margin: Metres) -> Answer {
        let mut answer = Answer {
            seconds: Vec::new(),
            pairs: Vec::new(),
        };
        for round in 0..=self.rounds {
            let begun = Instant::now();
            answer.pairs = self.pairs(margin);
            if round > 0 {
                answer.seconds.push(begun.elapsed().as_secs_f64());
            }
        }
        answer
    }

    fn pairs(&self, margin: Metres) -> Vec<Pair> {
        let mut pairs = Vec::new();
        for (number, fix) in self.fixes.iter().enumerate() {
            for index in self.set.near(*fix, margin) {
                let area = self.set.get(index);
                if area.is_some_and(|area| area.signed_distance(*fix).0 > -margin.0) {
                    pairs.push((number, index));
                }
            }
        }
        pairs
    }

    /// Whether the edge in question is so close that distances may differ about it.
    fn is_close(&self, (fix, zone): Pair, margin: Metres) -> bool {
        let (Some(fix), Some(area)) = (self.fixes.get(fix), self.set.get(zone)) else {
            return false;
        };
        (area.signed_distance(*fix).0 + margin.0).abs() <= margin.0 * NEAR_TOLERANCE
    }
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
