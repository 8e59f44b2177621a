//! The work whose instructions are counted: `counted CASE` under callgrind, which collects within [`measured`] only. See
//! `scripts/guard`.

use engine::Engine;
use model::registry::ZoneRef;
use model::{PolicyChange, Reading};
use serde_json::json;
use support::{COUNTY_M, Failure, Fixes, UNTIL_SETTLED, hand_in, school_set, settle, watching};

#[path = "support/mod.rs"]
mod support;

/// Readings that are counted: four hours from noon of one a minute, in which no curfew opens.
const AFTERNOON: u32 = 240;

/// Zones of the cases with a shared set.
const SCHOOLS: u32 = 5_000;

/// Wearers of the case with many.
const MANY: u32 = 1_000;

/// Metres between two fixes of somebody who drives: 50 km/h.
const DRIVEN_M: f64 = 833.0;

#[inline(never)]
fn measured(engine: &mut Engine, readings: &[Reading]) -> usize {
    hand_in(engine, readings)
}

/// What is counted.
struct Case {
    wearers: u32,
    schools: u32,
    drive_m: f64,
    /// Wearers with an alert open, in a zone that they may not enter.
    breaching: u32,
    /// What comes instead of fixes: from which device, of which kind.
    said: Option<(&'static str, serde_json::Value)>,
}

const AT_HOME: Case = Case {
    wearers: 1,
    schools: 0,
    drive_m: 0.0,
    breaching: 0,
    said: None,
};

impl Case {
    fn of(name: &str) -> Result<Self, Failure> {
        let (wearers, schools, drive_m) = (MANY, SCHOOLS, DRIVEN_M);
        let alcohol =
            json!({"kind": "alcohol", "tac": 0, "ir": 1.0, "skin_c": 33.0, "ambient_c": 20.0});
        let presence = json!({"kind": "presence", "in_range": true});
        Ok(match name {
            "one" => AT_HOME,
            "many" => Self { wearers, ..AT_HOME },
            "schools" => Self { schools, ..AT_HOME },
            "driving" => Self { drive_m, ..AT_HOME },
            "driving-schools" => Self {
                drive_m,
                schools,
                ..AT_HOME
            },
            "breaching" => Self {
                breaching: 1,
                ..AT_HOME
            },
            "alcohol" => Self {
                said: Some(("tac-0", alcohol)),
                ..AT_HOME
            },
            "presence" => Self {
                said: Some(("hmu-0", presence)),
                ..AT_HOME
            },
            other => return Err(format!("{other:?} is no case").into()),
        })
    }

    fn readings(&self, fixes: &mut Fixes) -> Result<Vec<Reading>, Failure> {
        let next = |number: u32| {
            let fix = fixes.next(number % self.wearers)?;
            match &self.said {
                Some((device, what)) => said(fixes, device, what),
                None => Ok(fix),
            }
        };
        (0..AFTERNOON).map(next).collect()
    }
}

/// A reading of another device at the time of the last fix.
fn said(fixes: &Fixes, device: &str, what: &serde_json::Value) -> Result<Reading, Failure> {
    let mut reading = json!({
        "wearer": "W-0", "received_at": fixes.at, "device": device, "t": fixes.at,
    });
    if let (Some(reading), Some(what)) = (reading.as_object_mut(), what.as_object()) {
        reading.extend(what.clone());
    }
    Ok(serde_json::from_value(reading)?)
}

fn main() -> Result<(), Failure> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let case = Case::of(&name)?;
    let (set, named) = school_set(case.schools, COUNTY_M)?;
    let named: &[ZoneRef] = if case.schools > 0 { &[named] } else { &[] };
    let mut engine = watching(case.wearers, &[set], named)?;
    let mut fixes = Fixes::new(case.wearers)?;
    fixes.drive_m = case.drive_m;
    fixes.breaching = case.breaching;
    if name == "presence" {
        let worn = json!({"activation": {
            "device": "hmu-0", "kind": "rf", "wearer": "W-0", "from": "2026-01-01T00:00:00Z",
        }});
        let worn: PolicyChange = serde_json::from_value(worn)?;
        engine.handle_policy(&worn, engine.now());
    }
    settle(&mut engine, &mut fixes, UNTIL_SETTLED)?;
    let readings = case.readings(&mut fixes)?;
    match measured(&mut engine, &readings) {
        0 => Ok(()),
        // While something else is sent no fix comes, which is told of once or twice.
        _ if case.said.is_some() => Ok(()),
        decisions => Err(format!("{name}: not uneventful, {decisions} decisions").into()),
    }
}
