//! What of a wearer's devices can be heard, and since when nothing has been.

use model::registry::{Activation, DeviceKind};
use model::{DeviceContact, DeviceId, Evidence, OversightEvidence, ReceivedAt, Timestamp};

use super::{Cause, Contact};
use crate::RulesPolicy;
use crate::few::Few;
use crate::rules::seconds;

/// A wearer's devices as they are now, for one order.
pub(super) struct Cover<'a> {
    pub(super) contacts: &'a Few<DeviceId, Contact>,
    pub(super) activations: &'a [Activation],
    pub(super) policy: &'a RulesPolicy,
    pub(super) intake_resumed: Option<Timestamp>,
    /// When the order was heard of.
    pub(super) told_of: Timestamp,
    pub(super) now: Timestamp,
}

/// Whether a wearer is watched.
pub(super) enum State {
    /// Until then at least.
    Watched { until: Timestamp },
    /// Nobody has watched since `from`, which is told at `due`.
    Unwatched {
        cause: Cause,
        from: Timestamp,
        due: Timestamp,
    },
}

impl Cover<'_> {
    /// Whether an order in force since `start` is watched.
    pub(super) fn state(&self, start: Timestamp) -> State {
        let no_device = seconds(self.policy.oversight.no_device_s);
        let begun = start.max(self.told_of);
        let silent = self.worn().map(|worn| self.silent_at(worn)).max();
        let Some(silent) = silent else {
            let from = self.bare_since().map_or(start, |bare| bare.max(start));
            return State::Unwatched {
                cause: Cause::NoDevice,
                from,
                due: from.max(begun).plus(no_device),
            };
        };
        if self.now < silent {
            return State::Watched { until: silent };
        }
        let heard = self.worn().map(|worn| self.heard(worn)).max();
        State::Unwatched {
            cause: Cause::Silent,
            from: heard.map_or(start, |heard| heard.max(start)),
            due: silent.max(begun.plus(no_device)).max(self.excused()),
        }
    }

    /// The devices that count. What is carried may be left at home for days: it counts where nothing is
    /// fitted.
    fn worn(&self) -> impl Iterator<Item = &Activation> {
        let worn = || self.activations.iter().filter(|worn| worn.covers(self.now));
        let is_fitted = |worn: &Activation| match worn.kind {
            DeviceKind::Gps | DeviceKind::Rf | DeviceKind::Alcohol => true,
            DeviceKind::NonFitted => false,
        };
        let any_fitted = worn().any(is_fitted);
        worn().filter(move |worn| !any_fitted || is_fitted(worn))
    }

    /// Since when there has been no device, where there was one before.
    fn bare_since(&self) -> Option<Timestamp> {
        let ends = self.activations.iter().filter_map(|worn| worn.to);
        ends.filter(|end| *end <= self.now).max()
    }

    /// When a device was last heard, or should have begun to be.
    fn heard(&self, worn: &Activation) -> Timestamp {
        let since = self.contacts.get(&worn.device).map(|contact| contact.since);
        since.map_or(worn.from, |since| since.max(worn.from))
    }

    fn silent_at(&self, worn: &Activation) -> Timestamp {
        self.heard(worn).plus(seconds(self.allowed_s(worn)))
    }

    fn allowed_s(&self, worn: &Activation) -> u32 {
        let silence_s = self.policy.oversight.silence_s;
        self.upload_s(worn).saturating_add(silence_s)
    }

    /// An alcohol tag uploads daily, whatever the other readings of its wearer.
    fn upload_s(&self, worn: &Activation) -> u32 {
        match worn.kind {
            DeviceKind::Alcohol => worn.upload_interval_s.max(self.policy.alcohol.upload_s),
            DeviceKind::Gps | DeviceKind::Rf | DeviceKind::NonFitted => worn.upload_interval_s,
        }
    }

    /// Not before this after a gap of our own.
    fn excused(&self) -> Timestamp {
        let upload_s = self.worn().map(|worn| self.upload_s(worn)).max();
        let margin_s = self.policy.oversight.resume_margin_s;
        let wait = seconds(upload_s.unwrap_or_default().saturating_add(margin_s));
        let resumed = self.intake_resumed.map(|resumed| resumed.plus(wait));
        resumed.unwrap_or_default()
    }

    /// The evidence that nobody has watched since `from`.
    pub(super) fn evidence(&self, cause: Cause, from: Timestamp) -> Evidence {
        let (reason, limit_s) = match cause {
            Cause::NoDevice => {
                let limit_s = self.policy.oversight.no_device_s;
                let reason =
                    format!("no device has been activated since {from}, longer than {limit_s} s");
                (reason, Some(limit_s))
            }
            Cause::Silent => {
                let reason = "every device has been silent for longer than allowed".to_owned();
                (reason, None)
            }
        };
        Evidence::Oversight(OversightEvidence {
            limit_s,
            devices: self.devices(),
            ..OversightEvidence::new(&self.policy.version, reason)
        })
    }

    /// What is worn, and when each was last heard.
    pub(super) fn devices(&self) -> Vec<DeviceContact> {
        let tell = |worn: &Activation| DeviceContact {
            device: worn.device.clone(),
            activated_at: worn.from,
            heard_at: self
                .contacts
                .get(&worn.device)
                .and_then(|contact| contact.heard)
                .map(ReceivedAt),
            silent_from: self.heard(worn),
            allowed_s: self.allowed_s(worn),
        };
        self.worn().map(tell).collect()
    }

    /// Why the order is watched again.
    pub(super) fn watched_again(&self) -> String {
        let newest = self.worn().max_by_key(|worn| self.heard(worn));
        newest.map_or_else(String::new, |worn| {
            let contact = self.contacts.get(&worn.device);
            let verb = if contact.is_some_and(|contact| contact.heard.is_some()) {
                "was heard"
            } else {
                "is activated"
            };
            format!("device {} {verb}", worn.device)
        })
    }
}
