//! A private Mosquitto, with the settings we ship or others.

use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::free_port;
use super::process::{PATIENCE, Process};

/// The settings we ship, as they are.
pub const SHIPPED: &str = include_str!("../../../deploy/mosquitto/tagwatch.conf");

/// A running broker; ends, and its folder goes, when dropped.
#[derive(Debug)]
pub struct Mosquitto {
    /// The TCP port on 127.0.0.1.
    pub port: u16,
    /// The broker.
    pub process: Process,
    folder: TempDir,
}

impl Mosquitto {
    /// As we ship it.
    ///
    /// # Errors
    /// When Mosquitto is not installed, or does not start.
    pub fn start() -> io::Result<Self> {
        Self::with(SHIPPED)
    }

    /// With these settings, besides a listener and a folder of its own.
    ///
    /// # Errors
    /// As for [`Mosquitto::start`].
    pub fn with(settings: &str) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let text = format!(
            "{settings}\nlistener {port} 127.0.0.1\nallow_anonymous true\nuser root\n\
             persistence_location {}/\n",
            folder.path().display()
        );
        fs::write(configuration(&folder), text)?;
        let process = serve(&folder, port)?;
        Ok(Self {
            port,
            process,
            folder,
        })
    }

    /// Starts again with what it had saved.
    ///
    /// # Errors
    /// As for [`Mosquitto::start`].
    pub fn restart(&mut self) -> io::Result<()> {
        self.process = serve(&self.folder, self.port)?;
        Ok(())
    }
}

fn configuration(folder: &TempDir) -> PathBuf {
    folder.path().join("mosquitto.conf")
}

fn serve(folder: &TempDir, port: u16) -> io::Result<Process> {
    let process = Process::start(Command::new(program()).arg("-c").arg(configuration(folder)))?;
    let started = Instant::now();
    while let Err(error) = TcpStream::connect(("127.0.0.1", port)) {
        if started.elapsed() > PATIENCE {
            return Err(error);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(process)
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
