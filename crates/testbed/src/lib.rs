//! Private servers for tests and benches: started on free loopback ports in temporary folders, and
//! gone with the process that started them, however that ends.
//!
//! Used by tests and benches only.

mod cpu;
mod mosquitto;
mod postgres;
mod process;
mod publish;

pub use cpu::cpu_time;
pub use mosquitto::{Mosquitto, SHIPPED};
pub use postgres::{Database, Durability, Postgres};
pub use process::{PATIENCE, Process};
pub use publish::publish;

use std::io;
use std::net::TcpListener;

/// A port that was free a moment ago.
///
/// # Errors
/// When the machine has none.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
