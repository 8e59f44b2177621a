//! The counter of the queues: claims, leases, acknowledgements, and giving back with backoff.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Recipient, Timestamp};
use thiserror::Error;

use crate::store::{
    CLAIM_MAX, ClaimRequest, Delivery, QueueError, QueueStatus, Receipt, Store, StoreError,
};

/// The lease of a claim that does not say: long enough to pass a batch on, short enough that a
/// consumer's death does not hold up an alert that must be known within four minutes.
pub const LEASE_DEFAULT: TimeDelta = TimeDelta::seconds(60);

/// The shortest lease: below it, network delay alone would have notifications handed out twice.
pub const LEASE_MIN: TimeDelta = TimeDelta::seconds(1);

/// The longest lease: for that long, nobody else is told if the consumer dies.
pub const LEASE_MAX: TimeDelta = TimeDelta::hours(1);

/// How many notifications a claim that does not say takes at most.
pub const CLAIM_DEFAULT: usize = 10;

/// The longest name of a consumer, in bytes: kept with each delivery.
const CONSUMER_BYTES_MAX: usize = 128;

/// The longest reason for giving a delivery back, in bytes: enough for an error message.
const REASON_BYTES_MAX: usize = 1024;

/// The wait after the first time a notification is given back.
pub const RETRY_FIRST: TimeDelta = TimeDelta::seconds(1);

/// The longest wait: an alert that must be known within four minutes gets several more tries.
pub const RETRY_MAX: TimeDelta = TimeDelta::seconds(60);

/// How long to wait before the next try, after `attempt` (from 1) was given back: [`RETRY_FIRST`],
/// doubled with every attempt, up to [`RETRY_MAX`].
#[must_use]
pub fn retry_after(attempt: u32) -> TimeDelta {
    // 2^16 times the first wait is far beyond the longest.
    let doublings = attempt.saturating_sub(1).min(16);
    (RETRY_FIRST * 2_i32.pow(doublings)).min(RETRY_MAX)
}

/// What a consumer asks of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Whose queue.
    pub recipient: Recipient,
    /// Who takes them: `control-room-3`. Written down with each delivery.
    pub consumer: String,
    /// How many at most: 1 to [`CLAIM_MAX`]; [`CLAIM_DEFAULT`] where absent.
    pub max: Option<usize>,
    /// For how long: [`LEASE_MIN`] to [`LEASE_MAX`]; [`LEASE_DEFAULT`] where absent.
    pub lease: Option<TimeDelta>,
}

/// Why a claim was refused.
#[derive(Debug, Error)]
pub enum ClaimError {
    /// Nothing, or too much, asked for.
    #[error("max {0} is not within 1 to {CLAIM_MAX}")]
    Max(usize),
    /// The lease is too short or too long.
    #[error("lease of {} s is not within {} s to {} s", .0.as_seconds_f64(), LEASE_MIN.num_seconds(), LEASE_MAX.num_seconds())]
    Lease(TimeDelta),
    /// The consumer does not say who they are, or at too great length.
    #[error("consumer name of {0} bytes is not within 1 to {CONSUMER_BYTES_MAX}")]
    Consumer(usize),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a delivery was not taken back.
#[derive(Debug, Error)]
pub enum NackError {
    /// The reason is too long.
    #[error("reason of {0} bytes is longer than {REASON_BYTES_MAX}")]
    Reason(usize),
    /// The wait asked for is negative or too long.
    #[error("wait of {} s is not within 0 s to {} s", .0.as_seconds_f64(), LEASE_MAX.num_seconds())]
    Wait(TimeDelta),
    /// The delivery cannot be given back.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// The queues of an installation.
#[derive(Clone)]
pub struct Queues {
    store: Arc<dyn Store>,
}

impl Queues {
    /// The queues kept in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Leases the oldest notifications of a queue, in order per wearer.
    ///
    /// # Errors
    /// When the claim is out of bounds, or the store fails.
    pub async fn claim(&self, claim: Claim, now: Timestamp) -> Result<Vec<Delivery>, ClaimError> {
        let request = ClaimRequest {
            max: check_max(claim.max.unwrap_or(CLAIM_DEFAULT))?,
            lease: check_lease(claim.lease.unwrap_or(LEASE_DEFAULT))?,
            consumer: check_consumer(claim.consumer)?,
            recipient: claim.recipient,
            now,
        };
        Ok(self.store.claim(&request).await?)
    }

    /// Settles the delivery that `receipt` names: it will not come again. Twice is fine.
    ///
    /// # Errors
    /// [`QueueError::Unknown`] for a receipt never given out, [`QueueError::Expired`] when its lease
    /// ran out.
    pub async fn ack(&self, receipt: &str, now: Timestamp) -> Result<(), QueueError> {
        let receipt = Receipt::parse(receipt).ok_or(QueueError::Unknown)?;
        self.store.ack(&receipt, now).await
    }

    /// Gives back the delivery that `receipt` names, to be handed out again after `wait` or, where
    /// absent, after [`retry_after`] its attempt. Returns when.
    ///
    /// # Errors
    /// As for [`Queues::ack`]; [`QueueError::Settled`] when it was acknowledged already; and when
    /// the reason or the wait is out of bounds.
    pub async fn nack(
        &self,
        receipt: &str,
        reason: &str,
        wait: Option<TimeDelta>,
        now: Timestamp,
    ) -> Result<Timestamp, NackError> {
        let receipt = Receipt::parse(receipt).ok_or(QueueError::Unknown)?;
        if reason.len() > REASON_BYTES_MAX {
            return Err(NackError::Reason(reason.len()));
        }
        let wait = check_wait(wait.unwrap_or_else(|| retry_after(receipt.attempt)))?;
        let again_at = now.plus(wait);
        self.store.nack(&receipt, reason, again_at, now).await?;
        Ok(again_at)
    }

    /// How every queue that ever held something stands, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        self.store.queues(now).await
    }
}

const fn check_max(max: usize) -> Result<usize, ClaimError> {
    if max == 0 || max > CLAIM_MAX {
        return Err(ClaimError::Max(max));
    }
    Ok(max)
}

fn check_lease(lease: TimeDelta) -> Result<TimeDelta, ClaimError> {
    if lease < LEASE_MIN || lease > LEASE_MAX {
        return Err(ClaimError::Lease(lease));
    }
    Ok(lease)
}

fn check_consumer(consumer: String) -> Result<String, ClaimError> {
    let length = consumer.len();
    if consumer.trim().is_empty() || length > CONSUMER_BYTES_MAX {
        return Err(ClaimError::Consumer(length));
    }
    Ok(consumer)
}

fn check_wait(wait: TimeDelta) -> Result<TimeDelta, NackError> {
    if wait < TimeDelta::zero() || wait > LEASE_MAX {
        return Err(NackError::Wait(wait));
    }
    Ok(wait)
}

#[cfg(test)]
mod tests;
