//! Private servers on free loopback ports. Each ends with the value that stands for it.

mod api;
mod mosquitto;
mod postgres;
mod process;
mod proxy;
mod publish;
mod rabbitmq;
mod registry;
mod tagwatch;
mod tls;

pub(crate) use api::Api;
pub(crate) use mosquitto::{Mosquitto, SHIPPED, sys};
pub(crate) use postgres::{database, start_postgres};
pub(crate) use process::{PATIENCE, Process, wait_until};
pub(crate) use proxy::{Cut, Line, Proxy, Tap};
pub(crate) use publish::publish;
pub(crate) use rabbitmq::RabbitMq;
pub(crate) use registry::{ZONE_LAT, ZONE_LON, device, fix, registry, topic, walks};
pub(crate) use tagwatch::{Tagwatch, checkpoints, journal, replayed_decisions, stored_decisions};
pub(crate) use tls::{Certificate, TlsDoor};

/// The program under test.
pub(crate) const TAGWATCH: &str = env!("CARGO_BIN_EXE_tagwatch");

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    testbed::free_port().unwrap()
}
