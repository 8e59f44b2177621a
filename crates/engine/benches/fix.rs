//! One fix of a wearer with three zones of 32 corners, a curfew and abstinence, on warm state; aim: at most 300 ns where nothing happens.

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use engine::Engine;
use support::{Failure, Fixes, hand_in, watching};

#[path = "support/mod.rs"]
mod support;

/// Fixes before the engine begins again: four hours from noon, in which no curfew opens.
const AFTERNOON: usize = 240;

fn fixes(criterion: &mut Criterion) -> Result<(), Failure> {
    let fresh = watching(1, &[], &[])?.snapshot()?;
    let mut fixes = Fixes::new(1)?;
    let afternoon = (0..AFTERNOON)
        .map(|_| fixes.next(0))
        .collect::<Result<Vec<_>, _>>()?;
    criterion.bench_function("a fix at home", |bencher| {
        bencher.iter_custom(|iterations| {
            let mut left = usize::try_from(iterations).unwrap_or(usize::MAX);
            let mut spent = Duration::ZERO;
            while left > 0 {
                let Ok(mut engine) = Engine::restore(&fresh) else {
                    break;
                };
                let now = left.min(AFTERNOON);
                let begun = Instant::now();
                hand_in(&mut engine, afternoon.get(..now).unwrap_or_default());
                spent += begun.elapsed();
                left -= now;
            }
            spent
        });
    });
    Ok(())
}

fn bench(criterion: &mut Criterion) {
    if let Err(failure) = fixes(criterion) {
        criterion.bench_function(&format!("failed: {failure}"), |bencher| bencher.iter(|| ()));
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
