//! A child process that does not outlive the value that stands for it.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take before it is given up: generous, for busy machines.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How often it is looked again.
const LOOK: Duration = Duration::from_millis(10);

/// A running child; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// Starts `command` and keeps every line it prints.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{command:?}: {error}")))?;
        let mut process = Self {
            child,
            output: Arc::default(),
        };
        if let Some(stream) = process.child.stdout.take() {
            keep(stream, &process.output);
        }
        if let Some(stream) = process.child.stderr.take() {
            keep(stream, &process.output);
        }
        Ok(process)
    }

    /// Its number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far, both streams.
    #[must_use]
    pub fn output(&self) -> String {
        lines(&self.output).join("\n")
    }

    /// Waits for a line that holds `text`, and returns it.
    ///
    /// # Errors
    /// With what it printed, when it ends before, or [`PATIENCE`] does.
    pub fn wait_for_line(&mut self, text: &str) -> io::Result<String> {
        let started = Instant::now();
        loop {
            let found = lines(&self.output)
                .iter()
                .find(|line| line.contains(text))
                .cloned();
            if let Some(line) = found {
                return Ok(line);
            }
            if self.ended()?.is_some() {
                return Err(self.said(&format!("ended before it said {text:?}")));
            }
            if started.elapsed() > PATIENCE {
                return Err(self.said(&format!("never said {text:?}")));
            }
            std::thread::sleep(LOOK);
        }
    }

    /// How much memory it holds now, in KiB.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory_kib(&self) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let figure = line.unwrap_or_default().trim().trim_end_matches(" kB");
        figure.parse().map_err(io::Error::other)
    }

    /// SIGKILL: no last words.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_status| ())
    }

    /// SIGTERM, and waits for a clean end.
    ///
    /// # Errors
    /// As for [`Process::wait`].
    pub fn terminate(&mut self) -> io::Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.wait()
    }

    /// Sends a signal, such as STOP or CONT.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        kill_process(Pid::from_child(&self.child), signal).map_err(io::Error::from)
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// With what it printed, when it does not end: it is killed then.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if started.elapsed() > 2 * PATIENCE {
                self.kill()?;
                return Err(self.said("did not end"));
            }
            std::thread::sleep(LOOK);
        }
    }

    fn said(&self, what: &str) -> io::Error {
        io::Error::other(format!("{what}:\n{}", self.output()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(output: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    output.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep(stream: impl Read + Send + 'static, output: &Arc<Mutex<Vec<String>>>) {
    let output = Arc::clone(output);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            lines(&output).push(line);
        }
    });
}
