//! Deterministic simulation: a wearer, a tag, a link and an outage-prone us, from a seed. What is told
//! is held against what is true, and against itself.
//!
//! `SIMULATION_SEEDS=1000 cargo test -p engine simulation` tries more seeds, `SIMULATION_SEED=7` that
//! one. A failure prints its shrunk list of steps, to paste into [`these_steps_once_failed`].

mod op;
mod oracle;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use model::{AlertId, ConditionId, Decision, DecisionKind, DeviceId, OrderId, Phase, PolicyChange};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::json;

use self::op::{Link::*, Op, Op::*, Spot::*};
use self::world::{STARTS, Start, World};
use crate::script::{Driven, Input};

/// Seeds tried by default, and steps of one story.
const SEEDS: u64 = 48;
const STEPS_MAX: usize = 14;

/// Hands everything in; what is decided, and complaints about the machine.
fn run(inputs: &[Input], crashes: &[usize]) -> Result<Vec<Decision>, String> {
    let mut driven = Driven::new(engine::RulesPolicy::default());
    let mut decisions = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        driven.feed(input);
        decisions.extend(driven.decisions());
        let now = driven.engine.now();
        if let Some((due, reason)) = driven.engine.poll_timeout()
            && due <= now
        {
            return Err(format!("{reason:?} due at {due}, not after {now}"));
        }
        for _ in crashes.iter().filter(|after| **after == index + 1) {
            driven.restart();
        }
    }
    Ok(decisions)
}

/// What an episode is about.
type Subject = (
    Option<OrderId>,
    Option<ConditionId>,
    Option<DeviceId>,
    DecisionKind,
);

/// That each alert opens first and ends last, that at no instant two episodes of a subject and kind
/// are open, and that no decision precedes what it is about.
fn lives(decisions: &[Decision]) -> Result<(), String> {
    let mut revisions = BTreeMap::new();
    let mut open: BTreeMap<Subject, BTreeSet<AlertId>> = BTreeMap::new();
    for instant in decisions.chunk_by(|a, b| a.decided == b.decided) {
        for decision in instant {
            follow(decision, &mut revisions, &mut open)?;
        }
        if let Some((subject, alerts)) = open.iter().find(|(_, alerts)| alerts.len() > 1) {
            return Err(format!("two episodes of {subject:?} are open: {alerts:?}"));
        }
    }
    Ok(())
}

fn follow(
    decision: &Decision,
    revisions: &mut BTreeMap<AlertId, u32>,
    open: &mut BTreeMap<Subject, BTreeSet<AlertId>>,
) -> Result<(), String> {
    let expected = revisions.entry(decision.alert).or_default();
    *expected += 1;
    let first = decision.phase == Phase::Opened;
    if decision.revision != *expected || first != (*expected == 1) {
        return Err(format!("{expected} comes next: {decision:?}"));
    }
    if decision.onset > decision.decided {
        return Err(format!("decided before its onset: {decision:?}"));
    }
    let (order, condition, device) = (&decision.order, &decision.condition, &decision.device);
    let subject = (
        order.clone(),
        condition.clone(),
        device.clone(),
        decision.kind,
    );
    let alerts = open.entry(subject).or_default();
    match decision.phase {
        Phase::Opened | Phase::Updated => alerts.insert(decision.alert),
        Phase::Cleared | Phase::Withdrawn => alerts.remove(&decision.alert),
        Phase::Amended => true,
    };
    Ok(())
}

/// The same, and before each reading the wearer's profile, which is as it was: so rules do not rest.
fn asked_each_time(inputs: &[Input]) -> Vec<Input> {
    let profile = json!({"wearer": {"id": "W-1"}});
    let profile: PolicyChange = serde_json::from_value(profile).unwrap();
    let asked = inputs.iter().flat_map(|input| {
        let ask = matches!(input, Input::Reading(..))
            .then(|| Input::Policy(Box::new(profile.clone()), input.now()));
        ask.into_iter().chain([input.clone()])
    });
    asked.collect()
}

fn judge(start: Start, ops: &[Op]) -> Result<(), String> {
    let world = World::of(start, ops);
    let inputs = &world.script.inputs;
    let decisions = run(inputs, &[])?;
    let text = |decisions: &[Decision]| serde_json::to_string(decisions).unwrap();
    if text(&decisions) != text(&run(inputs, &[])?) {
        return Err("the same inputs gave other bytes".to_owned());
    }
    let every: Vec<usize> = (1..=inputs.len()).step_by(13).collect();
    for crashes in [&world.crashes, &every] {
        if text(&decisions) != text(&run(inputs, crashes)?) {
            return Err("stopped and restored it decided otherwise".to_owned());
        }
    }
    if text(&decisions) != text(&run(&asked_each_time(inputs), &[])?) {
        return Err("with its rules asked about every fix it decided otherwise".to_owned());
    }
    lives(&decisions)?;
    let complaints = oracle::complaints(&world, &decisions);
    if !complaints.is_empty() {
        return Err(complaints.join("; "));
    }
    Ok(())
}

fn seeds() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    match number("SIMULATION_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("SIMULATION_SEEDS").unwrap_or(SEEDS)).collect(),
    }
}

#[test]
fn whatever_happens_breaches_are_told_of_in_time_and_nothing_else_is() {
    for seed in seeds() {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config {
            cases: 4,
            failure_persistence: None,
            max_shrink_iters: 600,
            ..Config::default()
        };
        let mut runner =
            TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let story = (
            0..STARTS.len(),
            proptest::collection::vec(op::op(), 1..STEPS_MAX),
        );
        let outcome = runner.run(&story, |(start, ops)| {
            judge(STARTS[start], &ops).map_err(|why| {
                TestCaseError::fail(format!("{why}\nsteps: (STARTS[{start}], &{ops:?})"))
            })
        });
        if let Err(failure) = outcome {
            panic!("seed {seed}: {failure}");
        }
    }
}

#[test]
fn these_steps_once_failed() {
    let stories: &[(Start, &[Op])] = &[(
        STARTS[0],
        &[
            Stay(20, Away, Live),
            Stay(15, Inside, Late(30)),
            Stay(60, Home, Live),
            Crash,
        ],
    )];
    for (start, ops) in stories {
        if let Err(why) = judge(*start, ops) {
            panic!("{why}\n{ops:?}");
        }
    }
}
