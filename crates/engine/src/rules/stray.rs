//! Devices that report and are nobody's here: known to nobody, worn by nobody, or reporting to a
//! partition that is not their wearer's.
//!
//! One episode a device and kind, with a count, until it has been quiet for a while. Whoever feeds the
//! engine says so now and then, not of every reading: each of them is a dead letter as it is.

use model::registry::StrayReason;
use model::{DecisionKind, DeviceEvidence, DeviceId, Evidence, ReceivedAt, Timestamp};
use serde::{Deserialize, Serialize};

use super::{FaultDesk, seconds};
use crate::TimerReason;
use crate::episode::Episode;

/// The most strays told of at a time: what makes up device ids does not make up alerts without end.
const STRAYS_MAX: usize = 1_000;

/// The strays of a partition. None, of a wearer.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Strays(Vec<Stray>);

#[derive(Debug, Serialize, Deserialize)]
struct Stray {
    device: DeviceId,
    kind: DecisionKind,
    episode: Episode,
    evidence: DeviceEvidence,
    /// Ends then, unless it is heard of again.
    quiet_at: Timestamp,
}

const fn kind(reason: StrayReason) -> DecisionKind {
    match reason {
        StrayReason::UnknownDevice | StrayReason::NotActivated => DecisionKind::UnknownDevice,
        StrayReason::WrongPartition => DecisionKind::WrongPartition,
    }
}

const fn words(reason: StrayReason) -> &'static str {
    match reason {
        StrayReason::UnknownDevice => "a device that nobody knows reports",
        StrayReason::NotActivated => "a device reports of a time at which nobody wore it",
        StrayReason::WrongPartition => {
            "a device reports to a partition that is not its wearer's: nothing of it is judged"
        }
    }
}

impl Strays {
    /// Counts that a stray has reported; the first time opens its episode.
    pub(crate) fn found(
        &mut self,
        device: &DeviceId,
        reason: StrayReason,
        desk: &mut FaultDesk<'_>,
    ) {
        let (now, kind) = (desk.now, kind(reason));
        let quiet_at = now.plus(seconds(desk.policy.oversight.stray_quiet_s));
        let same = |stray: &&mut Stray| stray.kind == kind && stray.device == *device;
        if let Some(stray) = self.0.iter_mut().find(same) {
            stray.evidence.count = stray.evidence.count.saturating_add(1);
            stray.evidence.received_at = Some(ReceivedAt(now));
            stray.quiet_at = quiet_at;
            return;
        }
        if self.0.len() >= STRAYS_MAX {
            return;
        }
        let evidence = DeviceEvidence {
            policy: desk.policy.version.clone(),
            observed_at: None,
            received_at: Some(ReceivedAt(now)),
            reason: words(reason).to_owned(),
            count: 1,
        };
        let why = Evidence::Device(evidence.clone());
        let episode = desk.about(device).open_unheard(kind, now, why);
        self.0.push(Stray {
            device: device.clone(),
            kind,
            episode,
            evidence,
            quiet_at,
        });
    }

    /// Ends those that have been quiet for long enough.
    pub(crate) fn on_time(&mut self, desk: &mut FaultDesk<'_>) {
        let now = desk.now;
        if self.0.iter().all(|stray| now < stray.quiet_at) {
            return;
        }
        let all = std::mem::take(&mut self.0);
        let (over, open) = all.into_iter().partition(|stray| stray.quiet_at <= now);
        self.0 = open;
        let over: Vec<Stray> = over;
        for stray in over {
            let why = Evidence::Device(stray.evidence);
            desk.about(&stray.device).clear(stray.episode, why);
        }
    }

    /// When the next one has been quiet for long enough.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        let quiet = self.0.iter().map(|stray| stray.quiet_at).min()?;
        Some((quiet, TimerReason::Settled))
    }
}
