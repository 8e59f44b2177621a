//! The service as it is seen from outside: its broker, its API, its clock.
//!
//! Nothing here knows what a scenario is. An installation is asked as any recipient would ask it:
//! over HTTP, with a token of its own.

mod api;
mod broker;
mod clock;
mod recipient;
mod stream;
mod tls;

pub use api::{Installation, InstallationError};
pub use broker::{BrokerAddress, BrokerAddressError};
pub use clock::InstallationClock;
pub use recipient::{Claimed, Heard, News, Recipients};
pub use tls::TlsError;
