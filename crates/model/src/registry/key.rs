//! What each part of the registry is known by.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    AbsenceId, DeviceId, IdError, OrderId, PlaceId, PolicyChange, Timestamp, TimestampError,
    WearerId, ZoneId, ZoneSetId,
};

/// What a part of the registry is known by: what is registered under the same key replaces it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum RegistryKey {
    /// A zone.
    Zone(ZoneId),
    /// A shared set of zones.
    ZoneSet(ZoneSetId),
    /// A place.
    Place(PlaceId),
    /// A wearer.
    Wearer(WearerId),
    /// A device worn by a wearer from an instant on.
    Activation {
        /// The device.
        device: DeviceId,
        /// Who wears it.
        wearer: WearerId,
        /// Since when.
        from: Timestamp,
    },
    /// An order.
    Order(OrderId),
    /// An authorised absence.
    Absence(AbsenceId),
}

/// Why a text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// There is no such kind of thing, or it has another form.
    #[error("{0:?} is not a key such as order/O-1 or activation/GPS-7/W-1/2026-03-01T12:00:00Z")]
    Form(String),
    /// An id in it is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The time in it is none.
    #[error(transparent)]
    Time(#[from] TimestampError),
}

impl RegistryKey {
    /// What kind of thing it is, as formats name it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Zone(_) => "zone",
            Self::ZoneSet(_) => "zone_set",
            Self::Place(_) => "place",
            Self::Wearer(_) => "wearer",
            Self::Activation { .. } => "activation",
            Self::Order(_) => "order",
            Self::Absence(_) => "absence",
        }
    }

    /// What it is called among its kind: `O-1`, `GPS-7/W-1/2026-03-01T12:00:00Z`.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Zone(id) => id.to_string(),
            Self::ZoneSet(id) => id.to_string(),
            Self::Place(id) => id.to_string(),
            Self::Wearer(id) => id.to_string(),
            Self::Activation {
                device,
                wearer,
                from,
            } => format!("{device}/{wearer}/{from}"),
            Self::Order(id) => id.to_string(),
            Self::Absence(id) => id.to_string(),
        }
    }

    /// The thing of that kind and name.
    ///
    /// # Errors
    /// When there is no such kind, or the name is none of its.
    pub fn new(kind: &str, id: &str) -> Result<Self, KeyError> {
        Ok(match kind {
            "zone" => Self::Zone(ZoneId::new(id)?),
            "zone_set" => Self::ZoneSet(ZoneSetId::new(id)?),
            "place" => Self::Place(PlaceId::new(id)?),
            "wearer" => Self::Wearer(WearerId::new(id)?),
            "order" => Self::Order(OrderId::new(id)?),
            "absence" => Self::Absence(AbsenceId::new(id)?),
            "activation" => {
                let mut parts = id.splitn(3, '/');
                let mut part = || parts.next().ok_or_else(|| KeyError::Form(id.to_owned()));
                Self::Activation {
                    device: DeviceId::new(part()?)?,
                    wearer: WearerId::new(part()?)?,
                    from: Timestamp::parse(part()?)?,
                }
            }
            _ => return Err(KeyError::Form(format!("{kind}/{id}"))),
        })
    }
}

impl fmt::Display for RegistryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind(), self.id())
    }
}

impl TryFrom<String> for RegistryKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        match text.split_once('/') {
            Some((kind, id)) => Self::new(kind, id),
            None => Err(KeyError::Form(text)),
        }
    }
}

impl From<RegistryKey> for String {
    fn from(key: RegistryKey) -> Self {
        key.to_string()
    }
}

impl PolicyChange {
    /// Whom it is about, where it says so itself; an absence names only a condition.
    #[must_use]
    pub const fn wearer(&self) -> Option<&WearerId> {
        match self {
            Self::Wearer(wearer) => Some(&wearer.id),
            Self::Activation(activation) => Some(&activation.wearer),
            Self::Order(order) => Some(&order.wearer),
            Self::Zone(_)
            | Self::ZoneSet { .. }
            | Self::Place(_)
            | Self::Absence(_)
            | Self::Removed(_)
            | Self::Revision { .. }
            | Self::Rules { .. }
            | Self::IntakeGap { .. }
            | Self::BrokerDropped(_)
            | Self::Stray { .. } => None,
        }
    }

    /// The key of what it registers; nothing, where it is not about the registry.
    #[must_use]
    pub fn key(&self) -> Option<RegistryKey> {
        Some(match self {
            Self::Zone(zone) => RegistryKey::Zone(zone.id.clone()),
            Self::ZoneSet { id, .. } => RegistryKey::ZoneSet(id.clone()),
            Self::Place(place) => RegistryKey::Place(place.id.clone()),
            Self::Wearer(wearer) => RegistryKey::Wearer(wearer.id.clone()),
            Self::Activation(activation) => RegistryKey::Activation {
                device: activation.device.clone(),
                wearer: activation.wearer.clone(),
                from: activation.from,
            },
            Self::Order(order) => RegistryKey::Order(order.id.clone()),
            Self::Absence(absence) => RegistryKey::Absence(absence.id.clone()),
            Self::Removed(_)
            | Self::Revision { .. }
            | Self::Rules { .. }
            | Self::IntakeGap { .. }
            | Self::BrokerDropped(_)
            | Self::Stray { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_text() {
        for text in [
            "zone/Z-1",
            "zone_set/schools",
            "place/P-1",
            "wearer/W-1",
            "order/O-1",
            "absence/A-1",
            "activation/GPS-7/W-1/2026-03-01T12:00:00Z",
        ] {
            let key = RegistryKey::try_from(text.to_owned()).unwrap();
            assert_eq!(key.to_string(), text);
        }
        for text in [
            "",
            "order",
            "orders/O-1",
            "order/",
            "activation/GPS-7/W-1",
            "order/O 1",
        ] {
            assert!(RegistryKey::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
