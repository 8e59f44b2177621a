//! Changes in a journal that are about the installation, not about what it watches.

/// A change of which the newest is asked for at each start, however many others there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnChange {
    /// Of the rules.
    Rules,
    /// Of what the broker has dropped.
    BrokerDropped,
}

impl OwnChange {
    /// The name by which a journal has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::BrokerDropped => "broker_dropped",
        }
    }
}
