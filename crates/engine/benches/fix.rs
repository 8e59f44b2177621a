//! The fixes of an afternoon at home, by a wearer with three zones of 32 corners, a curfew and abstinence, on warm state; aim: at
//! most 300 ns a fix where nothing happens, and 1 µs with a shared set of zones.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::Engine;
use support::{Failure, Fixes, UNTIL_SETTLED, hand_in, school_set, settle, watching};

#[path = "support/mod.rs"]
mod support;

/// Fixes before the engine begins again: four hours from noon, in which no curfew opens.
const AFTERNOON: u16 = 240;

/// Fixes before those that are timed: what a restored engine touches is far away at first.
const WARMING: u16 = 40;

/// A square with sides of this is as large as England, in metres.
const COUNTRY_M: f64 = 360_000.0;

/// Zones of the shared set.
const SCHOOLS: u32 = 50_000;

fn afternoon(criterion: &mut Criterion, name: &str, schools: u32) -> Result<(), Failure> {
    let (set, named) = school_set(schools, COUNTRY_M)?;
    let named = if schools > 0 { vec![named] } else { Vec::new() };
    let mut engine = watching(1, &[set], &named)?;
    let mut fixes = Fixes::new(1)?;
    settle(&mut engine, &mut fixes, UNTIL_SETTLED)?;
    let fresh = engine.snapshot()?;
    let mut take = |count: u16| {
        (0..count)
            .map(|_| fixes.next(0))
            .collect::<Result<Vec<_>, _>>()
    };
    let (warming, readings) = (take(WARMING)?, take(AFTERNOON - WARMING)?);
    let mut group = criterion.benchmark_group("fixes at home");
    group.throughput(Throughput::Elements((AFTERNOON - WARMING).into()));
    group.bench_function(name, |bencher| {
        bencher.iter_batched_ref(
            || {
                let mut engine = Engine::restore(&fresh).ok();
                let handed = engine.as_mut().map(|engine| hand_in(engine, &warming));
                (engine, handed)
            },
            |(engine, _)| engine.as_mut().map(|engine| hand_in(engine, &readings)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    Ok(())
}

fn bench(criterion: &mut Criterion) {
    let cases = [("own zones", 0), ("own zones and a shared set", SCHOOLS)];
    for (name, schools) in cases {
        if let Err(failure) = afternoon(criterion, name, schools) {
            criterion.bench_function(&format!("failed: {failure}"), |bencher| bencher.iter(|| ()));
        }
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
