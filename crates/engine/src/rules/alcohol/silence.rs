//! Uploads that do not come, and days without a reading, by engine time: one episode, which is told
//! again when the second is reached as well, and ends when neither holds any more.

use model::registry::{Activation, DeviceKind};
use model::{AlcoholGapCause, AlcoholGapEvidence, DecisionKind, Evidence, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AlcoholRule, Scene};
use crate::episode::Episode;
use crate::rules::scene::seconds;

/// What is known of not hearing from the device.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Silence {
    /// Watched since.
    from: Timestamp,
    /// The device was last heard from.
    heard: Option<Timestamp>,
    gap: Option<Box<Gap>>,
    due: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Gap {
    episode: Episode,
    evidence: AlcoholGapEvidence,
    /// What it is told for, and from when on.
    causes: Vec<(AlcoholGapCause, Timestamp)>,
}

/// What is waited for: since when, and for how many seconds at most.
#[derive(Debug, Clone, Copy)]
struct Wait {
    cause: AlcoholGapCause,
    from: Timestamp,
    limit_s: u32,
}

impl Gap {
    fn is_for(&self, cause: AlcoholGapCause) -> bool {
        self.causes.iter().any(|(known, _)| *known == cause)
    }
}

impl Silence {
    pub(super) const fn new(from: Timestamp) -> Self {
        Self {
            from,
            heard: None,
            gap: None,
            due: None,
        }
    }

    pub(super) fn hear(&mut self, now: Timestamp) {
        self.heard = Some(now);
    }

    pub(super) const fn is_told(&self) -> bool {
        self.gap.is_some()
    }

    pub(super) const fn due(&self) -> Option<Timestamp> {
        self.due
    }
}

/// The device whose uploads are due: worn, or to be worn next.
fn worn<'a>(scene: &Scene<'a>) -> Option<&'a Activation> {
    let now = scene.now();
    let due = |activation: &&Activation| {
        activation.kind == DeviceKind::Alcohol && activation.to.is_none_or(|to| now < to)
    };
    let mut due = scene.activations.iter().filter(due);
    let first = due.next()?;
    Some(due.fold(first, |earliest, next| {
        if next.from < earliest.from {
            next
        } else {
            earliest
        }
    }))
}

/// Seconds from one upload to the latest time of the next.
fn upload_wait_s(activation: Option<&Activation>, scene: &Scene<'_>) -> u32 {
    let rules = &scene.policy.alcohol;
    let planned_s = activation.map_or(0, |activation| activation.upload_interval_s);
    planned_s
        .max(rules.upload_s)
        .saturating_add(rules.upload_margin_s)
}

impl AlcoholRule {
    /// When the condition is closed without a further reading.
    pub(super) fn closing(&self, scene: &Scene<'_>) -> Option<Timestamp> {
        let end = self.plan.bounds.end;
        let wait = seconds(upload_wait_s(worn(scene), scene));
        (end < Timestamp::MAX).then(|| end.plus(wait))
    }

    /// Opens and clears what time and evidence call for, and works out when to look again.
    pub(super) fn review_silence(&mut self, scene: &mut Scene<'_>) {
        self.silence.due = None;
        let now = scene.now();
        let Some(activation) = worn(scene) else {
            self.clear_silence("no device is worn", scene);
            return;
        };
        if now >= self.plan.bounds.end {
            self.clear_silence("the condition has ended", scene);
            return;
        }
        let start = activation.from.max(self.plan.bounds.start);
        let start = start.max(self.silence.from);
        let upload_from = self.silence.heard.map_or(start, |heard| heard.max(start));
        let readings_from = self.last.map_or(start, |last| last.at.max(start));
        let waits = [
            Wait {
                cause: AlcoholGapCause::MissedUpload,
                from: upload_from,
                limit_s: upload_wait_s(Some(activation), scene),
            },
            Wait {
                cause: AlcoholGapCause::Silence,
                from: readings_from,
                limit_s: scene.policy.alcohol.silence_s,
            },
        ];
        self.hear_again(waits, scene);
        let ends = activation
            .to
            .map_or(self.plan.bounds.end, |to| to.min(self.plan.bounds.end));
        let dues = waits.map(|wait| self.watch(wait, activation, scene));
        let due = dues.into_iter().flatten().fold(ends, Timestamp::min);
        self.silence.due = (due < Timestamp::MAX).then_some(due);
    }

    /// Clears the gap when what it was told for has come since.
    fn hear_again(&mut self, waits: [Wait; 2], scene: &mut Scene<'_>) {
        let Some(gap) = &mut self.silence.gap else {
            return;
        };
        let came =
            |cause, from| (waits.iter()).any(|wait: &Wait| wait.cause == cause && from < wait.from);
        gap.causes.retain(|(cause, from)| !came(*cause, *from));
        if !gap.causes.is_empty() {
            return;
        }
        let told = gap.evidence.cause;
        let to = waits.iter().find(|wait| wait.cause == told);
        let to = to.map(|wait| wait.from);
        if let Some(gap) = self.silence.gap.take() {
            clear(*gap, to, "heard from again", scene);
        }
    }

    /// Tells of what is due; gives when to look again.
    fn watch(
        &mut self,
        wait: Wait,
        activation: &Activation,
        scene: &mut Scene<'_>,
    ) -> Option<Timestamp> {
        let Wait {
            cause,
            from,
            limit_s,
        } = wait;
        let gap = self.silence.gap.as_ref();
        if gap.is_some_and(|gap| gap.is_for(cause)) {
            return None;
        }
        let due = self.excuse(from.plus(seconds(limit_s)), scene);
        if due > scene.now() {
            return Some(due);
        }
        let evidence = AlcoholGapEvidence {
            policy: scene.policy.version.clone(),
            device: activation.device.clone(),
            cause,
            from,
            to: None,
            limit_s,
            note: None,
        };
        let why = Evidence::AlcoholGap(evidence.clone());
        if let Some(gap) = &mut self.silence.gap {
            scene.desk.update(&mut gap.episode, why);
            gap.evidence = evidence;
            gap.causes.push((cause, from));
        } else {
            let kind = DecisionKind::AlcoholGap;
            self.silence.gap = Some(Box::new(Gap {
                episode: scene.desk.open_unheard(kind, from, why),
                evidence,
                causes: vec![(cause, from)],
            }));
        }
        None
    }

    /// Later than `due` for what is no fault of the wearer's: a gap in our own intake, and an
    /// authorised absence.
    fn excuse(&self, due: Timestamp, scene: &Scene<'_>) -> Timestamp {
        let margin = seconds(scene.policy.alcohol.upload_margin_s);
        let resumed = scene.intake_resumed.map(|resumed| resumed.plus(margin));
        let due = resumed.map_or(due, |resumed| due.max(resumed));
        let wait = seconds(scene.policy.alcohol.upload_s) + margin;
        let lifted = self.plan.lifted.iter();
        lifted
            .filter(|span| span.contains(due))
            .fold(due, |due, span| due.max(span.end.plus(wait)))
    }

    pub(super) fn clear_silence(&mut self, note: &str, scene: &mut Scene<'_>) {
        if let Some(gap) = self.silence.gap.take() {
            clear(*gap, None, note, scene);
        }
    }
}

fn clear(gap: Gap, to: Option<Timestamp>, note: &str, scene: &mut Scene<'_>) {
    let evidence = AlcoholGapEvidence {
        to,
        note: Some(note.to_owned()),
        ..gap.evidence
    };
    scene
        .desk
        .clear(gap.episode, Evidence::AlcoholGap(evidence));
}
