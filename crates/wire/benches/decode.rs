//! Decoding one fix, a batch of ten, a batch of a hundred, and a hundred of which one is bad.
#![expect(
    clippy::expect_used,
    reason = "a bench that cannot set itself up has nothing to measure"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use model::{DeviceId, DeviceReading, PartitionId, ReadingKind};
use wire::topic::NativeTopic;
use wire::{decode, encode};

fn fix(seq: u64) -> DeviceReading {
    serde_json::from_str(&format!(
        r#"{{"device":"GPS-7","kind":"position","seq":{seq},"t":{},"lat":52.80669,"lon":-2.11643,"acc":8.5,"sat":9,"hdop":1.1,"speed":4.2,"src":"gps"}}"#,
        1_774_745_970_000 + seq * 60_000
    ))
    .expect("a fix")
}

fn decoding(criterion: &mut Criterion) {
    let topic = NativeTopic {
        partition: PartitionId(7),
        device: DeviceId::new("GPS-7").expect("an id"),
        kind: ReadingKind::Position,
    };
    for count in [1, 10, 100] {
        let readings: Vec<_> = (1..=count).map(fix).collect();
        let payload = encode(&readings);
        let mut group = criterion.benchmark_group(format!("decode/{count}"));
        group.throughput(Throughput::Bytes(payload.len().try_into().expect("small")));
        group.bench_function("good", |bencher| {
            bencher.iter(|| decode(&topic, black_box(&payload)));
        });
        // A number no float can hold sends the whole batch the slow way.
        let bad = String::from_utf8(payload)
            .expect("text")
            .replacen("8.5", "1e999", 1);
        group.bench_function("one bad", |bencher| {
            bencher.iter_batched(
                || &bad,
                |bad| decode(&topic, bad.as_bytes()),
                BatchSize::SmallInput,
            );
        });
        group.finish();
        criterion.bench_function(&format!("encode/{count}"), |bencher| {
            bencher.iter(|| encode(black_box(&readings)));
        });
    }
}

criterion_group!(benches, decoding);
criterion_main!(benches);
