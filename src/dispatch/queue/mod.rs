//! The counter of the queues: claims, leases, acknowledgements, giving back with backoff, and giving
//! up.
//!
//! Architecture invariant: what is given up is never silent. It stays in the store with the reason,
//! is counted, shows in every list of queues, and makes an error in the log.

use std::sync::Arc;

use chrono::TimeDelta;
use model::{Notification, Recipient, Timestamp};
use thiserror::Error;

use super::cloud_event::CloudEvent;
use super::report::report;
use crate::metrics::Metrics;
use crate::store::{
    Again, CLAIM_MAX, ClaimRequest, Delivery, Fate, GiveBack, QueueError, QueueStatus, Receipt,
    Store, StoreError,
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

/// The longest reason for giving a delivery back, and the longest answer of a remote end, in bytes:
/// enough for an error message.
const TEXT_BYTES_MAX: usize = 1024;

/// The wait after the first time a notification is given back.
pub const RETRY_FIRST: TimeDelta = TimeDelta::seconds(1);

/// The longest wait: an alert that must be known within four minutes gets several more tries.
pub const RETRY_MAX: TimeDelta = TimeDelta::seconds(60);

/// How long to wait before the next try, after this one failed: [`RETRY_FIRST`], doubled with every
/// attempt, up to [`RETRY_MAX`]; and of that between a half and all, so that what failed together is
/// not tried together. The same receipt always waits the same.
#[must_use]
pub fn retry_after(receipt: &Receipt) -> TimeDelta {
    // 2^16 times the first wait is far beyond the longest.
    let doublings = receipt.attempt.saturating_sub(1).min(16);
    let longest = (RETRY_FIRST * 2_i32.pow(doublings)).min(RETRY_MAX);
    let half_ms = longest.num_milliseconds() / 2;
    let spread = i64::from(crc32fast::hash(receipt.to_string().as_bytes()));
    TimeDelta::milliseconds(half_ms + spread % (half_ms + 1))
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

/// Why a delivery was not settled, or its lease not extended.
#[derive(Debug, Error)]
pub enum SettleError {
    /// The reason or the answer is too long.
    #[error("{0} of {1} bytes is longer than {TEXT_BYTES_MAX}")]
    Text(&'static str, usize),
    /// The wait asked for is negative or too long.
    #[error("wait of {} s is not within 0 s to {} s", .0.as_seconds_f64(), LEASE_MAX.num_seconds())]
    Wait(TimeDelta),
    /// The lease is too short or too long.
    #[error("lease of {} s is not within {} s to {} s", .0.as_seconds_f64(), LEASE_MIN.num_seconds(), LEASE_MAX.num_seconds())]
    Lease(TimeDelta),
    /// The receipt does not hold it, or the store failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// The queues of an installation.
#[derive(Clone)]
pub struct Queues {
    store: Arc<dyn Store>,
    attempts_max: u32,
    metrics: Arc<Metrics>,
}

impl Queues {
    /// The queues kept in `store`, in which a notification is tried `attempts_max` times.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, attempts_max: u32, metrics: Arc<Metrics>) -> Self {
        Self {
            store,
            attempts_max,
            metrics,
        }
    }

    /// Leases the oldest notifications of a queue, in order per wearer.
    ///
    /// # Errors
    /// When the claim is out of bounds, or the store fails.
    pub async fn claim(&self, claim: Claim, now: Timestamp) -> Result<Vec<Delivery>, ClaimError> {
        let request = ClaimRequest {
            max: check_max(claim.max.unwrap_or(CLAIM_DEFAULT))?,
            lease: check_lease(claim.lease.unwrap_or(LEASE_DEFAULT)).map_err(ClaimError::Lease)?,
            consumer: check_consumer(claim.consumer)?,
            recipient: claim.recipient,
            attempts_max: self.attempts_max,
            now,
        };
        let claimed = self.store.claim(&request).await?;
        for receipt in &claimed.died {
            self.died(receipt);
        }
        Ok(claimed.deliveries)
    }

    /// Settles the delivery that `receipt` names: it will not come again. Twice is fine. `answer` is
    /// what the remote end said to whoever passed it on.
    ///
    /// # Errors
    /// [`QueueError::Unknown`] for a receipt never given out, [`QueueError::Expired`] when its lease
    /// ran out; and when the answer is too long.
    pub async fn ack(
        &self,
        receipt: &str,
        answer: Option<&str>,
        now: Timestamp,
    ) -> Result<(), SettleError> {
        let receipt = parse(receipt)?;
        check_text("answer", answer.unwrap_or_default())?;
        Ok(self.store.ack(&receipt, answer, now).await?)
    }

    /// Gives back the delivery that `receipt` names, to be handed out again after `wait` or, where
    /// absent, after [`retry_after`] its attempt. Returns when; `None` where it was tried as often
    /// as it may be, and is dead.
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
    ) -> Result<Option<Timestamp>, SettleError> {
        let receipt = parse(receipt)?;
        check_text("reason", reason)?;
        let at = now.plus(check_wait(wait.unwrap_or_else(|| retry_after(&receipt)))?);
        let fate = self.give_back(receipt, reason.to_owned(), self.retry(at), now);
        Ok(match fate.await? {
            Fate::Waits => Some(at),
            Fate::Dead => None,
        })
    }

    /// Gives a delivery back as `again` says.
    ///
    /// # Errors
    /// As for [`Store::nack`].
    pub(super) async fn give_back(
        &self,
        receipt: Receipt,
        reason: String,
        again: Again,
        now: Timestamp,
    ) -> Result<Fate, QueueError> {
        let back = GiveBack {
            receipt,
            reason,
            again,
            now,
        };
        let fate = self.store.nack(&back).await?;
        if fate == Fate::Dead {
            self.died(&receipt);
        }
        Ok(fate)
    }

    /// What is to become of a notification that may be taken at `at`.
    pub(super) const fn retry(&self, at: Timestamp) -> Again {
        Again::Retry {
            at,
            attempts_max: self.attempts_max,
        }
    }

    /// Has a lease end [`LEASE_DEFAULT`] from now.
    ///
    /// # Errors
    /// As for [`Store::extend`].
    pub(super) async fn keep(&self, receipt: &Receipt, now: Timestamp) -> Result<(), QueueError> {
        let until = now.plus(LEASE_DEFAULT);
        self.store.extend(receipt, until, now).await
    }

    /// Has the lease of the delivery that `receipt` names end `lease` from now, [`LEASE_DEFAULT`]
    /// where absent. Returns when that is.
    ///
    /// # Errors
    /// As for [`Queues::nack`].
    pub async fn extend(
        &self,
        receipt: &str,
        lease: Option<TimeDelta>,
        now: Timestamp,
    ) -> Result<Timestamp, SettleError> {
        let receipt = parse(receipt)?;
        let lease = check_lease(lease.unwrap_or(LEASE_DEFAULT)).map_err(SettleError::Lease)?;
        let until = now.plus(lease);
        self.store.extend(&receipt, until, now).await?;
        Ok(until)
    }

    /// A notification as it leaves the system, with what a breach report needs. `installation` is its
    /// source.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn event(
        &self,
        notification: Notification,
        installation: &str,
    ) -> Result<CloudEvent, StoreError> {
        let report = report(&*self.store, &notification.decision).await?;
        Ok(CloudEvent::new(notification, report, installation))
    }

    /// How every queue that ever held something stands, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        self.store.queues(now).await
    }

    /// Says so, once: somebody was not told, and somebody has to see to it. Why is in the store: the
    /// words of a consumer may name people.
    fn died(&self, last: &Receipt) {
        self.metrics.notification_died();
        tracing::error!(
            notification = %last.notification,
            attempts = last.attempt,
            "a notification is given up; `tagwatch queue peek QUEUE --dead` says why"
        );
    }
}

fn parse(receipt: &str) -> Result<Receipt, QueueError> {
    Receipt::parse(receipt).ok_or(QueueError::Unknown)
}

const fn check_max(max: usize) -> Result<usize, ClaimError> {
    if max == 0 || max > CLAIM_MAX {
        return Err(ClaimError::Max(max));
    }
    Ok(max)
}

/// The lease, or as an error the lease that is out of bounds.
fn check_lease(lease: TimeDelta) -> Result<TimeDelta, TimeDelta> {
    if lease < LEASE_MIN || lease > LEASE_MAX {
        return Err(lease);
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

fn check_wait(wait: TimeDelta) -> Result<TimeDelta, SettleError> {
    if wait < TimeDelta::zero() || wait > LEASE_MAX {
        return Err(SettleError::Wait(wait));
    }
    Ok(wait)
}

const fn check_text(what: &'static str, text: &str) -> Result<(), SettleError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(SettleError::Text(what, text.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
