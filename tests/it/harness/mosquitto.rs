//! A private Mosquitto, with the settings we ship or others.

use std::ops::{Deref, DerefMut};
use std::process::Command;

pub(crate) use testbed::SHIPPED;

/// A running broker; ends, and its folder goes, when dropped.
pub(crate) struct Mosquitto(testbed::Mosquitto);

impl Mosquitto {
    /// As we ship it.
    pub(crate) fn start() -> Self {
        Self::with(SHIPPED)
    }

    /// With these settings, besides a listener and a folder of its own.
    pub(crate) fn with(settings: &str) -> Self {
        Self(testbed::Mosquitto::with(settings).unwrap())
    }

    /// Starts again with what it had saved.
    pub(crate) fn restart(&mut self) {
        self.0.restart().unwrap();
    }
}

impl Deref for Mosquitto {
    type Target = testbed::Mosquitto;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Mosquitto {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
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
