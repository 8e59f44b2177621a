//! Durable commits to both stores: readings a second by the size of the batch, for one partition, and
//! for sixteen committing at the same time.
//! On a temporary file and a private server that syncs: what is measured is the disk under the
//! temporary folder as much as the store.

use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use model::{AlertId, Decision, Notification, PartitionId, Reading, Recipient, Severity};
use tagwatch::config::{PostgresConfig, Secret};
use tagwatch::store::{
    CommitBatch, JournalEntry, JournalInput, RoutedDecision, Store, StoreAddress,
};
use testbed::{Durability, Postgres};
use tokio::runtime::Runtime;

/// A fix as a tag sends one.
const FIX: &str = r#"{"wearer":"W-000123","received_at":"2026-03-29T01:00:00Z","device":"GPS-7",
    "seq":0,"t":"2026-03-29T00:59:30Z","kind":"position","lat":52.80669,"lon":-2.11643,"acc":8.5,
    "sat":9,"hdop":1.1,"speed":4.2,"src":"gps"}"#;

/// A decision about a device.
const DECISION: &str = r#"{"alert":"6afe4960-334f-5b5b-ab23-cffa328794e8","revision":1,"wearer":"W-ALC-1"
    ,"device":"ALC-1","kind":"strap_tamper","phase":"opened"
    ,"onset":"2026-03-02T17:05:00Z","decided":"2026-03-02T17:05:00Z","late":false
    ,"evidence":{"rule":"device","policy":"shipped-1"
    ,"observed_at":"2026-03-02T17:05:00Z","received_at":"2026-03-02T17:05:00Z"
    ,"reason":"strap_cut reported","count":1}}"#;

/// Wearers, and so devices, that readings come from in turn, per partition.
const DEVICES: u64 = 1500;

/// One owner of a partition, who commits batch after batch.
struct Owner {
    partition: PartitionId,
    epoch: u64,
    position: u64,
    fix: Reading,
}

impl Owner {
    fn new(runtime: &Runtime, store: &Arc<dyn Store>, partition: u16) -> anyhow::Result<Self> {
        let partition = PartitionId(partition);
        Ok(Self {
            partition,
            epoch: runtime.block_on(store.acquire(partition))?,
            position: runtime.block_on(store.last_position(partition))?,
            fix: serde_json::from_str(FIX)?,
        })
    }

    fn batch(&mut self, size: u64, decides: bool) -> anyhow::Result<Arc<CommitBatch>> {
        let mut entries = Vec::new();
        for _reading in 0..size {
            self.position += 1;
            let mut fix = self.fix.clone();
            let device = self.position % DEVICES;
            fix.report.device = format!("GPS-{}-{device}", self.partition).parse()?;
            fix.report.seq = Some(self.position);
            entries.push(JournalEntry {
                position: self.position,
                at: fix.received_at.0,
                input: JournalInput::Reading(fix),
            });
        }
        let decisions = if decides {
            vec![self.decide()?]
        } else {
            Vec::new()
        };
        Ok(Arc::new(CommitBatch {
            partition: self.partition,
            epoch: self.epoch,
            entries,
            decisions,
            over: Vec::new(),
            dead_letters: Vec::new(),
        }))
    }
}

impl Owner {
    /// Another alert of the partition, for one queue.
    fn decide(&self) -> anyhow::Result<RoutedDecision> {
        let mut decision: Decision = serde_json::from_str(DECISION)?;
        decision.wearer = format!("W-{}", self.partition).parse()?;
        let ordinal = u32::try_from(self.position)?;
        decision.alert = AlertId::derive(&decision.wearer, "GPS-7", decision.kind, ordinal);
        let severity = Severity::Critical;
        let recipient = Recipient::operators();
        let route = "tampering".to_owned();
        let notification = Notification::new(decision.clone(), recipient, severity, None, route);
        Ok(RoutedDecision {
            decision,
            severity,
            notify_by: None,
            notifications: vec![notification],
            deadline: None,
            gathered: None,
            gathers: Vec::new(),
        })
    }
}

/// Commits the batches at the same time.
fn commit_all(runtime: &Runtime, store: &Arc<dyn Store>, batches: Vec<Arc<CommitBatch>>) {
    let committed = runtime.block_on(async {
        let commits: Vec<_> = batches
            .into_iter()
            .map(|batch| {
                let store = Arc::clone(store);
                tokio::spawn(async move { store.commit(batch).await })
            })
            .collect();
        let mut all = true;
        for commit in commits {
            all &= matches!(commit.await, Ok(Ok(_)));
        }
        all
    });
    assert!(committed, "every batch is committed");
}

fn commits(
    criterion: &mut Criterion,
    kind: &str,
    address: &StoreAddress,
    partitions: u16,
) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let store = runtime.block_on(address.open(&PostgresConfig::default()))?;
    let mut owners = (0..partitions)
        .map(|partition| Owner::new(&runtime, &store, partition))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let name = format!("commit_durably/{kind}/{partitions}_partitions");
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20);
    for size in [1, 10, 100, 1000] {
        group.throughput(Throughput::Elements(size * u64::from(partitions)));
        group.bench_function(BenchmarkId::new("readings_a_batch", size), |bencher| {
            bencher.iter_batched(
                || {
                    let batches = owners.iter_mut().map(|owner| owner.batch(size, false));
                    batches
                        .collect::<anyhow::Result<Vec<_>>>()
                        .unwrap_or_default()
                },
                |batches| commit_all(&runtime, &store, batches),
                BatchSize::PerIteration,
            );
        });
    }
    group.throughput(Throughput::Elements(u64::from(partitions)));
    group.bench_function("10_readings_and_a_decision", |bencher| {
        bencher.iter_batched(
            || {
                let batches = owners.iter_mut().map(|owner| owner.batch(10, true));
                batches
                    .collect::<anyhow::Result<Vec<_>>>()
                    .unwrap_or_default()
            },
            |batches| commit_all(&runtime, &store, batches),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    Ok(())
}

fn both_stores(criterion: &mut Criterion) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Postgres::start(Durability::Synced, "")?;
    for partitions in [1, 16] {
        let file = folder.path().join(format!("{partitions}.sqlite"));
        let database = StoreAddress::Database(Secret::new(server.database()?.url));
        commits(criterion, "sqlite", &StoreAddress::File(file), partitions)?;
        commits(criterion, "postgres", &database, partitions)?;
    }
    Ok(())
}

fn bench(criterion: &mut Criterion) {
    let outcome = both_stores(criterion);
    assert!(outcome.is_ok(), "{outcome:?}");
}

criterion_group!(store, bench);
criterion_main!(store);
