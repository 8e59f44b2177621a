//! A private Mosquitto with the settings we ship.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{Process, free_port, wait_until};

/// The settings we ship, as they are.
const SHIPPED: &str = include_str!("../../../deploy/mosquitto/tagwatch.conf");

/// A running broker.
pub(crate) struct Mosquitto {
    pub(crate) port: u16,
    folder: TempDir,
    process: Process,
}

impl Mosquitto {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let process = serve(&folder, port);
        Self {
            port,
            folder,
            process,
        }
    }

    /// Stops it in good order and starts it again on the same port and folder.
    pub(crate) fn restart(&mut self) {
        self.process.terminate();
        self.process = serve(&self.folder, self.port);
    }
}

fn serve(folder: &TempDir, port: u16) -> Process {
    let configuration = folder.path().join("mosquitto.conf");
    let data = folder.path().display();
    fs::write(
        &configuration,
        format!("{SHIPPED}\nlistener {port} 127.0.0.1\nallow_anonymous true\nuser root\npersistence_location {data}/\n"),
    )
    .unwrap();
    let process = Process::start(Command::new(program()).arg("-c").arg(&configuration));
    wait_until("mosquitto listens", || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    process
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
