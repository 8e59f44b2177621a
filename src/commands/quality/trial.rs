//! One course under one receiver: what each rule makes of it.

use model::Timestamp;
use simulator::TrialReceiver;

use super::course::{Course, instant};
use super::ours::{Ground, Ours};
use super::rule::{RuleName, Usual};

/// Monday 1 June 2026, 00:00 UTC.
const START_MS: i64 = 1_780_272_000_000;

/// A breach so long before somebody is inside, in seconds, is of their coming, and no delay at all.
const BEFORE_S: f64 = 120.0;

/// A breach decided so long after somebody has left, in seconds, is still about their stay.
const AFTER_S: f64 = 120.0;

/// What was concluded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Concluded {
    /// For each of [`RuleName::ALL`], when it concluded a breach, in seconds from the start.
    pub(super) breaches: Vec<Vec<f64>>,
    /// For each of them, how many of its breaches fell on a fix of an excursion.
    pub(super) astray: Vec<u64>,
    /// When the engine told operators that there may be one.
    pub(super) notices: Vec<f64>,
    /// Excursions of the receiver.
    pub(super) excursions: u32,
}

/// Runs a course, a fix every `cadence_s`. `index` tells trials apart.
pub(super) fn run(
    course: Course,
    ground: &Ground,
    cadence_s: u32,
    seed: u64,
    index: u64,
) -> anyhow::Result<Concluded> {
    let start = Timestamp::from_epoch_ms(START_MS)?;
    let mut receiver = TrialReceiver::new(seed, index, course.excursions_per_day());
    let cadence_s = f64::from(cadence_s);
    let mut ours = Ours::new(ground, start);
    let mut usual: Vec<Option<Usual>> = RuleName::ALL.map(RuleName::usual).into();
    let mut concluded = Concluded {
        breaches: vec![Vec::new(); RuleName::ALL.len()],
        astray: vec![0; RuleName::ALL.len()],
        notices: Vec::new(),
        excursions: 0,
    };
    let mut at_s = receiver.unit() * cadence_s;
    while at_s < course.lasts_s() {
        let at = instant(start, at_s);
        let fix = receiver.fix(at, course.truth(at_s));
        let said = ours.fix(at, fix);
        let inside_m = ground.inside_m(&fix);
        let counts = concluded.breaches.iter_mut().zip(&mut concluded.astray);
        for (rule, (breaches, astray)) in usual.iter_mut().zip(counts) {
            let breach = match (rule, inside_m) {
                (None, _) => said.breach,
                (Some(_), None) => false,
                (Some(rule), Some(inside_m)) => rule.fix(at, inside_m),
            };
            if breach {
                breaches.push(at_s);
                *astray += u64::from(receiver.is_astray());
            }
        }
        if said.possible {
            concluded.notices.push(at_s);
        }
        at_s += cadence_s;
    }
    concluded.excursions = receiver.excursions();
    Ok(concluded)
}

/// How long after somebody came in the first of `told` came, in seconds; nothing when none came in
/// time.
pub(super) fn delay_s(course: Course, told: &[f64]) -> Option<f64> {
    let inside = course.inside()?;
    let about = |at: &&f64| **at >= inside.from_s - BEFORE_S && **at <= inside.to_s + AFTER_S;
    let first = told.iter().filter(about).copied().min_by(f64::total_cmp)?;
    Some((first - inside.from_s).max(0.0))
}
