//! How long an installation takes from its start until it has taken in the first new reading: by
//! wearers, and by how much of the journal the checkpoint does not cover.
//!
//! `cargo bench --bench recovery` measures 25,000 wearers; `-- 250000 12 125000` so many with so many readings
//! each behind the checkpoint, and so many entries a partition after it. Nothing listens but on loopback, and everything goes with the process.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use engine::Engine;
use model::registry::RegistryDocument;
use model::{PartitionId, PolicyChange, Reading, Timestamp};
use rumqttc::{AsyncClient, MqttOptions, QoS};
use serde_json::{Value, json};
use tagwatch::broker::{EmbeddedBroker, Persistence};
use tagwatch::config::{AccessConfig, Config, HttpConfig, MqttConfig, Policies, PoliciesConfig};

use tagwatch::registrar::{Proposal, Registrar, Who};
use tagwatch::runtime::clock::Clock;
use tagwatch::runtime::{Parts, Service};
use tagwatch::store::registry::{Interest, Share};
use tagwatch::store::{Checkpoint, CommitBatch, JournalEntry, JournalInput, SqliteStore, Store};

/// Partitions: one a core of the machine that the figures in docs are from.
const PARTITIONS: NonZeroU16 = NonZeroU16::new(2).unwrap();

/// Journal entries a transaction while the journal is made.
const BATCH: usize = 10_000;

/// Journal entries that the checkpoint does not cover, per partition, where nothing else is said: half of what makes the
/// next of few wearers.
const TAIL: u64 = 125_000;

/// Starts measured; the median counts.
const STARTS: usize = 3;

fn main() -> anyhow::Result<()> {
    let numbers = std::env::args().skip(1);
    let numbers: Vec<u64> = numbers.filter_map(|text| text.parse().ok()).collect();
    let wearers = numbers.first().copied().unwrap_or(25_000);
    let readings = numbers.get(1).copied().unwrap_or(12);
    let tail = numbers.get(2).copied().unwrap_or(TAIL);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(wearers, (readings, tail)))
}

async fn measure(wearers: u64, (readings, tail): (u64, u64)) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tagwatch.sqlite");
    let snapshots = journal(&path, wearers, (readings, tail)).await?;
    let size = std::fs::metadata(&path)?.len();
    println!(
        "{wearers} wearers, {readings} readings each behind the checkpoint, {tail} a partition after it; \
         store {} MB, snapshots {} MB",
        size / 1_000_000,
        snapshots / 1_000_000
    );
    let mut times = Vec::new();
    for start in 0..STARTS {
        let time = first_reading(&path, start).await?;
        println!(
            "start {}: first new reading after {:.2} s",
            start + 1,
            time.as_secs_f64()
        );
        times.push(time);
    }
    times.sort();
    let median = times.get(STARTS / 2).context("nothing measured")?;
    println!("median: {:.2} s", median.as_secs_f64());
    Ok(())
}

/// Someone at home under a curfew, kept out of one zone.
fn registered(number: u64) -> anyhow::Result<Vec<PolicyChange>> {
    let (lat, lon) = home(number);
    let ring = [
        (0.01, 0.0),
        (0.012, 0.0),
        (0.012, 0.003),
        (0.01, 0.003),
        (0.01, 0.0),
    ];
    let ring: Vec<Value> = ring
        .iter()
        .map(|(north, east)| json!([lon + east, lat + north]))
        .collect();
    let document = json!({
        "wearers": [{"id": format!("W-{number}"), "name": format!("Invented Person {number}"),
            "date_of_birth": "1990-01-31", "police_force": "staffordshire",
            "probation_region": "west-midlands"}],
        "activations": [{"device": format!("GPS-{number}"), "kind": "gps",
            "wearer": format!("W-{number}"), "from": "2026-01-01T00:00:00Z",
            "cadence_s": 60, "upload_interval_s": 600}],
        "places": [{"id": format!("P-{number}"), "lat": lat, "lon": lon, "radius_m": 50}],
        "zones": {"type": "FeatureCollection", "features": [{
            "type": "Feature", "id": format!("Z-{number}"), "properties": {"name": "A street"},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}]},
        "orders": [{"id": format!("O-{number}"), "version": 1, "wearer": format!("W-{number}"),
            "type": "POST_RELEASE", "responsible_organisation": "PROBATION",
            "from": "2026-01-01T00:00:00Z", "time_zone": "Europe/London", "conditions": [
                {"id": format!("C-{number}-1"), "kind": "exclusion_zone", "zones": [format!("Z-{number}")]},
                {"id": format!("C-{number}-2"), "kind": "curfew", "place": format!("P-{number}"),
                    "windows": [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
                        "start": "19:00", "end": "07:00"}]}]}],
    });
    let document: RegistryDocument = serde_json::from_value(document)?;
    Ok(registry::parse(&document, Path::new("bench"))?)
}

fn home(number: u64) -> (f64, f64) {
    let number = u32::try_from(number).unwrap_or_default();
    (
        52.0 + f64::from(number % 1_000) / 1_000.0,
        -2.5 + f64::from(number / 1_000) / 300.0,
    )
}

fn fix(number: u64, seq: u64, at: Timestamp) -> anyhow::Result<Reading> {
    let (lat, lon) = home(number);
    Ok(serde_json::from_value(json!({
        "wearer": format!("W-{number}"), "received_at": at, "device": format!("GPS-{number}"),
        "seq": seq, "t": at, "kind": "position", "lat": lat, "lon": lon, "acc": 8.5, "sat": 9,
        "hdop": 1.1, "speed": 0.0, "src": "gps",
    }))?)
}

/// A journal as an installation leaves it that was stopped a minute ago. Returns the bytes of its
/// snapshots.
async fn journal(path: &Path, wearers: u64, (readings, tail): (u64, u64)) -> anyhow::Result<usize> {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path)?);
    let now = Timestamp::from_chrono(chrono::Utc::now())?;
    let start = now.minus(chrono::TimeDelta::minutes(i64::try_from(readings)? + 2));
    register(&store, wearers, start).await?;
    let mut snapshots = 0;
    for partition in (0..PARTITIONS.get()).map(PartitionId) {
        let mut writer = Writer::new(&*store, partition, start).await?;
        writer
            .hand_in(JournalInput::Policy(PolicyChange::Rules {
                toml: Policies::load(&PoliciesConfig::default())?
                    .rules
                    .toml
                    .clone(),
            }))
            .await?;
        writer.follow().await?;
        let ours = |number: &u64| {
            let id = format!("W-{number}").parse();
            id.is_ok_and(|id| PartitionId::of(&id, PARTITIONS) == partition)
        };
        let ours: Vec<u64> = (0..wearers).filter(ours).collect();
        for minute in 0..readings {
            writer.at = start.plus(chrono::TimeDelta::minutes(i64::try_from(minute)?));
            for number in &ours {
                let fix = fix(*number, minute + 1, writer.at)?;
                writer.hand_in(JournalInput::Reading(fix)).await?;
            }
        }
        snapshots += writer.checkpoint().await?;
        writer.at = now.minus(chrono::TimeDelta::minutes(1));
        for (extra, number) in (0..tail).zip(ours.iter().cycle()) {
            let fix = fix(*number, readings + 2 + extra, writer.at)?;
            writer.hand_in(JournalInput::Reading(fix)).await?;
        }
        writer.flush().await?;
    }
    store.close().await;
    Ok(snapshots)
}

/// Registers everybody at once, as an import does.
async fn register(store: &Arc<dyn Store>, wearers: u64, at: Timestamp) -> anyhow::Result<()> {
    let mut put = Vec::new();
    for number in 0..wearers {
        put.extend(registered(number)?);
    }
    let parts = put.len();
    let proposal = Proposal {
        put,
        ..Proposal::default()
    };
    let who = Who {
        actor: "bench".to_owned(),
        reason: None,
        at,
    };
    let started = Instant::now();
    Registrar::new(Arc::clone(store))
        .take_in(&proposal, &who)
        .await?;
    let time = started.elapsed().as_secs_f64();
    println!("{wearers} wearers in {parts} parts checked and registered in {time:.1} s");
    Ok(())
}

/// One partition whose journal is written, with its engine.
struct Writer<'a> {
    store: &'a dyn Store,
    partition: PartitionId,
    epoch: u64,
    position: u64,
    at: Timestamp,
    engine: Engine,
    entries: Vec<JournalEntry>,
}

impl<'a> Writer<'a> {
    async fn new(
        store: &'a dyn Store,
        partition: PartitionId,
        at: Timestamp,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            store,
            partition,
            epoch: store.acquire(partition).await?,
            position: 0,
            at,
            engine: Engine::new(engine::RulesPolicy::default()),
            entries: Vec::new(),
        })
    }

    async fn hand_in(&mut self, input: JournalInput) -> anyhow::Result<()> {
        match &input {
            JournalInput::Policy(change) => self.engine.handle_policy(change, self.at),
            JournalInput::Reading(reading) => {
                self.engine.handle_reading(reading, self.at);
            }
            JournalInput::Erased => {}
        }
        while self.engine.poll_decision().is_some() {}
        self.position += 1;
        self.entries.push(JournalEntry {
            position: self.position,
            at: self.at,
            input,
        });
        if self.entries.len() >= BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    /// Journals the partition's share of the registry.
    async fn follow(&mut self) -> anyhow::Result<()> {
        let share = Share {
            partition: self.partition,
            partitions: PARTITIONS,
        };
        loop {
            let after = self.engine.registry_revision();
            let interest = Interest::Partition(share);
            let page = self.store.registry_after(after, interest, BATCH).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            let registry = last.revision;
            let revision = PolicyChange::Revision { registry };
            self.hand_in(JournalInput::Policy(revision)).await?;
            for change in page.into_iter().filter_map(|part| part.change) {
                self.hand_in(JournalInput::Policy(change)).await?;
            }
        }
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        let batch = CommitBatch {
            partition: self.partition,
            epoch: self.epoch,
            entries: std::mem::take(&mut self.entries),
            decisions: Vec::new(),
            over: Vec::new(),
            dead_letters: Vec::new(),
        };
        self.store.commit(Arc::new(batch)).await?;
        Ok(())
    }

    async fn checkpoint(&mut self) -> anyhow::Result<usize> {
        self.flush().await?;
        let snapshot = self.engine.snapshot()?;
        let bytes = snapshot.len();
        let checkpoint = Checkpoint {
            partition: self.partition,
            position: self.position,
            at: self.at,
            snapshot,
        };
        self.store.save_checkpoint(self.epoch, checkpoint).await?;
        Ok(bytes)
    }
}

/// Starts an installation on the journal; how long until it acknowledged its first reading.
async fn first_reading(path: &Path, start: usize) -> anyhow::Result<Duration> {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let broker = EmbeddedBroker::start(loopback, Persistence::Memory).await?;
    let port = broker.address().port();
    let config = Config {
        partitions: PARTITIONS,
        http: HttpConfig {
            listen: loopback,
            access: AccessConfig::Open,
            ..HttpConfig::default()
        },
        mqtt: MqttConfig {
            port,
            owntracks: false,
            ..MqttConfig::default()
        },
        ..Config::default()
    };
    let publishing = tokio::spawn(publish(port, start));
    let started = Instant::now();
    let store = Arc::new(SqliteStore::open(path)?);
    let parts = Parts {
        config,
        policies: Policies::load(&PoliciesConfig::default())?,
        registry: Vec::new(),
        store: Arc::clone(&store) as Arc<dyn Store>,
        clock: Clock::system(),
    };
    let service = Service::start(parts).await?;
    while service.acknowledged() == 0 {
        ensure!(
            started.elapsed() < Duration::from_secs(600),
            "no reading was taken in"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let time = started.elapsed();
    publishing.abort();
    service.stop().await;
    store.close().await;
    broker.stop().await;
    Ok(time)
}

/// A tag that reports ten times a second, so that whenever the session is there something comes.
async fn publish(port: u16, start: usize) -> anyhow::Result<()> {
    let options = MqttOptions::new("tag", "127.0.0.1", port);
    let (client, mut events) = AsyncClient::new(options, 10);
    tokio::spawn(async move { while events.poll().await.is_ok() {} });
    let id = "W-7".parse()?;
    let topic = format!("em/v1/{}/GPS-7/position", PartitionId::of(&id, PARTITIONS));
    for tick in 0_u64.. {
        let now = Timestamp::from_chrono(chrono::Utc::now())?;
        let seq = 10_000_000 * (1 + u64::try_from(start)?) + tick;
        let fix =
            json!({"seq": seq, "t": now, "lat": 52.007, "lon": -2.5, "acc": 8.5, "src": "gps"});
        client
            .publish(&topic, QoS::AtLeastOnce, false, fix.to_string())
            .await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
