//! What became of a reading.

/// What became of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The rules took it as evidence.
    Used,
    /// A fix too coarse to be evidence of a point.
    Coarse,
    /// A fix that nobody could have reached since the last one: held until the next one agrees.
    Quarantined,
    /// Taken in before.
    Duplicate,
    /// Older than what was judged already: judged soon, together with what has come since.
    Late,
    /// So late that it is not judged.
    TooLate,
    /// What cannot be true: the reason, with the value and the limit it was held against.
    Invalid(String),
    /// There is no rule for its kind, or nothing is known of its wearer.
    NotJudged,
}

impl Outcome {
    /// Whether rules took it, or will take it, as evidence.
    pub(crate) const fn is_evidence(&self) -> bool {
        matches!(self, Self::Used | Self::Quarantined)
    }

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Coarse => "coarse",
            Self::Quarantined => "quarantined",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::TooLate => "too_late",
            Self::Invalid(_) => "invalid",
            Self::NotJudged => "not_judged",
        }
    }
}
