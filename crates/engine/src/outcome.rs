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
    /// Older than the wearer's newest: no evidence yet.
    Late,
    /// What cannot be true: the reason, with the value and the limit it was held against.
    Invalid(String),
    /// There is no rule for its kind, or nothing is known of its wearer.
    NotJudged,
}

impl Outcome {
    /// The name in metrics.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Coarse => "coarse",
            Self::Quarantined => "quarantined",
            Self::Duplicate => "duplicate",
            Self::Late => "late",
            Self::Invalid(_) => "invalid",
            Self::NotJudged => "not_judged",
        }
    }
}
