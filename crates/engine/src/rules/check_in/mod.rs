//! Check-ins: prompts at times that cannot be guessed, and what becomes of them: missed, answered
//! by somebody else, answered from elsewhere.
//!
//! Prompts go out by timer, as commands to the device that the wearer carries. A prompt that could
//! not go out, for want of a device or because this system was down, is nobody's fault and is not
//! judged. Each is judged once, by its answer or by timer; an answer that was given in time and
//! comes late takes a missed one back.

mod answer;
mod evidence;
mod jitter;
mod plan;
mod prompt;

use std::collections::VecDeque;

use model::registry::DeviceKind;
use model::{DecisionKind, DeviceCommand, DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

use self::plan::{Plan, Slot};
use self::prompt::{Prompt, State};
use super::missing::Missing;
use super::{Planning, Scene};
use crate::TimerReason;
use crate::windows::Span;

/// The check-ins of one condition of one wearer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckInRule {
    #[serde(skip)]
    plan: Plan,
    /// Prompts up to here have been sent, or passed over.
    asked: Timestamp,
    /// The next prompt.
    next: Option<Timestamp>,
    /// Prompts sent, oldest first, until no answer to them counts any more.
    prompts: VecDeque<Prompt>,
    /// When to look at them again.
    due: Option<Timestamp>,
    place_missing: Missing,
    device_missing: Missing,
}

/// Prompts kept: a day of one every half hour. The oldest makes way for a further one.
const PROMPTS_KEPT: usize = 48;

impl CheckInRule {
    /// Begins to watch at `now`.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            plan: Plan::default(),
            asked: now,
            next: None,
            prompts: VecDeque::new(),
            due: None,
            place_missing: Missing::default(),
            device_missing: Missing::default(),
        }
    }

    /// Lays a plan under the state.
    pub(crate) fn equip(&mut self, planning: &Planning<'_>) {
        self.plan = Plan::new(planning);
    }

    /// Reconsiders the state after its plan has changed.
    pub(crate) fn reconsider(&mut self, scene: &mut Scene<'_>) {
        self.asked = self.asked.max(scene.now());
        self.tell_missing(scene);
        self.lift_prompts(scene);
        self.on_time(scene);
    }

    /// Does what is due.
    pub(crate) fn on_time(&mut self, scene: &mut Scene<'_>) {
        self.review_prompts(scene);
        self.ask_due(scene);
        self.due = self.next_review(scene);
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let next = self.next.map(|next| (next, TimerReason::Prompt));
        let due = self.due.map(|due| (due, TimerReason::Answer));
        next.into_iter().chain(due).min()
    }

    /// Ends what is open, because the condition is no more.
    pub(crate) fn close(&mut self, note: &str, scene: &mut Scene<'_>) {
        for prompt in std::mem::take(&mut self.prompts) {
            self.drop_prompt(prompt, note, scene);
        }
        self.place_missing.clear(note, scene);
        self.device_missing.clear(note, scene);
    }

    fn tell_missing(&mut self, scene: &mut Scene<'_>) {
        match &self.plan.problem {
            Some(reason) if scene.now() < self.plan.ends() => {
                let kind = DecisionKind::GeometryMissing;
                self.place_missing.tell(kind, reason, scene);
            }
            Some(_) => {}
            None => self
                .place_missing
                .clear("the place to check in from is known", scene),
        }
    }

    /// Sends the prompts that are due, and finds the next one.
    fn ask_due(&mut self, scene: &mut Scene<'_>) {
        self.next = None;
        while let Some(slot) = self.plan.after(self.asked, &scene.policy.check_in) {
            if slot.at > scene.now() {
                self.next = Some(slot.at);
                return;
            }
            self.asked = slot.at;
            self.ask(slot, scene);
        }
        self.device_missing
            .clear("no further prompt is demanded", scene);
    }

    fn ask(&mut self, slot: Slot, scene: &mut Scene<'_>) {
        let Slot { at, id } = slot;
        let answer_by = at.plus(self.plan.answer_within);
        // Timers run as of their time even after a gap of our own, when nothing went out.
        let was_down = scene.intake_resumed.is_some_and(|resumed| at < resumed);
        let span = Span {
            start: at,
            end: answer_by,
        };
        if at < scene.now() || was_down || !self.plan.demands(&span) {
            return;
        }
        let Some(device) = carried(scene) else {
            let reason = format!("no device to send the prompt of {at} to");
            let kind = DecisionKind::NotMonitored;
            self.device_missing.tell(kind, &reason, scene);
            return;
        };
        self.device_missing
            .clear("prompts can be sent again", scene);
        scene.commands.push_back(DeviceCommand {
            device: device.clone(),
            prompt: id.clone(),
            at,
            answer_by,
        });
        if self.prompts.len() >= PROMPTS_KEPT
            && let Some(oldest) = self.prompts.pop_front()
        {
            self.drop_prompt(oldest, "no answer has come", scene);
        }
        self.prompts.push_back(Prompt {
            id,
            device,
            at,
            answer_by,
            state: State::Waiting,
        });
    }
}

/// The device that the wearer carries now.
fn carried(scene: &Scene<'_>) -> Option<DeviceId> {
    let now = scene.now();
    let carried = |device: &&model::registry::Activation| {
        device.kind == DeviceKind::NonFitted && device.covers(now)
    };
    let mut devices = scene.activations.iter().rev();
    devices.find(carried).map(|found| found.device.clone())
}
