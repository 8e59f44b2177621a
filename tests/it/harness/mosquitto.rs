//! A private Mosquitto with the settings we ship.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{Process, free_port, wait_until};

/// The settings we ship, as they are.
const SHIPPED: &str = include_str!("../../../deploy/mosquitto/tagwatch.conf");

/// A running broker; ends, and its folder goes, when dropped.
pub(crate) struct Mosquitto {
    pub(crate) port: u16,
    _process: Process,
    _folder: TempDir,
}

impl Mosquitto {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let configuration = folder.path().join("mosquitto.conf");
        let text = format!(
            "{SHIPPED}\nlistener {port} 127.0.0.1\nallow_anonymous true\nuser root\n\
             persistence_location {}/\n",
            folder.path().display()
        );
        fs::write(&configuration, text).unwrap();
        let process = Process::start(Command::new(program()).arg("-c").arg(&configuration));
        wait_until("mosquitto listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self {
            port,
            _process: process,
            _folder: folder,
        }
    }
}

/// Debian puts it where a plain user's PATH does not look.
fn program() -> PathBuf {
    let usual = PathBuf::from("/usr/sbin/mosquitto");
    if usual.exists() {
        usual
    } else {
        PathBuf::from("mosquitto")
    }
}
