//! Alcohol by an ankle device: abstinence, and limits.
//!
//! Two clocks. Episodes are judged by evidence time: what the readings show, in the order in which
//! they were observed, whether they came one by one or a day at once. [`silence`] runs by engine
//! time. Nobody is ever concluded to be sober from a lack of readings.

mod drinking;
mod evidence;
mod fault;
mod sample;
mod silence;
mod tail;
mod wear;

use model::registry::Duty;
use model::{
    Alcohol, AlcoholGapCause, AlcoholGapEvidence, AlcoholQualification, DecisionKind, DeviceId,
    EventCode, Evidence, Reading, Timestamp,
};
use serde::{Deserialize, Serialize};

use self::drinking::Drinking;
use self::evidence::About;
use self::fault::SensorFault;
use self::sample::Sample;
use self::silence::Silence;
use self::wear::{Blocked, Wear};
use super::{Planning, Scene};
use crate::episode::Episode;
use crate::timers::Earliest;
use crate::windows::Span;
use crate::{Outcome, TimerReason};

/// One condition about alcohol of one wearer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AlcoholRule {
    #[serde(skip)]
    plan: Box<Plan>,
    /// The newest reading used.
    last: Option<Sample>,
    drinking: Option<Box<Drinking>>,
    /// The provisional alert.
    told: Option<Episode>,
    /// The latest episode that was one of drinking.
    previous: Option<Past>,
    wear: Wear,
    obstruction: Option<(Episode, Blocked)>,
    fault: Option<Box<SensorFault>>,
    silence: Silence,
    /// When a condition that has ended is closed.
    closing: Option<Timestamp>,
}

#[derive(Debug)]
struct Plan {
    bounds: Span,
    lifted: Vec<Span>,
    /// mg/100 mL.
    limit: Option<u32>,
}

/// A closed episode of drinking.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Past {
    onset: Timestamp,
    closed: Timestamp,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            bounds: Span::always(),
            lifted: Vec::new(),
            limit: None,
        }
    }
}

impl AlcoholRule {
    /// Begins to watch at `now`.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            plan: Box::default(),
            last: None,
            drinking: None,
            told: None,
            previous: None,
            wear: Wear::default(),
            obstruction: None,
            fault: None,
            silence: Silence::new(now),
            closing: None,
        }
    }

    /// Lays a plan under the state.
    pub(crate) fn equip(&mut self, planning: &Planning<'_>) {
        let limit = match planning.condition.duty {
            Duty::AlcoholLimit { peak_mg_per_100ml } => Some(peak_mg_per_100ml),
            Duty::AlcoholAbstinence
            | Duty::ExclusionZone { .. }
            | Duty::InclusionZone { .. }
            | Duty::RestrictionZone { .. }
            | Duty::Curfew { .. }
            | Duty::Attendance { .. }
            | Duty::CheckIn { .. }
            | Duty::Trail => None,
        };
        *self.plan = Plan {
            bounds: planning.bounds(),
            lifted: planning.lifted.clone(),
            limit,
        };
    }

    /// Reconsiders the state after its plan, or what is worn, has changed.
    pub(crate) fn reconsider(&mut self, scene: &mut Scene<'_>) {
        self.tell(scene);
        self.on_time(scene);
    }

    /// Takes in a reading.
    pub(crate) fn on_alcohol(
        &mut self,
        reading: &Reading,
        alcohol: &Alcohol,
        scene: &mut Scene<'_>,
    ) -> Outcome {
        self.silence.hear(scene.now());
        let outcome = self.take(reading, alcohol, scene);
        self.on_time(scene);
        outcome
    }

    fn take(&mut self, reading: &Reading, alcohol: &Alcohol, scene: &mut Scene<'_>) -> Outcome {
        let report = &reading.report;
        let sample = Sample {
            seq: report.seq,
            at: report.observed_at.0,
            tac: alcohol.tac,
        };
        let same_device = self.wear.device.as_ref() == Some(&report.device);
        if let Some(last) = &self.last {
            let same_number = same_device && last.seq.is_some() && last.seq == sample.seq;
            if last.at == sample.at || same_number {
                return Outcome::Duplicate;
            }
            if sample.at < last.at {
                return Outcome::Late;
            }
        }
        if let Some(outcome) = self.check_sensor(reading, sample, scene) {
            return outcome;
        }
        if sample.at >= self.plan.bounds.end {
            self.end("the condition has ended", scene);
        }
        if !self.in_force(sample.at) {
            return Outcome::NotJudged;
        }
        self.wear.meet(&report.device);
        self.judge(sample, alcohol, &report.device, scene);
        Outcome::Used
    }

    fn in_force(&self, at: Timestamp) -> bool {
        let lifted = self.plan.lifted.iter().any(|span| span.contains(at));
        self.plan.bounds.contains(at) && !lifted
    }

    /// Judges the next reading in the order of observation.
    fn judge(
        &mut self,
        sample: Sample,
        alcohol: &Alcohol,
        device: &DeviceId,
        scene: &mut Scene<'_>,
    ) {
        let before = self.last.replace(sample);
        if let Some(before) = before {
            self.mind_gap(before.at, sample.at, device, scene);
        }
        self.wear.take(alcohol, sample.at, &scene.policy.alcohol);
        self.review_obstruction(device, sample.at, scene);
        let rules = &scene.policy.alcohol;
        let closes = match &mut self.drinking {
            Some(drinking) => drinking.add(sample, rules),
            None if sample.tac >= rules.tac_threshold => {
                self.drinking = Some(Box::new(Drinking::open(sample)));
                false
            }
            None => false,
        };
        self.qualify(before.map_or(sample.at, |before| before.at), sample.at);
        self.tell(scene);
        if closes {
            self.close_episode(sample.at, device, scene);
        }
        self.wear.forget_before(sample.at);
    }

    fn mind_gap(
        &mut self,
        from: Timestamp,
        to: Timestamp,
        device: &DeviceId,
        scene: &mut Scene<'_>,
    ) {
        let limit_s = scene.policy.alcohol.gap_s;
        let gap_s = to.seconds_since(from);
        if gap_s <= f64::from(limit_s) {
            return;
        }
        self.wear.interrupt();
        if let Some(drinking) = &mut self.drinking {
            drinking.interrupt(gap_s);
        }
        let gap = Span {
            start: from,
            end: to,
        };
        if self.plan.lifted.iter().any(|lifted| lifted.meets(&gap)) {
            return;
        }
        let evidence = Evidence::AlcoholGap(AlcoholGapEvidence {
            policy: scene.policy.version.clone(),
            device: device.clone(),
            cause: AlcoholGapCause::Readings,
            from,
            to: Some(to),
            limit_s,
            note: None,
        });
        scene.desk.fact(DecisionKind::AlcoholGap, from, evidence);
    }

    /// Marks an open episode for how the device was worn since the reading before.
    fn qualify(&mut self, from: Timestamp, to: Timestamp) {
        let Some(drinking) = &mut self.drinking else {
            return;
        };
        let from = from.max(drinking.onset);
        if self.wear.strap_open(from, to) {
            drinking.qualify(AlcoholQualification::Strap);
        }
        if let Some(blocked) = self.wear.blocked {
            drinking.qualify(blocked.cause);
        }
    }

    /// Takes in what the wearer's alcohol device says of its strap.
    pub(crate) fn on_strap(&mut self, device: &DeviceId, code: EventCode, at: Timestamp) {
        if code == EventCode::StrapCut {
            self.wear.cut(device, at);
        } else if code == EventCode::StrapRestored {
            self.wear.restore(device, at);
        }
        if let Some(drinking) = &self.drinking {
            self.qualify(drinking.onset, drinking.last);
        }
    }

    /// Whether the condition demands anything of this episode.
    fn concerns(&self, drinking: &Drinking) -> bool {
        let passes = |limit: u32| i64::from(drinking.peak) > i64::from(limit);
        self.plan.limit.is_none_or(passes)
    }

    /// Opens the provisional alert when it is due.
    fn tell(&mut self, scene: &mut Scene<'_>) {
        let (Some(drinking), Some(device)) = (&self.drinking, &self.wear.device) else {
            return;
        };
        let detected = drinking.is_sustained(&scene.policy.alcohol) && self.concerns(drinking);
        if self.told.is_none() && detected {
            let why = self.evidence(drinking, device, About::default(), scene);
            let kind = DecisionKind::AlcoholDetected;
            self.told = Some(scene.desk.open(kind, drinking.onset, why));
        }
    }

    /// Says what the episode that `at` closes amounts to.
    fn close_episode(&mut self, at: Timestamp, device: &DeviceId, scene: &mut Scene<'_>) {
        let Some(drinking) = self.drinking.take() else {
            return;
        };
        let rules = &scene.policy.alcohol;
        let kind = drinking.classify(rules);
        let mut onset = drinking.onset;
        let mut goes_on_from = None;
        if kind != DecisionKind::AlcoholEnvironmental {
            let merge_s = f64::from(rules.merge_s);
            let near = |past: &Past| drinking.onset.seconds_since(past.closed) <= merge_s;
            goes_on_from = self.previous.filter(near).map(|past| past.onset);
            onset = goes_on_from.unwrap_or(onset);
            self.previous = Some(Past { onset, closed: at });
        }
        let about = |note| About {
            closed: Some(at),
            goes_on_from,
            note,
        };
        if let Some(told) = self.told.take() {
            let note = Some(format!("became {kind}"));
            let why = self.evidence(&drinking, device, about(note), scene);
            scene.desk.clear(told, why);
        }
        if self.concerns(&drinking) {
            let why = self.evidence(&drinking, device, about(None), scene);
            scene.desk.fact(kind, onset, why);
        }
    }

    fn review_obstruction(&mut self, device: &DeviceId, at: Timestamp, scene: &mut Scene<'_>) {
        match (self.wear.blocked, self.obstruction.take()) {
            (Some(blocked), None) => {
                let why = self.obstruction_evidence(blocked, device, (at, None), scene);
                let kind = DecisionKind::AlcoholObstruction;
                let episode = scene.desk.open(kind, blocked.since, why);
                self.obstruction = Some((episode, blocked));
            }
            (None, Some((episode, blocked))) => {
                let note = Some(match self.wear.baseline {
                    Some(_) => "infra-red is in its band again",
                    None => "another device is worn",
                });
                let why = self.obstruction_evidence(blocked, device, (at, note), scene);
                scene.desk.clear(episode, why);
            }
            (Some(_), known @ Some(_)) => self.obstruction = known,
            (None, None) => {}
        }
    }

    /// Takes over from the state in force what hangs on when things arrived.
    pub(crate) fn keep_unheard(&mut self, live: Self) {
        self.silence = live.silence;
    }

    /// Does what is due.
    pub(crate) fn on_time(&mut self, scene: &mut Scene<'_>) {
        self.review_silence(scene);
        self.closing = self.closing(scene).filter(|_| self.is_open());
        if self.closing.is_some_and(|due| due <= scene.now()) {
            self.end("the condition has ended", scene);
        }
    }

    fn is_open(&self) -> bool {
        let device = self.obstruction.is_some() || self.fault.is_some();
        self.drinking.is_some() || device || self.silence.is_told()
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        Earliest::default()
            .or(self.closing, TimerReason::WindowEnd)
            .or(self.silence.due(), TimerReason::Silence)
            .get()
    }

    /// Ends what is open, because the condition is no more.
    pub(crate) fn close(&mut self, note: &str, scene: &mut Scene<'_>) {
        self.end(note, scene);
        self.silence = Silence::new(scene.now());
    }

    /// Ends what is open. An episode that its readings did not close is not classified.
    fn end(&mut self, note: &str, scene: &mut Scene<'_>) {
        let device = self.wear.device.clone();
        if let (Some(drinking), Some(device)) = (self.drinking.take(), &device)
            && let Some(told) = self.told.take()
        {
            let about = About {
                note: Some(format!("not classified: {note}")),
                ..About::default()
            };
            let why = self.evidence(&drinking, device, about, scene);
            scene.desk.clear(told, why);
        }
        if let (Some((episode, blocked)), Some(device)) = (self.obstruction.take(), &device) {
            let at = self.last.map_or(blocked.since, |last| last.at);
            let why = self.obstruction_evidence(blocked, device, (at, Some(note)), scene);
            scene.desk.clear(episode, why);
        }
        if let Some(fault) = self.fault.take() {
            fault.clear(note, scene);
        }
        self.clear_silence(note, scene);
        self.closing = None;
    }
}
