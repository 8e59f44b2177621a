//! A message as it came from the broker.

use bytes::Bytes;
use model::Timestamp;

use super::AckTicket;

/// A message taken from the broker, not acknowledged yet.
#[derive(Debug, Clone)]
pub struct Message {
    /// The topic it came on.
    pub topic: String,
    /// Its bytes.
    pub payload: Bytes,
    /// When it was taken in.
    pub received_at: Timestamp,
    /// What to acknowledge it by.
    pub ticket: AckTicket,
}
