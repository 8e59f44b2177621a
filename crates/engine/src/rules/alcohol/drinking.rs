//! One episode: what its readings show, and what they amount to.

use std::collections::VecDeque;

use model::{AlcoholQualification, DecisionKind, Timestamp};
use serde::{Deserialize, Serialize};

use super::sample::Sample;
use super::tail::Tail;
use crate::policy::AlcoholRules;

/// Readings shown in evidence: a day of the usual cadence.
const SHOWN: usize = 48;

/// Readings in a row at or over the threshold.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) readings: u32,
    from: Timestamp,
    to: Timestamp,
}

impl Run {
    pub(super) fn span_s(&self) -> f64 {
        self.to.seconds_since(self.from)
    }

    fn is_sustained(&self, rules: &AlcoholRules) -> bool {
        self.readings >= rules.run_readings && self.span_s() >= f64::from(rules.run_span_s)
    }

    /// Whether it says more than `other`.
    fn beats(&self, other: &Self, rules: &AlcoholRules) -> bool {
        match (self.is_sustained(rules), other.is_sustained(rules)) {
            (true, false) => true,
            (false, true) => false,
            (true, true) | (false, false) => {
                (self.to.since(self.from), self.readings)
                    >= (other.to.since(other.from), other.readings)
            }
        }
    }
}

/// Readings in a row under the threshold.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Below {
    readings: u32,
    from: Timestamp,
}

/// An open episode.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Drinking {
    pub(super) onset: Timestamp,
    pub(super) last: Timestamp,
    pub(super) readings: u32,
    run: Option<Run>,
    pub(super) best: Run,
    pub(super) peak: i32,
    pub(super) peak_at: Timestamp,
    below: Option<Below>,
    pub(super) tail: Tail,
    /// The tail has hardly fallen for hours at some time since the peak: what no body does, and what a
    /// cliff at its end must not make up for.
    pub(super) plateau: bool,
    pub(super) qualified: Vec<AlcoholQualification>,
    /// Seconds of the longest gap within it.
    pub(super) gap_s: Option<f64>,
    pub(super) shown: VecDeque<Sample>,
}

impl Drinking {
    /// Opens with a reading at or over the threshold.
    pub(super) fn open(sample: Sample) -> Self {
        let run = Run {
            readings: 1,
            from: sample.at,
            to: sample.at,
        };
        Self {
            onset: sample.at,
            last: sample.at,
            readings: 1,
            run: Some(run),
            best: run,
            peak: sample.tac,
            peak_at: sample.at,
            below: None,
            tail: Tail::after(sample),
            plateau: false,
            qualified: Vec::new(),
            gap_s: None,
            shown: VecDeque::from([sample]),
        }
    }

    /// Nothing is known of `gap_s` seconds before the next reading: no run goes through them,
    /// neither over nor under the threshold.
    pub(super) fn interrupt(&mut self, gap_s: f64) {
        self.run = None;
        self.below = None;
        self.gap_s = Some(self.gap_s.map_or(gap_s, |longest| longest.max(gap_s)));
    }

    pub(super) fn qualify(&mut self, why: AlcoholQualification) {
        if !self.qualified.contains(&why) {
            self.qualified.push(why);
        }
    }

    /// Takes in the next reading; true when it closes the episode.
    pub(super) fn add(&mut self, sample: Sample, rules: &AlcoholRules) -> bool {
        self.show(sample);
        if sample.tac > self.peak {
            self.peak = sample.tac;
            self.peak_at = sample.at;
            self.tail = Tail::after(sample);
            self.plateau = false;
        } else {
            self.tail.add(sample, rules);
            self.plateau |= self.is_flat(rules);
        }
        if sample.tac >= rules.tac_threshold {
            self.extend_run(sample.at, rules);
            return false;
        }
        self.run = None;
        let below = self.below.get_or_insert(Below {
            readings: 0,
            from: sample.at,
        });
        below.readings = below.readings.saturating_add(1);
        below.readings >= rules.close_readings
            && sample.at.seconds_since(below.from) >= f64::from(rules.close_span_s)
    }

    fn show(&mut self, sample: Sample) {
        self.last = sample.at;
        self.readings = self.readings.saturating_add(1);
        if self.shown.len() >= SHOWN {
            self.shown.pop_front();
        }
        self.shown.push_back(sample);
    }

    fn extend_run(&mut self, at: Timestamp, rules: &AlcoholRules) {
        self.below = None;
        let run = self.run.get_or_insert(Run {
            readings: 0,
            from: at,
            to: at,
        });
        run.readings = run.readings.saturating_add(1);
        run.to = at;
        if run.beats(&self.best, rules) {
            self.best = *run;
        }
    }

    /// Whether readings were over the threshold for long enough.
    pub(super) fn is_sustained(&self, rules: &AlcoholRules) -> bool {
        self.best.is_sustained(rules)
    }

    /// From the peak down to the threshold by the latest reading, in mg/100 mL an hour.
    pub(super) fn drop_per_h(&self, rules: &AlcoholRules) -> Option<f64> {
        let over = f64::from(self.peak) - f64::from(rules.tac_threshold);
        let elapsed_s = self.last.seconds_since(self.peak_at);
        (elapsed_s > 0.0).then(|| over * 3600.0 / elapsed_s)
    }

    /// Whether the tail has hardly fallen for hours.
    fn is_flat(&self, rules: &AlcoholRules) -> bool {
        let fall = self.tail.fall_per_h();
        fall.is_some_and(|fall| fall < rules.fall_low_per_h)
            && self.tail.span_s() >= f64::from(rules.plateau_s)
    }

    /// What the closed episode amounts to.
    pub(super) fn classify(&self, rules: &AlcoholRules) -> DecisionKind {
        let drop = self.drop_per_h(rules);
        let vanished = drop.is_some_and(|drop| drop > rules.drop_max_per_h);
        if !self.is_sustained(rules) || vanished {
            return DecisionKind::AlcoholEnvironmental;
        }
        let limits = rules.fall_low_per_h..=rules.fall_high(self.peak);
        let fall = self.tail.fall_per_h();
        let eliminated =
            self.tail.is_adequate(rules) && fall.is_some_and(|fall| limits.contains(&fall));
        if eliminated && !self.plateau && self.qualified.is_empty() && self.gap_s.is_none() {
            DecisionKind::AlcoholConfirmed
        } else {
            DecisionKind::AlcoholProbable
        }
    }
}
