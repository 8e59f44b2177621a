//! Evidence about devices that are not heard of, or not charged.

use serde::{Deserialize, Serialize};

use crate::{DeviceId, EventCode, ReceivedAt, Timestamp};

/// A device that is worn and not heard from, or heard from without a usable fix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContactEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The device.
    pub device: DeviceId,
    /// Nothing, or no usable fix, has come in since: engine time.
    pub since: Timestamp,
    /// The device's planned seconds between uploads or, where a fix is missing, between fixes.
    pub planned_s: u32,
    /// Seconds waited on top of that.
    pub margin_s: u32,
    /// When anything last came in from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<ReceivedAt>,
    /// The newest event that it has reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_event: Option<EventCode>,
    /// Why the episode ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A battery that was left uncharged again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChargeEvidence {
    /// Version of the rules policy.
    pub policy: String,
    /// The device.
    pub device: DeviceId,
    /// The failures to charge within the period, oldest first: each by when the battery was low.
    pub low_since: Vec<Timestamp>,
    /// A battery that is low is to be charged within so many seconds.
    pub charge_within_s: u32,
    /// So many failures within the period are told.
    pub failures: u32,
    /// The period in seconds.
    pub period_s: u32,
    /// What the newest failure was, or why the episode ended.
    pub reason: String,
}
