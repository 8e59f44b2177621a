//! Intake: from bytes on a topic to readings attributed to the people who wear the devices.
//!
//! One MQTT session a partition, with manual acknowledgement: a message is acknowledged only when
//! the partition says that its readings are committed, in the order in which it was received, on
//! the connection on which it came.
//!
//! Architecture invariant: nothing here judges a reading. What cannot be decoded or attributed
//! becomes a dead letter; everything else goes on.

mod attribution;
mod broker_watch;
mod burial;
mod commands;
mod connect;
mod connection;
mod directory;
mod link;
mod message;
mod owntracks;
pub mod probe;
mod publisher;
mod session;
mod ticket;

pub use attribution::{Place, TakenIn, take_in};
pub use broker_watch::{BrokerWatch, Counted, Dropped};
pub use burial::Burial;
pub use commands::{CommandPublisher, Commands};
pub use directory::{Attribution, Directory, SharedDirectory};
pub use link::Link;
pub use message::Message;
pub use owntracks::OwnTracksAdapter;
pub(crate) use publisher::{Publication, Publisher};
pub use session::{Session, SessionEnds, SessionOptions};
pub use ticket::AckTicket;
