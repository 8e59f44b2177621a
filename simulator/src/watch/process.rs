//! What a process costs.

use std::str::FromStr;

use crate::float;
use procfs::WithCurrentSystemInfo as _;
use procfs::process::Process;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A process that is watched: `PID` or `PID=NAME`.
#[derive(Debug, Clone)]
pub struct WatchedProcess {
    /// Its number.
    pub pid: i32,
    /// What it is called in reports.
    pub name: String,
}

/// What a process has used up to now.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ProcessUse {
    /// Seconds of processor time, its own and the kernel's for it.
    pub cpu_s: f64,
    /// Resident memory in MiB, now.
    pub memory_mib: f64,
}

/// Why no process can be watched.
#[derive(Debug, Error)]
pub enum WatchedProcessError {
    /// It is no number.
    #[error("{0:?} is neither PID nor PID=NAME")]
    NoPid(String),
    /// There is none.
    #[error("there is no process {0}")]
    Gone(i32),
}

impl WatchedProcess {
    /// What it has used up to now; nothing where it has ended.
    #[must_use]
    pub fn now(&self) -> Option<ProcessUse> {
        let stat = Process::new(self.pid)
            .and_then(|process| process.stat())
            .ok()?;
        let mib = 1024.0 * 1024.0;
        Some(ProcessUse {
            cpu_s: float(stat.utime + stat.stime) / float(procfs::ticks_per_second()),
            memory_mib: float(stat.rss_bytes().get()) / mib,
        })
    }
}

impl FromStr for WatchedProcess {
    type Err = WatchedProcessError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (pid, name) = text.split_once('=').unwrap_or((text, ""));
        let no_pid = |_none| WatchedProcessError::NoPid(text.to_owned());
        let pid = pid.parse().map_err(no_pid)?;
        let stat = Process::new(pid).and_then(|process| process.stat());
        let stat = stat.map_err(|_gone| WatchedProcessError::Gone(pid))?;
        let name = if name.is_empty() { &stat.comm } else { name };
        Ok(Self {
            pid,
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory_and_one_that_is_gone_is_refused() {
        let own: WatchedProcess = format!("{}=test", std::process::id()).parse().unwrap();
        assert_eq!(own.name, "test");
        assert!(own.now().unwrap().memory_mib > 1.0);
        assert!(matches!(
            "no".parse::<WatchedProcess>(),
            Err(WatchedProcessError::NoPid(_))
        ));
        // No process has a number beyond the kernel's largest.
        assert!(matches!(
            "2147483647".parse::<WatchedProcess>(),
            Err(WatchedProcessError::Gone(_))
        ));
    }
}
