//! What an answer to a prompt shows.

use model::{
    CheckIn, DecisionKind, FixSource, IdentityMatch, Metres, Position, Reading, ReceivedAt,
    Timestamp,
};

use super::evidence::{Answered, Whereabouts};
use super::prompt::{Prompt, State};
use super::{CheckInRule, Scene};
use crate::Outcome;

impl CheckInRule {
    /// Takes in an answer; nothing when the prompt is not one of this condition's.
    pub(crate) fn on_answer(
        &mut self,
        reading: &Reading,
        answer: &CheckIn,
        scene: &mut Scene<'_>,
    ) -> Option<Outcome> {
        let named = |prompt: &Prompt| prompt.id == answer.prompt;
        let index = self.prompts.iter().position(named)?;
        let mut prompt = self.prompts.remove(index)?;
        let state = std::mem::replace(&mut prompt.state, State::Answered);
        let outcome = if matches!(state, State::Answered) {
            Outcome::Duplicate
        } else {
            self.judge(&prompt, state, reading, answer, scene);
            Outcome::Used
        };
        self.prompts.insert(index, prompt);
        self.due = self.next_review(scene);
        Some(outcome)
    }

    fn judge(
        &self,
        prompt: &Prompt,
        state: State,
        reading: &Reading,
        answer: &CheckIn,
        scene: &mut Scene<'_>,
    ) {
        let answered = Answered {
            observed_at: Some(reading.report.observed_at),
            received_at: Some(ReceivedAt(scene.now())),
            identity: Some(answer.identity),
            whereabouts: self.whereabouts(answer, scene),
        };
        let at = answered_at(prompt, reading.report.observed_at.0, scene.now());
        self.judge_time(prompt, state, at, &answered, scene);
        match answer.identity {
            IdentityMatch::NoMatch => {
                let why = self.evidence(prompt, &answered, None, scene);
                scene.desk.fact(DecisionKind::CheckInIdentity, at, why);
            }
            // Where somebody else answered says nothing of the wearer.
            IdentityMatch::Match => self.judge_place(prompt, at, &answered, scene),
        }
    }

    fn judge_time(
        &self,
        prompt: &Prompt,
        state: State,
        at: Timestamp,
        answered: &Answered,
        scene: &mut Scene<'_>,
    ) {
        let late_s = at.seconds_since(prompt.answer_by);
        let in_time = late_s <= 0.0;
        let note = if in_time {
            "answered in time; the answer came in late".to_owned()
        } else {
            format!("answered {late_s} s too late")
        };
        let why = self.evidence(prompt, answered, Some(note), scene);
        match state {
            State::Missed(episode) => scene.desk.clear(episode, why),
            State::Waiting if !in_time => {
                let kind = DecisionKind::CheckInMissed;
                scene.desk.fact(kind, prompt.answer_by, why);
            }
            State::Waiting | State::Answered => {}
        }
    }

    fn judge_place(
        &self,
        prompt: &Prompt,
        at: Timestamp,
        answered: &Answered,
        scene: &mut Scene<'_>,
    ) {
        let (kind, note) = match &answered.whereabouts {
            Whereabouts::NotAsked | Whereabouts::Inside(_) => return,
            Whereabouts::Elsewhere(_) => (DecisionKind::CheckInElsewhere, None),
            Whereabouts::Unknown(reason) => (DecisionKind::PresenceUnknown, Some(reason.clone())),
        };
        let why = self.evidence(prompt, answered, note, scene);
        scene.desk.fact(kind, at, why);
    }

    /// Inside is within the claimed accuracy of the place's edge, or within the least error that
    /// any receiver is taken to have. A claim too coarse for a fix to be evidence is none here.
    fn whereabouts(&self, answer: &CheckIn, scene: &Scene<'_>) -> Whereabouts {
        let Some((_, place)) = &self.plan.place else {
            return Whereabouts::NotAsked;
        };
        let (Some(lat), Some(lon)) = (answer.lat, answer.lon) else {
            return Whereabouts::Unknown("the answer has no position".to_owned());
        };
        let point = match position(lat, lon, answer.acc).point() {
            Ok(point) => point,
            Err(bad) => return Whereabouts::Unknown(bad.to_string()),
        };
        let rules = &scene.policy.zone;
        let claimed_m = match answer.acc {
            Some(Metres(acc)) if acc > 0.0 => acc,
            Some(_) | None => rules.sigma_unclaimed_m,
        };
        if claimed_m > rules.coarse_over_m {
            let limit_m = rules.coarse_over_m;
            return Whereabouts::Unknown(format!(
                "the position is accurate to {claimed_m} m only, more than {limit_m} m"
            ));
        }
        let allowance_m = claimed_m.max(rules.sigma_floor_m);
        let outside_m = place.outside_m(point);
        let distances = (outside_m, allowance_m, lat, lon);
        if outside_m <= allowance_m {
            Whereabouts::Inside(distances)
        } else {
            Whereabouts::Elsewhere(distances)
        }
    }
}

/// When the prompt was answered, as far as the device's clock can be believed: nobody answers
/// before being asked, or after the answer has come in.
fn answered_at(prompt: &Prompt, observed: Timestamp, now: Timestamp) -> Timestamp {
    if observed < prompt.at {
        now
    } else {
        observed.min(now)
    }
}

const fn position(lat: f64, lon: f64, acc: Option<Metres>) -> Position {
    Position {
        lat,
        lon,
        acc,
        sat: None,
        hdop: None,
        speed: None,
        course: None,
        src: FixSource::Gps,
    }
}
