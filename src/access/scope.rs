//! Whom somebody may see.

use model::Recipient;

use super::{Area, Facts};

/// The flags of a profile, by which only those named may see somebody.
pub const SPECIALS_FLAGS: [&str; 2] = ["nsd", "specials"];

/// The queue of what only those named may see.
pub const SPECIALS_QUEUE: &str = "specials";

/// Whom somebody may see. What is visible to nobody by the profile, such as an alert about an unknown
/// device, is for those who see everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Whose wearers.
    pub whose: Whose,
    /// Those too whom only those named may see.
    pub specials: bool,
}

/// Whose wearers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    Everybody,
    /// Those of a police force's area, and those it or its offender managers were told of.
    Police(Area),
    /// Those of a probation region, and those it was told of.
    Probation(Area),
    /// Those that a queue was told of.
    Told(Recipient),
}

impl Scope {
    /// Everything there is.
    pub const ALL: Self = Self {
        whose: Whose::Everybody,
        specials: true,
    };

    /// Whether this scope leaves nothing out.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::ALL
    }

    /// Whether somebody with this scope may see it.
    #[must_use]
    pub fn sees(&self, facts: &Facts) -> bool {
        (self.specials || !facts.are_special()) && self.whose.includes(facts)
    }
}

impl Whose {
    /// The police force whose profiles are included.
    #[must_use]
    pub fn police_force(&self) -> Option<&str> {
        match self {
            Self::Police(force) => Some(force.as_str()),
            Self::Everybody | Self::Probation(_) | Self::Told(_) => None,
        }
    }

    /// The probation region whose profiles are included.
    #[must_use]
    pub fn probation_region(&self) -> Option<&str> {
        match self {
            Self::Probation(region) => Some(region.as_str()),
            Self::Everybody | Self::Police(_) | Self::Told(_) => None,
        }
    }

    /// The queues by which somebody is included who was not, by their profile.
    #[must_use]
    pub fn queues(&self) -> Vec<String> {
        match self {
            Self::Everybody => Vec::new(),
            Self::Police(force) => ["police", "offender-managers"]
                .map(|group| format!("{group}/{}", force.as_str()))
                .to_vec(),
            Self::Probation(region) => vec![format!("probation/{}", region.as_str())],
            Self::Told(queue) => vec![queue.to_string()],
        }
    }

    fn includes(&self, facts: &Facts) -> bool {
        let by_profile = match self {
            Self::Everybody => return true,
            Self::Police(force) => facts.police_force.as_deref() == Some(force.as_str()),
            Self::Probation(region) => facts.probation_region.as_deref() == Some(region.as_str()),
            Self::Told(_) => false,
        };
        let queues = self.queues();
        by_profile
            || facts
                .told
                .iter()
                .any(|told| queues.iter().any(|queue| queue == told.as_str()))
    }
}
