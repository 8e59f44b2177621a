//! The dead letters of one message.

use model::Timestamp;

use crate::store::{DeadLetter, DeadLetterReason};

/// Where the listing of what is wrong in one message ends: enough to see the pattern.
const DETAIL_BYTES_MAX: usize = 2_000;
const AND_MORE: &str = "; and more";

/// Collects what cannot be used of one message: one dead letter a reason, so that its bytes are
/// kept once however much is wrong in them.
#[derive(Debug, Clone)]
pub struct Burial<'a> {
    topic: &'a str,
    payload: &'a [u8],
    received_at: Timestamp,
    letters: Vec<DeadLetter>,
}

impl<'a> Burial<'a> {
    /// For the message of `payload` that came on `topic`.
    #[must_use]
    pub const fn new(topic: &'a str, payload: &'a [u8], received_at: Timestamp) -> Self {
        Self {
            topic,
            payload,
            received_at,
            letters: Vec::new(),
        }
    }

    /// Something in the message cannot be used, for `reason`; `detail` names element and value.
    pub fn bury(&mut self, reason: DeadLetterReason, detail: &str) {
        match self
            .letters
            .iter_mut()
            .find(|letter| letter.reason == reason)
        {
            Some(letter) => extend(&mut letter.detail, detail),
            None => self.letters.push(DeadLetter {
                received_at: self.received_at,
                topic: self.topic.to_owned(),
                payload: self.payload.to_vec(),
                reason,
                detail: detail.to_owned(),
            }),
        }
    }

    /// The dead letters.
    #[must_use]
    pub fn into_letters(self) -> Vec<DeadLetter> {
        self.letters
    }
}

fn extend(listing: &mut String, detail: &str) {
    if listing.ends_with(AND_MORE) {
        return;
    }
    if listing.len() + detail.len() > DETAIL_BYTES_MAX {
        return listing.push_str(AND_MORE);
    }
    listing.push_str("; ");
    listing.push_str(detail);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_message_are_kept_once_for_each_reason() {
        let mut burial = Burial::new("t", b"bytes", Timestamp::default());
        for element in 0..1_000 {
            burial.bury(
                DeadLetterReason::ImpossibleValue,
                &format!("element {element}: lat 91"),
            );
        }
        burial.bury(DeadLetterReason::UnknownDevice, "device X");
        let letters = burial.into_letters();
        assert_eq!(letters.len(), 2);
        assert!(
            letters[0]
                .detail
                .starts_with("element 0: lat 91; element 1: lat 91")
        );
        assert!(letters[0].detail.ends_with(AND_MORE));
        assert!(letters[0].detail.len() <= DETAIL_BYTES_MAX + AND_MORE.len());
    }
}
