//! What entitles to an acknowledgement.

use std::num::NonZeroU16;

use rumqttc::Publish;

/// Entitles its holder to have one message acknowledged on the connection it came on. It holds nothing
/// of the message: many are under way when a backlog drains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AckTicket {
    epoch: u64,
    /// None of a message that wants no acknowledgement (QoS 0).
    packet: Option<NonZeroU16>,
}

impl AckTicket {
    pub(super) const fn new(epoch: u64, publish: &Publish) -> Self {
        Self {
            epoch,
            packet: NonZeroU16::new(publish.pkid),
        }
    }

    /// The packet to acknowledge on the connection of this epoch. None of one that came on an earlier
    /// connection: its packet id means another message now, which would be lost. The broker delivers
    /// the message again, and it is found to be known.
    pub(super) const fn packet(self, epoch: u64) -> Option<NonZeroU16> {
        if self.epoch == epoch {
            self.packet
        } else {
            None
        }
    }
}
