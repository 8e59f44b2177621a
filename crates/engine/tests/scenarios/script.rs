//! A small builder of scenarios: a wearer, an order, zones and a place, and fixes in metres north
//! and east of a point.

use engine::{Engine, Outcome, RulesPolicy};
use model::{Decision, DecisionKind, Evidence, Phase, PolicyChange, Reading, Timestamp};
use serde_json::{Value, json};

/// Latitude and longitude of the point that metres are counted from.
const ORIGIN: (f64, f64) = (52.8, -2.1);
/// Metres to a degree of latitude and longitude there (WGS84).
const DEGREE: (f64, f64) = (111_264.0, 67_450.0);

/// One input to the engine.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    Policy(Box<PolicyChange>, Timestamp),
    Reading(Box<Reading>, Timestamp),
    Timeout(Timestamp),
}

impl Input {
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Policy(_, now) | Self::Reading(_, now) | Self::Timeout(now) => *now,
        }
    }

    fn is_gap(&self) -> bool {
        matches!(self, Self::Policy(change, _) if matches!(**change, PolicyChange::IntakeGap { .. }))
    }
}

/// An engine together with whoever keeps its journal.
#[derive(Debug)]
pub(crate) struct Driven {
    pub(crate) engine: Engine,
    journal: Vec<(Timestamp, Reading)>,
}

impl Driven {
    pub(crate) fn new(policy: RulesPolicy) -> Self {
        Self {
            engine: Engine::new(policy),
            journal: Vec::new(),
        }
    }

    /// Hands an input in as the service does: history first, where it is wanted.
    pub(crate) fn feed(&mut self, input: &Input) -> Option<Outcome> {
        let now = input.now();
        // A gap is known before time runs on.
        if !input.is_gap() {
            self.advance(now);
        }
        match input {
            Input::Policy(change, now) => self.engine.handle_policy(change, *now),
            Input::Reading(reading, now) => {
                let outcome = self.engine.handle_reading(reading, *now);
                self.journal.push((self.engine.now(), (**reading).clone()));
                return Some(outcome);
            }
            Input::Timeout(_) => {}
        }
        self.advance(now);
        None
    }

    fn advance(&mut self, now: Timestamp) {
        while let Some(wanted) = self.engine.advance(now) {
            let asked = |(at, reading): &&(Timestamp, Reading)| {
                reading.wearer == wanted.wearer && *at >= wanted.since
            };
            let journal = self.journal.iter();
            let history: Vec<(Timestamp, Reading)> =
                journal.filter(asked).take(wanted.limit).cloned().collect();
            self.engine.handle_history(&wanted.wearer, &history);
        }
    }

    pub(crate) fn decisions(&mut self) -> Vec<Decision> {
        std::iter::from_fn(|| self.engine.poll_decision()).collect()
    }

    /// Another of the same state and journal.
    pub(crate) fn twin(&self) -> Self {
        Self {
            engine: Engine::restore(&self.engine.snapshot().unwrap()).unwrap(),
            journal: self.journal.clone(),
        }
    }

    /// Stops the engine and goes on with its snapshot, which must be the same again.
    pub(crate) fn restart(&mut self) {
        let snapshot = self.engine.snapshot().unwrap();
        self.engine = Engine::restore(&snapshot).unwrap();
        assert_eq!(self.engine.snapshot().unwrap(), snapshot);
    }
}

/// Inputs in order of arrival.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) inputs: Vec<Input>,
    day: &'static str,
    seq: u64,
    cadence_s: u32,
}

/// `HH:MM` or `HH:MM:SS` on the script's day, or a whole time.
pub(crate) fn time(day: &str, text: &str) -> Timestamp {
    let text = match text.len() {
        5 => format!("{day}T{text}:00Z"),
        8 => format!("{day}T{text}Z"),
        _ => text.to_owned(),
    };
    Timestamp::parse(&text).unwrap()
}

pub(crate) fn point(north: f64, east: f64) -> (f64, f64) {
    (ORIGIN.0 + north / DEGREE.0, ORIGIN.1 + east / DEGREE.1)
}

impl Script {
    /// Monday 2 March 2026 in England: local time is UTC.
    pub(crate) fn new() -> Self {
        Self::on("2026-03-02")
    }

    pub(crate) fn on(day: &'static str) -> Self {
        Self::without_device(day).device(60, 600)
    }

    pub(crate) fn without_device(day: &'static str) -> Self {
        Self {
            inputs: Vec::new(),
            day,
            seq: 0,
            cadence_s: 60,
        }
    }

    pub(crate) fn at(&self, text: &str) -> Timestamp {
        time(self.day, text)
    }

    fn start(&self) -> Timestamp {
        self.inputs.last().map_or(self.at("00:00"), Input::now)
    }

    pub(crate) fn change(mut self, change: Value) -> Self {
        let change = serde_json::from_value(change).unwrap();
        let now = self.start();
        self.inputs.push(Input::Policy(Box::new(change), now));
        self
    }

    /// A change that is handed in at `now`.
    pub(crate) fn gap(mut self, change: Value, now: &str) -> Self {
        let change = serde_json::from_value(change).unwrap();
        let now = self.at(now);
        self.inputs.push(Input::Policy(Box::new(change), now));
        self
    }

    pub(crate) fn device(mut self, cadence_s: u32, upload_s: u32) -> Self {
        self.cadence_s = cadence_s;
        self.change(json!({"activation": {
            "device": "D-1", "kind": "gps", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
            "cadence_s": cadence_s, "upload_interval_s": upload_s,
        }}))
    }

    /// A round zone.
    pub(crate) fn zone(self, id: &str, north: f64, east: f64, radius: f64) -> Self {
        let (lat, lon) = point(north, east);
        self.change(json!({"zone": {
            "id": id, "shape": {"circle": {"centre": {"lat": lat, "lon": lon}, "radius_m": radius}}
        }}))
    }

    pub(crate) fn place(self, id: &str, north: f64, east: f64, radius: f64) -> Self {
        let (lat, lon) = point(north, east);
        self.change(json!({"place": {"id": id, "lat": lat, "lon": lon, "radius_m": radius}}))
    }

    pub(crate) fn order(self, version: u32, conditions: Value) -> Self {
        let mut order = json!({
            "id": "O-1", "version": version, "wearer": "W-1", "type": "POST_RELEASE",
            "from": "2026-01-01T00:00:00Z",
        });
        order["conditions"] = conditions;
        self.change(json!({ "order": order }))
    }

    /// An order that keeps the wearer out of a zone of 100 m around the origin.
    pub(crate) fn excluded() -> Self {
        Self::new().zone("Z-1", 0.0, 0.0, 100.0).order(
            1,
            json!([{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}]),
        )
    }

    /// A curfew from 19:00 to 07:00 every night, within 50 m of the origin.
    pub(crate) fn curfew() -> Self {
        Self::curfew_on("2026-03-02", "19:00", "07:00")
    }

    pub(crate) fn curfew_on(day: &'static str, start: &str, end: &str) -> Self {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        Self::on(day).place("P-1", 0.0, 0.0, 50.0).order(
            1,
            json!([{"id": "C-2", "kind": "curfew", "place": "P-1", "windows": [
                {"days": days, "start": start, "end": end}
            ], "from": time(day, "12:00")}]),
        )
    }

    /// A fix observed and received at `observed`, claiming 8 m.
    pub(crate) fn fix(self, observed: &str, north: f64, east: f64) -> Self {
        let at = self.at(observed);
        self.fix_claiming(at, at, (north, east), json!({"acc": 8.0}))
    }

    pub(crate) fn fix_late(self, observed: &str, received: &str, north: f64, east: f64) -> Self {
        let (observed, received) = (self.at(observed), self.at(received));
        self.fix_claiming(observed, received, (north, east), json!({"acc": 8.0}))
    }

    pub(crate) fn fix_claiming(
        mut self,
        observed: Timestamp,
        received: Timestamp,
        (north, east): (f64, f64),
        claims: Value,
    ) -> Self {
        let (lat, lon) = point(north, east);
        self.seq += 1;
        let mut reading = json!({
            "wearer": "W-1", "received_at": received, "device": "D-1", "seq": self.seq,
            "t": observed, "kind": "position", "lat": lat, "lon": lon,
        });
        let Value::Object(claims) = claims else {
            panic!("{claims}");
        };
        reading.as_object_mut().unwrap().extend(claims);
        self.reading(reading, received)
    }

    pub(crate) fn reading(mut self, reading: Value, now: Timestamp) -> Self {
        let reading: Reading = serde_json::from_value(reading).unwrap();
        self.inputs.push(Input::Reading(Box::new(reading), now));
        self
    }

    /// Fixes at the device's cadence from `from` up to, not including, `to`.
    pub(crate) fn stay(self, from: &str, to: &str, north: f64, east: f64) -> Self {
        self.travel(from, to, (north, east), (north, east))
    }

    /// Fixes along a straight line.
    pub(crate) fn travel(self, from: &str, to: &str, start: (f64, f64), end: (f64, f64)) -> Self {
        let (from, to) = (self.at(from), self.at(to));
        self.travel_late(from, to, start, end, |observed| observed)
    }

    /// The same, received when `received` says.
    pub(crate) fn travel_late(
        mut self,
        from: Timestamp,
        to: Timestamp,
        start: (f64, f64),
        end: (f64, f64),
        received: impl Fn(Timestamp) -> Timestamp,
    ) -> Self {
        let step = chrono::TimeDelta::seconds(i64::from(self.cadence_s));
        let whole = to.seconds_since(from);
        let mut now = from;
        while now < to {
            let share = now.seconds_since(from) / whole;
            let north = start.0 + share * (end.0 - start.0);
            let east = start.1 + share * (end.1 - start.1);
            self = self.fix_claiming(now, received(now), (north, east), json!({"acc": 8.0}));
            now = now.plus(step);
        }
        self
    }

    pub(crate) fn until(mut self, text: &str) -> Self {
        let now = self.at(text);
        self.inputs.push(Input::Timeout(now));
        self
    }

    /// What is told, but that devices are silent: scripts leave out what does not matter to them.
    pub(crate) fn run(&self) -> Story {
        let mut story = self.run_in_full();
        let silence = [DecisionKind::NoContact, DecisionKind::NoFix];
        let unwatched = |decision: &Decision| {
            decision.kind == DecisionKind::NotMonitored && decision.condition.is_none()
        };
        let heard = |decision: &Decision| !silence.contains(&decision.kind) && !unwatched(decision);
        story.decisions.retain(heard);
        story
    }

    /// All that is told, which is the same when the engine stops after each input and goes on from its
    /// snapshot.
    pub(crate) fn run_with_restarts(&self) -> Story {
        let story = self.run_in_full();
        let mut driven = Driven::new(RulesPolicy::default());
        let mut decisions = Vec::new();
        for input in &self.inputs {
            driven.feed(input);
            decisions.extend(driven.decisions());
            driven.restart();
        }
        assert_eq!(decisions, story.decisions);
        story
    }

    /// All that is told.
    pub(crate) fn run_in_full(&self) -> Story {
        let mut driven = Driven::new(RulesPolicy::default());
        let mut story = Story {
            decisions: Vec::new(),
            outcomes: Vec::new(),
            day: self.day,
        };
        for input in &self.inputs {
            story.outcomes.extend(driven.feed(input));
            story.decisions.extend(driven.decisions());
            let engine = &mut driven.engine;
            if let Some((next, _)) = engine.poll_timeout() {
                assert!(
                    next > engine.now(),
                    "timeout {next} is not after {}",
                    engine.now()
                );
            }
        }
        story
    }
}

/// What came of a script.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) decisions: Vec<Decision>,
    pub(crate) outcomes: Vec<Outcome>,
    day: &'static str,
}

impl Story {
    /// Kind and phase of every decision, in order.
    pub(crate) fn told(&self) -> Vec<String> {
        let tell = |decision: &Decision| format!("{} {}", decision.kind, decision.phase);
        self.decisions.iter().map(tell).collect()
    }

    /// The only decision of that kind and phase.
    pub(crate) fn the(&self, kind: DecisionKind, phase: Phase) -> &Decision {
        let mut found = self.all(kind, phase);
        let first = found
            .next()
            .unwrap_or_else(|| panic!("no {kind} {phase} in {:?}", self.told()));
        assert!(
            found.next().is_none(),
            "more than one {kind} {phase} in {:?}",
            self.told()
        );
        first
    }

    pub(crate) fn all(&self, kind: DecisionKind, phase: Phase) -> impl Iterator<Item = &Decision> {
        self.decisions
            .iter()
            .filter(move |decision| decision.kind == kind && decision.phase == phase)
    }

    pub(crate) fn has(&self, kind: DecisionKind) -> bool {
        self.decisions.iter().any(|decision| decision.kind == kind)
    }

    pub(crate) fn at(&self, text: &str) -> Timestamp {
        time(self.day, text)
    }

    /// That what was decided of these kinds is exactly this.
    pub(crate) fn tells_of(&self, kinds: &[DecisionKind], expected: &[&str]) {
        let decisions = self.decisions.iter();
        let told: Vec<String> = decisions
            .filter(|decision| kinds.contains(&decision.kind))
            .map(|decision| format!("{} {}", decision.kind, decision.phase))
            .collect();
        assert_eq!(told, expected, "{:#?}", self.brief());
    }

    /// That what was decided is exactly this.
    pub(crate) fn tells(&self, expected: &[&str]) {
        assert_eq!(self.told(), expected, "{:#?}", self.brief());
    }

    pub(crate) fn brief(&self) -> Vec<String> {
        let brief = |decision: &Decision| {
            let Decision {
                kind,
                phase,
                onset,
                decided,
                ..
            } = decision;
            format!("{decided}: {kind} {phase}, onset {onset}")
        };
        self.decisions.iter().map(brief).collect()
    }
}

pub(crate) fn zone_evidence(decision: &Decision) -> &model::ZoneEvidence {
    let Evidence::Zone(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}

pub(crate) fn curfew_evidence(decision: &Decision) -> &model::CurfewEvidence {
    let Evidence::Curfew(evidence) = &decision.evidence else {
        panic!("{:?}", decision.evidence);
    };
    evidence
}
