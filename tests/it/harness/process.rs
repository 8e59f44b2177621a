//! A child process that does not outlive its test.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::Signal;
pub(crate) use testbed::PATIENCE;

/// A running child; killed when dropped. What goes wrong with it fails the test.
pub(crate) struct Process(testbed::Process);

impl Process {
    /// Starts `command` and keeps every line it prints.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(testbed::Process::start(command).unwrap())
    }

    /// What it has printed so far, both streams.
    pub(crate) fn output(&self) -> String {
        self.0.output()
    }

    /// Waits for a line that holds `text`, and returns it.
    pub(crate) fn wait_for_line(&mut self, text: &str) -> String {
        self.0.wait_for_line(text).unwrap()
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// How much memory it holds now, in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        self.0.memory_kib().unwrap()
    }

    /// SIGKILL: no last words.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
    }

    /// SIGTERM, and waits for a clean end.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.0.terminate().unwrap()
    }

    /// Sends a signal, such as STOP or CONT.
    pub(crate) fn signal(&self, signal: Signal) {
        self.0.signal(signal).unwrap();
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.ended().unwrap()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.0.wait().unwrap()
    }
}

/// Waits until `done`, or panics saying what did not happen.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(
            started.elapsed() < PATIENCE,
            "it never happened that {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
