//! Dispatch: from the queues to those who must act.
//!
//! Recipients fetch their notifications under a lease and acknowledge them; what is not
//! acknowledged comes again. Notifications leave as `CloudEvents`.
//!
//! Architecture invariant: nothing here decides who is told, and nothing is ever dropped: a
//! notification stays in its queue until its recipient acknowledges it, and one that is given up
//! stays there, dead, until an operator puts it back.

mod bell;
mod cloud_event;
mod queue;
mod report;
pub mod sink;

pub use bell::{Bell, Listener};
pub use cloud_event::{AlertEvent, CloudEvent, Links};
pub use queue::{
    CLAIM_DEFAULT, Claim, ClaimError, LEASE_DEFAULT, LEASE_MAX, LEASE_MIN, Queues, RETRY_FIRST,
    RETRY_MAX, SettleError, retry_after,
};
pub use report::{Earlier, Ordered, Report, report};
