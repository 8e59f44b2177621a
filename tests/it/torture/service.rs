//! `tagwatch run` under a keeper that starts it again, as a service manager does.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::{Api, Process, TAGWATCH};

/// How long a look at it may take: shorter than anything that is to be seen.
const LOOK: Duration = Duration::from_millis(300);

/// A running process of the service.
pub(super) struct Service {
    folder: PathBuf,
    process: Process,
}

impl Service {
    /// Starts it on the configuration in `folder`, and does not wait for anything.
    pub(super) fn start(folder: &Path) -> Self {
        let mut command = Command::new(TAGWATCH);
        command
            .arg("run")
            .arg("--config")
            .arg(folder.join("tagwatch.toml"))
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1");
        Self {
            folder: folder.to_owned(),
            process: Process::start(&mut command),
        }
    }

    /// Another process on the same configuration.
    pub(super) fn another(&self) -> Self {
        Self::start(&self.folder)
    }

    pub(super) fn kill(&mut self) {
        self.process.kill();
    }

    pub(super) fn pause(&self) {
        self.process.signal(Signal::STOP);
    }

    pub(super) fn resume(&self) {
        self.process.signal(Signal::CONT);
    }

    pub(super) fn terminate(&mut self) -> ExitStatus {
        self.process.terminate()
    }

    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.ended()
    }

    pub(super) fn output(&self) -> String {
        self.process.output()
    }

    /// What an operator sees from outside now: readiness and connections to the broker.
    pub(super) fn sight(&self) -> String {
        let Some(api) = self.api() else {
            return "not serving".to_owned();
        };
        let Some((status, body)) = api.try_get("/readyz", LOOK) else {
            return "no answer".to_owned();
        };
        let reason = body["reason"].as_str().unwrap_or("ready");
        format!("{status} {reason}; {} connections", self.connections())
    }

    /// Connections to the broker that its metrics tell of.
    pub(super) fn connections(&self) -> usize {
        let metrics = self.api().and_then(|api| api.try_get("/metrics", LOOK));
        let text = metrics.map(|(_, body)| body.as_str().unwrap_or_default().to_owned());
        text.unwrap_or_default()
            .lines()
            .find_map(|line| {
                line.strip_prefix("tagwatch_mqtt_connections ")?
                    .parse()
                    .ok()
            })
            .unwrap_or(0)
    }

    fn api(&self) -> Option<Api> {
        let output = self.process.output();
        let line = output
            .lines()
            .find_map(|line| line.strip_prefix("tagwatch serves "))?;
        Some(Api::new(line))
    }
}
