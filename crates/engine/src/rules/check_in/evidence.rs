//! The numbers that decisions about check-ins show.

use model::{CheckInEvidence, Evidence, IdentityMatch, ObservedAt, ReceivedAt};

use super::prompt::Prompt;
use super::{CheckInRule, Scene};
use crate::trail::hundredths;

/// The answer to a prompt; nothing where none has come.
#[derive(Debug, Default)]
pub(super) struct Answered {
    pub(super) observed_at: Option<ObservedAt>,
    pub(super) received_at: Option<ReceivedAt>,
    pub(super) identity: Option<IdentityMatch>,
    pub(super) whereabouts: Whereabouts,
}

/// Metres outside the place's edge, metres by which that may be wrong, latitude, longitude.
type Distances = (f64, f64, f64, f64);

/// Where an answer was given.
#[derive(Debug, Default)]
pub(super) enum Whereabouts {
    #[default]
    NotAsked,
    Inside(Distances),
    Elsewhere(Distances),
    /// Why it is not known.
    Unknown(String),
}

impl CheckInRule {
    pub(super) fn evidence(
        &self,
        prompt: &Prompt,
        answered: &Answered,
        note: Option<String>,
        scene: &Scene<'_>,
    ) -> Evidence {
        let place = self.plan.place.as_ref();
        let distances = match &answered.whereabouts {
            Whereabouts::Inside(distances) | Whereabouts::Elsewhere(distances) => Some(*distances),
            Whereabouts::NotAsked | Whereabouts::Unknown(_) => None,
        };
        Evidence::CheckIn(CheckInEvidence {
            policy: scene.policy.version.clone(),
            prompt: prompt.id.clone(),
            device: prompt.device.clone(),
            asked_at: prompt.at,
            answer_by: prompt.answer_by,
            margin_s: scene.policy.check_in.answer_margin_s,
            observed_at: answered.observed_at,
            received_at: answered.received_at,
            identity: answered.identity,
            place: place.map(|(id, _)| id.clone()),
            radius_m: place.map(|(_, place)| place.radius_m),
            lat: distances.map(|(.., lat, _)| lat),
            lon: distances.map(|(.., lon)| lon),
            distance_m: distances.map(|(outside_m, ..)| hundredths(outside_m)),
            allowance_m: distances.map(|(_, allowance_m, ..)| hundredths(allowance_m)),
            note,
        })
    }
}
