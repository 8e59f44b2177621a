//! What is planned to go wrong.

use model::{ConditionId, DecisionKind, Timestamp, WearerId};
use serde::Serialize;

/// A breach that a wearer is going to commit, known from the seed alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedBreach {
    /// Names it in reports: `B-<wearer>-<n>`.
    pub id: String,
    /// Who.
    pub wearer: WearerId,
    /// Against which condition; none, where it is about a device.
    pub condition: Option<ConditionId>,
    /// An alert of any one of these kinds reports it.
    pub kinds: Vec<DecisionKind>,
    /// Alerts of these kinds may come of it as well: neither required nor false.
    pub consequences: Vec<DecisionKind>,
    /// When it truly begins: the edge is crossed, the curfew starts, the home is left.
    pub onset: Timestamp,
    /// When it truly ends.
    pub ends: Timestamp,
    /// Without an alert by then it is missed. Counted from the upload that settles the matter, so
    /// it allows for the tag's upload interval and its planned loss of signal. None of what may be
    /// alerted and need not be: a tag says what is not true.
    pub must_alert_by: Option<Timestamp>,
}
