//! The outcomes that are counted apart.

/// What became of one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadingOutcome {
    /// It was attributed and committed to the journal.
    Journaled,
    /// It had been journaled before.
    Duplicate,
    /// It could not be used.
    DeadLetter,
}

impl ReadingOutcome {
    pub(super) const ALL: [Self; 3] = [Self::Journaled, Self::Duplicate, Self::DeadLetter];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Journaled => "journaled",
            Self::Duplicate => "duplicate",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// What became of one message from the broker, a batch of readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageResult {
    /// All of its readings were of use, or had been journaled before.
    Used,
    /// Some of its readings went to dead letters.
    PartlyUsed,
    /// Nothing in it was of use.
    DeadLetter,
}

impl MessageResult {
    pub(super) const ALL: [Self; 3] = [Self::Used, Self::PartlyUsed, Self::DeadLetter];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::PartlyUsed => "partly_used",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// What became of an acknowledgement to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckResult {
    /// It was sent.
    Sent,
    /// It belonged to an earlier connection, and was not sent.
    Discarded,
}

impl AckResult {
    pub(super) const ALL: [Self; 2] = [Self::Sent, Self::Discarded];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Discarded => "discarded",
        }
    }
}

/// What became of passing one notification on to a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkOutcome {
    /// The remote end has it.
    Delivered,
    /// The remote end did not take it, and may another time.
    Failed,
    /// The remote end will never take it.
    Refused,
    /// The remote end took nothing at all.
    Away,
}

impl SinkOutcome {
    pub(super) const ALL: [Self; 4] = [Self::Delivered, Self::Failed, Self::Refused, Self::Away];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Away => "away",
        }
    }
}
