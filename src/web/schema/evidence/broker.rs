//! The shape of evidence that messages were lost before they came to us.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the broker says of messages that it dropped.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct BrokerLossEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The broker's count was looked at then.
    #[schema(format = DateTime)]
    from: String,
    /// And then again.
    #[schema(format = DateTime)]
    to: String,
    /// Dropped in between. The broker does not say whose.
    messages: u64,
    /// The broker's count at `to`, since the broker was started.
    counter: u64,
    /// The same in words.
    reason: String,
}
