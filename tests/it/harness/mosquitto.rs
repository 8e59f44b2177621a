//! A private Mosquitto, with the settings we ship or others.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{Process, free_port, wait_until};

/// The settings we ship, as they are.
pub(crate) const SHIPPED: &str = include_str!("../../../deploy/mosquitto/tagwatch.conf");

/// A running broker; ends, and its folder goes, when dropped.
pub(crate) struct Mosquitto {
    pub(crate) port: u16,
    pub(crate) process: Process,
    folder: TempDir,
}

impl Mosquitto {
    /// As we ship it.
    pub(crate) fn start() -> Self {
        Self::with(SHIPPED)
    }

    /// With these settings, besides a listener and a folder of its own.
    pub(crate) fn with(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let text = format!(
            "{settings}\nlistener {port} 127.0.0.1\nallow_anonymous true\nuser root\n\
             persistence_location {}/\n",
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

/// What the broker says under `$SYS/broker/`.
pub(crate) fn sys(port: u16, name: &str) -> String {
    let output = Command::new("mosquitto_sub")
        .args(["-p", &port.to_string(), "-C", "1", "-W", "30"])
        .args(["-t", &format!("$SYS/broker/{name}")])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(!said.is_empty(), "the broker says nothing of {name}: {why}");
    said
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
