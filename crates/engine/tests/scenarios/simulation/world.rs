//! The world: steps become what is true, minute by minute, and what reaches the engine.

use chrono::TimeDelta;
use model::Timestamp;
use serde_json::json;

use super::op::{Link, Op, Spot};
use crate::script::{Input, Script};

/// A day and a time of it, UTC.
pub(super) type Start = (&'static str, &'static str);

/// When it begins: on an ordinary day and on those before the clocks change, at noon and shortly before
/// the curfew.
pub(super) const STARTS: [Start; 6] = [
    ("2026-03-02", "12:00"),
    ("2026-03-02", "18:00"),
    ("2026-03-28", "12:00"),
    ("2026-03-28", "18:00"),
    ("2026-10-24", "12:00"),
    ("2026-10-24", "17:00"),
];

/// What is true in one minute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Minute {
    pub(super) at: Timestamp,
    pub(super) spot: Spot,
    /// When the fix of this minute reaches us, if it ever does.
    pub(super) arrives: Option<Timestamp>,
}

/// Readings of alcohol half an hour apart, all of one level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drink {
    pub(super) from: Timestamp,
    pub(super) readings: u8,
    /// mg/100 mL.
    pub(super) tac: i32,
}

impl Drink {
    /// Its last reading.
    pub(super) fn to(&self) -> Timestamp {
        let spans = i64::from(self.readings) - 1;
        self.from.plus(TimeDelta::minutes(30 * spans))
    }
}

/// What happened, and what the engine gets.
#[derive(Debug)]
pub(super) struct World {
    pub(super) minutes: Vec<Minute>,
    pub(super) drinks: Vec<Drink>,
    pub(super) script: Script,
    /// After how many inputs the engine is stopped.
    pub(super) crashes: Vec<usize>,
    /// The time at which everything has happened and been taken in.
    pub(super) end: Timestamp,
    inputs: Vec<Input>,
    crash_times: Vec<Timestamp>,
    now: Timestamp,
    version: u32,
    seq: u64,
}

impl World {
    /// Lets `ops` happen.
    pub(super) fn of((day, time): Start, ops: &[Op]) -> Self {
        let script = Script::on(day)
            .change(json!({"activation": {
                "device": "A-1", "kind": "alcohol", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
                "cadence_s": 1800, "upload_interval_s": 86400,
            }}))
            .zone("Z-1", 0.0, 0.0, 150.0)
            .zone("Z-2", 1600.0, 0.0, 200.0)
            .place("P-1", 800.0, 0.0, 60.0);
        let script = order(script, 1);
        let now = script.at(time);
        let mut world = Self {
            minutes: Vec::new(),
            drinks: Vec::new(),
            script,
            crashes: Vec::new(),
            end: now,
            inputs: Vec::new(),
            crash_times: Vec::new(),
            now,
            version: 1,
            seq: 0,
        };
        for op in ops {
            world.happen(op);
        }
        world.finish()
    }

    fn happen(&mut self, op: &Op) {
        match *op {
            Op::Stay(minutes, spot, link) => self.stay(minutes, spot, link),
            Op::Pass(minutes) => self.pass(minutes),
            Op::Again(fixes) => self.again(usize::from(fixes)),
            Op::ClockAhead(minutes, ahead_s) => self.clock_ahead(minutes, ahead_s),
            Op::Drink(readings, tac) => self.drink(readings, tac),
            Op::Vary => self.vary(),
            Op::Outage(minutes) => self.outage(minutes),
            Op::Crash => self.crash_times.push(self.now),
        }
    }

    fn stay(&mut self, minutes: u16, spot: Spot, link: Link) {
        let end = self.now.plus(TimeDelta::minutes(minutes.into()));
        for minute in 0..minutes {
            let at = self.now;
            // A scatter that follows from nothing but the minute.
            let scatter = i64::from(minute.wrapping_mul(7) % 11);
            let arrives = match link {
                Link::Live => Some(at),
                Link::Batch => Some(end),
                Link::Late(late) => Some(at.plus(TimeDelta::minutes(late.into()))),
                Link::Shuffled(within) => {
                    Some(at.plus(TimeDelta::minutes(scatter * i64::from(within) / 11)))
                }
                Link::Dark => None,
            };
            if let Some(arrives) = arrives {
                self.fix(at, arrives, spot);
            }
            self.minutes.push(Minute { at, spot, arrives });
            self.now = at.plus(TimeDelta::minutes(1));
        }
    }

    fn fix(&mut self, observed: Timestamp, arrives: Timestamp, spot: Spot) {
        let (lat, lon) = crate::script::point(spot.north_m(), 0.0);
        self.seq += 1;
        self.read(
            arrives,
            json!({
                "wearer": "W-1", "received_at": arrives, "device": "D-1", "seq": self.seq,
                "t": observed, "kind": "position", "lat": lat, "lon": lon, "acc": 8.0,
            }),
        );
    }

    fn read(&mut self, arrives: Timestamp, reading: serde_json::Value) {
        let reading = serde_json::from_value(reading).unwrap();
        self.inputs.push(Input::Reading(Box::new(reading), arrives));
    }

    fn pass(&mut self, minutes: u16) {
        let spot = self.minutes.last().map_or(Spot::Home, |minute| minute.spot);
        self.stay(minutes, spot, Link::Dark);
    }

    fn again(&mut self, fixes: usize) {
        let now = self.now;
        let newest = self.inputs.iter().rev().take(fixes).cloned();
        let copies: Vec<Input> = newest
            .filter_map(|input| match input {
                Input::Reading(reading, at) => Some(Input::Reading(reading, at.max(now))),
                Input::Policy(..) | Input::Timeout(_) => None,
            })
            .collect();
        self.inputs.extend(copies);
    }

    fn clock_ahead(&mut self, minutes: u8, ahead_s: u16) {
        let spot = self.minutes.last().map_or(Spot::Home, |minute| minute.spot);
        for _ in 0..minutes {
            let at = self.now;
            self.fix(at.plus(TimeDelta::seconds(ahead_s.into())), at, spot);
            self.minutes.push(Minute {
                at,
                spot,
                arrives: None,
            });
            self.now = at.plus(TimeDelta::minutes(1));
        }
    }

    fn drink(&mut self, readings: u8, tac: i32) {
        let first = self.now;
        self.drinks.push(Drink {
            from: first,
            readings,
            tac,
        });
        let arrives = first.plus(TimeDelta::minutes(30 * i64::from(readings)));
        for reading in 0..readings {
            let observed = first.plus(TimeDelta::minutes(30 * i64::from(reading)));
            self.read(
                arrives,
                json!({
                    "wearer": "W-1", "received_at": arrives, "device": "A-1", "t": observed,
                    "kind": "alcohol", "tac": tac, "ir": 1.0,
                }),
            );
        }
    }

    fn vary(&mut self) {
        self.version += 1;
        let Some(Input::Policy(change, _)) = order(self.script.clone(), self.version).inputs.pop()
        else {
            return;
        };
        self.inputs.push(Input::Policy(change, self.now));
    }

    fn outage(&mut self, minutes: u16) {
        let from = self.now;
        self.pass(minutes);
        let to = self.now;
        let gap = serde_json::from_value(json!({"intake_gap": {"from": from, "to": to}})).unwrap();
        self.inputs.push(Input::Policy(Box::new(gap), to));
        // What would have come meanwhile comes then.
        for input in &mut self.inputs {
            if let Input::Reading(_, at) = input
                && from < *at
                && *at < to
            {
                *at = to;
            }
        }
        for minute in &mut self.minutes {
            minute.arrives = minute
                .arrives
                .map(|at| if from < at && at < to { to } else { at });
        }
    }

    /// Puts what arrives into its order, and lets everything run out.
    fn finish(mut self) -> Self {
        self.inputs.sort_by_key(Input::now);
        let before = self.script.inputs.len();
        for crash in &self.crash_times {
            let done = self.inputs.iter().filter(|input| input.now() <= *crash);
            self.crashes.push(before + done.count());
        }
        let last = self
            .inputs
            .last()
            .map_or(self.now, Input::now)
            .max(self.now);
        self.end = last.plus(TimeDelta::hours(36));
        self.script.inputs.append(&mut self.inputs);
        self.script.inputs.push(Input::Timeout(self.end));
        self
    }
}

/// The order: kept out of a zone and at home by night always; by version, kept out of where `Away` is
/// in other hours.
fn order(script: Script, version: u32) -> Script {
    let all = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let (start, end) = if version % 2 == 1 {
        ("14:00", "15:30")
    } else {
        ("13:00", "22:00")
    };
    script.order(
        version,
        json!([
            {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]},
            {"id": "C-2", "kind": "curfew", "place": "P-1", "windows": [
                {"days": all, "start": "19:00", "end": "07:00"}]},
            {"id": "C-3", "kind": "exclusion_zone", "zones": ["Z-2"], "schedule": [
                {"days": all, "start": start, "end": end}]},
            {"id": "C-4", "kind": "alcohol_abstinence"},
        ]),
    )
}
