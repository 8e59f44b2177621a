//! The shapes of evidence about devices that are not heard of, or not charged.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A device that is worn and not heard from, or heard from without a usable fix.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct ContactEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The device.
    device: String,
    /// Nothing, or no usable fix, has come in since.
    #[schema(format = DateTime)]
    since: String,
    /// The device's planned seconds between uploads or, where a fix is missing, between fixes.
    planned_s: u32,
    /// Seconds waited on top of that.
    margin_s: u32,
    /// When anything last came in from it.
    #[schema(format = DateTime)]
    heard_at: Option<String>,
    /// The newest event that it has reported.
    last_event: Option<String>,
    /// Why the episode ended.
    note: Option<String>,
}

/// A battery that was left uncharged again and again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct ChargeEvidence {
    /// Version of the rules policy.
    policy: String,
    /// The device.
    device: String,
    /// The failures to charge within the period, oldest first: each by when the battery was low.
    low_since: Vec<String>,
    /// A battery that is low is to be charged within so many seconds.
    charge_within_s: u32,
    /// So many failures within the period are told.
    failures: u32,
    /// The period in seconds.
    period_s: u32,
    /// What the newest failure was, or why the episode ended.
    reason: String,
}
