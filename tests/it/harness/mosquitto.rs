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
    pub(crate) process: Process,
    folder: TempDir,
}

impl Mosquitto {
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// One with settings besides those we ship.
    pub(crate) fn start_with(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let text = format!(
            "{SHIPPED}\nlistener {port} 127.0.0.1\nallow_anonymous true\nuser root\n\
             persistence_location {}/\n{settings}\n",
            folder.path().display()
        );
        fs::write(configuration(&folder), text).unwrap();
        let process = serve(&folder, port);
        Self {
            port,
            process,
            folder,
        }
    }

    /// Starts again with what it had saved.
    pub(crate) fn restart(&mut self) {
        self.process = serve(&self.folder, self.port);
    }
}

fn configuration(folder: &TempDir) -> PathBuf {
    folder.path().join("mosquitto.conf")
}

fn serve(folder: &TempDir, port: u16) -> Process {
    let process = Process::start(Command::new(program()).arg("-c").arg(configuration(folder)));
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
