//! The shapes of evidence about home units, and about time out of curfew.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a home unit says of its wearer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct RfEvidence {
    /// The device.
    device: String,
    /// Whether it hears the tag.
    in_range: bool,
    /// Since when it has said so without a break.
    #[schema(format = DateTime)]
    since: String,
    /// The newest reading that says so was observed at.
    #[schema(format = DateTime)]
    observed_at: String,
}

/// Accumulated time violation: time out of one curfew, added up over a period.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct AtvEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The curfew address.
    place: String,
    /// Seconds that may be used up in the period.
    budget_s: i64,
    /// Seconds at which this is told: the budget, or the warning's share of it.
    threshold_s: i64,
    /// Seconds counted so far: known absence within curfew hours, less what is excused.
    counted_s: i64,
    /// Seconds taken out again because they were excused afterwards.
    excused_s: i64,
    /// The period began.
    #[schema(format = DateTime)]
    period_start: String,
    /// The period ends.
    #[schema(format = DateTime)]
    period_end: Option<String>,
    /// Which readings show what is known of the wearer now: `gps`, `rf`.
    source: Option<String>,
    /// What a home unit at the place says.
    rf: Option<RfEvidence>,
    /// The newest reading about it was observed at.
    #[schema(format = DateTime)]
    last_observed_at: Option<String>,
    /// Why the episode changed for another reason than readings.
    note: Option<String>,
    /// The newest absences counted, oldest first.
    absences: Vec<CountedAbsence>,
}

/// One absence that counts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct CountedAbsence {
    /// Out from.
    #[schema(format = DateTime)]
    from: String,
    /// Until; so far, of one that goes on.
    #[schema(format = DateTime)]
    to: String,
    /// Seconds of it that count.
    counted_s: i64,
}
