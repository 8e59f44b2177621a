//! Identifiers. Each is its own type, cheap to clone, ordered, and never empty.
//!
//! Up to 23 bytes stand where the identifier stands: comparing two fetches nothing from elsewhere in memory, which
//! is what a fix of a wearer costs who has not been heard for a minute.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use thiserror::Error;
use uuid::Uuid;

use crate::{DecisionKind, Timestamp};

/// The longest identifier taken in, in bytes: generous for any case number, and a bound on what a
/// hostile topic or file can make the system keep.
pub(crate) const ID_BYTES_MAX: usize = 96;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// The text is empty.
    #[error("an id must not be empty")]
    Empty,
    /// The text is longer than `ID_BYTES_MAX` bytes.
    #[error("id of {0} bytes is longer than {ID_BYTES_MAX}")]
    TooLong(usize),
    /// The text has a character that would not survive in a topic, a path or a log line.
    #[error("id {0:?} has a space, control character, '/', '+' or '#'")]
    Character(String),
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong(text.len()));
    }
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '+' | '#');
    if text.chars().any(forbidden) {
        return Err(IdError::Character(text.to_owned()));
    }
    Ok(())
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(SmolStr);

        impl $name {
            /// Takes `text` as an identifier.
            ///
            /// # Errors
            /// When it is empty, too long, or holds a space, control character, `/`, `+` or `#`.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                let text = text.as_ref();
                check(text)?;
                Ok(Self(SmolStr::new(text)))
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_str(IdVisitor(PhantomData))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

/// Reads an identifier from where its text stands: of those that are short nothing is allocated.
struct IdVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err = IdError>> Visitor<'_> for IdVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

text_id!(
    /// The person subject to monitoring.
    WearerId
);
text_id!(
    /// One piece of equipment.
    DeviceId
);
text_id!(
    /// The legal instrument.
    OrderId
);
text_id!(
    /// One enforceable duty under an order.
    ConditionId
);
text_id!(
    /// One zone on the ground.
    ZoneId
);
text_id!(
    /// A shared set of zones that many orders point at.
    ZoneSetId
);
text_id!(
    /// A place a wearer is expected at: a curfew address, an appointment.
    PlaceId
);
text_id!(
    /// One authorised absence.
    AbsenceId
);

/// One of the installation's partitions: the unit of order, ownership, checkpoint and recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartitionId(pub u16);

impl PartitionId {
    /// The partition of a wearer: CRC-32 of the id modulo the installation's `count`.
    #[must_use]
    pub fn of(wearer: &WearerId, count: std::num::NonZeroU16) -> Self {
        let index = wearer.crc32() % u32::from(count.get());
        Self(u16::try_from(index).unwrap_or(u16::MAX))
    }
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl WearerId {
    /// Stands for a wearer where a decision is about a partition of the installation itself. Nobody's
    /// registry may name a wearer so.
    #[must_use]
    pub fn of_partition(partition: PartitionId) -> Self {
        Self(SmolStr::new(format!("{PARTITION_PREFIX}{partition})")))
    }

    /// Stands for a wearer where a decision is about many of them, and so about the installation. Nobody's
    /// registry may name a wearer so.
    #[must_use]
    pub fn of_installation() -> Self {
        Self(SmolStr::new_static(INSTALLATION))
    }

    /// CRC-32 (IEEE) of the id: what partitions are reckoned from.
    #[must_use]
    pub fn crc32(&self) -> u32 {
        crc32fast::hash(self.as_str().as_bytes())
    }

    /// Whether it stands for a partition, or the installation, and is no person's.
    #[must_use]
    pub fn is_partition(&self) -> bool {
        self.0.starts_with(PARTITION_PREFIX) || &*self.0 == INSTALLATION
    }
}

const PARTITION_PREFIX: &str = "(partition-";
const INSTALLATION: &str = "(installation)";

/// The identity of an alert, derived from what it is about, so that a replay cannot duplicate one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(Uuid);

impl AlertId {
    /// Names tagwatch's alerts among all name-based UUIDs (RFC 9562 §5.5); chosen once, at random.
    const NAMESPACE: Uuid = Uuid::from_u128(0x6a1c_0f5e_91d7_4c1b_8f4e_3b8d_2a60_57c9);

    /// The alert of one episode: of `wearer`, under the condition or device named by `subject`, of
    /// `kind`, the `ordinal`-th such episode, counted from 1.
    #[must_use]
    pub fn derive(wearer: &WearerId, subject: &str, kind: DecisionKind, ordinal: u32) -> Self {
        // Ids hold no '/', so the parts cannot run into each other.
        let name = format!("{wearer}/{subject}/{}/{ordinal}", kind.as_str());
        Self(Uuid::new_v5(&Self::NAMESPACE, name.as_bytes()))
    }

    /// Takes the text form of an alert id.
    ///
    /// # Errors
    /// When `text` is not a UUID.
    pub fn parse(text: &str) -> Result<Self, uuid::Error> {
        Uuid::parse_str(text).map(Self)
    }

    /// The identity of the message about one phase of this alert to one recipient.
    #[must_use]
    pub(crate) fn child(self, name: &str) -> Uuid {
        Uuid::new_v5(&self.0, name.as_bytes())
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What makes two readings the same reading: the device's sequence number or, lacking one, what it
/// is about and when it was observed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum IdentityKey {
    Sequence(u64),
    Moment(crate::FactKind, Timestamp),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU16;

    #[test]
    fn a_partition_is_the_crc_of_the_wearer_modulo_the_count() {
        let wearer = WearerId::new("W-000123").unwrap();
        let count = NonZeroU16::new(16).unwrap();
        let expected = crc32fast::hash(b"W-000123") % 16;
        assert_eq!(u32::from(PartitionId::of(&wearer, count).0), expected);
    }

    #[test]
    fn an_alert_id_depends_on_every_part_and_on_nothing_else() {
        let wearer = WearerId::new("W-1").unwrap();
        let kind = DecisionKind::ExclusionZoneEntered;
        let id = AlertId::derive(&wearer, "C-1", kind, 1);
        assert_eq!(id, AlertId::derive(&wearer, "C-1", kind, 1));
        assert_ne!(id, AlertId::derive(&wearer, "C-1", kind, 2));
        assert_ne!(id, AlertId::derive(&wearer, "C-2", kind, 1));
        assert_ne!(
            id,
            AlertId::derive(&wearer, "C-1", DecisionKind::LeftDuring, 1)
        );
    }

    #[test]
    fn ids_that_would_break_a_topic_are_refused() {
        for text in ["", "a b", "a/b", "a+", "#", "a\n"] {
            assert!(DeviceId::new(text).is_err(), "{text:?}");
        }
        assert!(DeviceId::new("x".repeat(ID_BYTES_MAX + 1)).is_err());
    }
}
