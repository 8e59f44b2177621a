//! Prompts that were sent, and what becomes of those that nobody answers.

use std::collections::VecDeque;

use model::{DecisionKind, DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

use super::evidence::Answered;
use super::{CheckInRule, Scene};
use crate::episode::Episode;
use crate::rules::scene::seconds;
use crate::windows::Span;

/// A prompt that was sent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Prompt {
    pub(super) id: String,
    pub(super) device: DeviceId,
    pub(super) at: Timestamp,
    pub(super) answer_by: Timestamp,
    pub(super) state: State,
}

/// What has become of a prompt.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum State {
    Waiting,
    Missed(Episode),
    Answered,
}

impl Prompt {
    /// When it is given up. Later after a gap in our own intake.
    fn give_up_at(&self, scene: &Scene<'_>) -> Timestamp {
        let margin = seconds(scene.policy.check_in.answer_margin_s);
        let due = self.answer_by.plus(margin);
        let resumed = scene.intake_resumed.map(|resumed| resumed.plus(margin));
        resumed.map_or(due, |resumed| resumed.max(due))
    }

    /// When no answer to it counts any more.
    fn forgotten_at(&self, scene: &Scene<'_>) -> Timestamp {
        let late = seconds(scene.policy.check_in.late_answer_s);
        self.answer_by.plus(late).max(self.give_up_at(scene))
    }
}

impl CheckInRule {
    /// Gives up and forgets what time calls for.
    pub(super) fn review_prompts(&mut self, scene: &mut Scene<'_>) {
        let now = scene.now();
        let mut kept = VecDeque::with_capacity(self.prompts.len());
        for mut prompt in std::mem::take(&mut self.prompts) {
            let given_up = prompt.give_up_at(scene) <= now;
            if given_up && matches!(prompt.state, State::Waiting) {
                self.miss(&mut prompt, scene);
            }
            if prompt.forgotten_at(scene) <= now {
                self.drop_prompt(prompt, "no answer has come", scene);
            } else {
                kept.push_back(prompt);
            }
        }
        self.prompts = kept;
    }

    /// When a prompt calls for a review next.
    pub(super) fn next_review(&self, scene: &Scene<'_>) -> Option<Timestamp> {
        let due = |prompt: &Prompt| match prompt.state {
            State::Waiting => prompt.give_up_at(scene),
            State::Missed(_) | State::Answered => prompt.forgotten_at(scene),
        };
        self.prompts.iter().map(due).min()
    }

    fn miss(&self, prompt: &mut Prompt, scene: &mut Scene<'_>) {
        let why = self.evidence(prompt, &Answered::default(), None, scene);
        let kind = DecisionKind::CheckInMissed;
        prompt.state = State::Missed(scene.desk.open(kind, prompt.answer_by, why));
    }

    /// Ends what is open of a prompt.
    pub(super) fn drop_prompt(&self, mut prompt: Prompt, note: &str, scene: &mut Scene<'_>) {
        let state = std::mem::replace(&mut prompt.state, State::Answered);
        if let State::Missed(episode) = state {
            let note = Some(note.to_owned());
            let why = self.evidence(&prompt, &Answered::default(), note, scene);
            scene.desk.clear(episode, why);
        }
    }

    /// After the plan has changed: what it no longer demanded needs no answer.
    pub(super) fn lift_prompts(&mut self, scene: &mut Scene<'_>) {
        for prompt in std::mem::take(&mut self.prompts) {
            let span = Span {
                start: prompt.at,
                end: prompt.answer_by,
            };
            if self.plan.demands(&span) {
                self.prompts.push_back(prompt);
            } else {
                let note = "as varied or excused, the check-in was not demanded";
                self.drop_prompt(prompt, note, scene);
            }
        }
    }
}
