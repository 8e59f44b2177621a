//! The work whose instructions are counted: `counted CASE` under callgrind, which collects within [`measured`] only. See
//! `scripts/guard`.

use engine::Engine;
use model::Reading;
use model::registry::ZoneRef;
use support::{Failure, Fixes, hand_in, school_set, watching};

#[path = "support/mod.rs"]
mod support;

/// Fixes that are counted: four hours from noon, in which no curfew opens.
const AFTERNOON: usize = 240;

/// Zones of the case with a shared set.
const SCHOOLS: u32 = 5_000;

/// Wearers of the case with many.
const MANY: u32 = 1_000;

#[inline(never)]
fn measured(engine: &mut Engine, readings: &[Reading]) -> usize {
    hand_in(engine, readings)
}

fn main() -> Result<(), Failure> {
    let case = std::env::args().nth(1).unwrap_or_default();
    let (wearers, schools) = match case.as_str() {
        "one" => (1, 0),
        "many" => (MANY, 0),
        "schools" => (1, SCHOOLS),
        other => return Err(format!("{other:?} is no case: one, many, schools").into()),
    };
    let (set, named) = school_set(schools)?;
    let named: &[ZoneRef] = if schools > 0 { &[named] } else { &[] };
    let mut engine = watching(wearers, &[set], named)?;
    let mut fixes = Fixes::new(wearers)?;
    let mut next = |count: usize| -> Result<Vec<Reading>, Failure> {
        (0..count)
            .map(|n| fixes.next(u32::try_from(n)? % wearers))
            .collect()
    };
    // The first fix of a wearer makes room for those after it.
    let first = next(usize::try_from(wearers)?)?;
    hand_in(&mut engine, &first);
    let readings = next(AFTERNOON)?;
    match measured(&mut engine, &readings) {
        0 => Ok(()),
        decisions => Err(format!("{case}: not uneventful, {decisions} decisions").into()),
    }
}
