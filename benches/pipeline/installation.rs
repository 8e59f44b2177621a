//! `tagwatch run` as an operator runs it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;
use testbed::{Durability, PATIENCE, Postgres, Process};

use super::options::Kind;
use super::recipient::Api;

/// The program that is measured, as released.
const TAGWATCH: &str = env!("CARGO_BIN_EXE_tagwatch");

/// An installation, which runs or does not.
pub(crate) struct Installation {
    folder: TempDir,
    server: Option<Postgres>,
    process: Option<Process>,
    agent: ureq::Agent,
    address: String,
}

/// What was registered of wearers is imported as the program starts; a county takes a while.
const READY_WITHIN: Duration = PATIENCE;

impl Installation {
    /// One with that registry, a store of its own, and the broker on that port.
    pub(crate) fn new(
        (store, partitions): (Kind, u16),
        mqtt_port: u16,
        registry: &str,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (store, server) = match store {
            Kind::Sqlite => (format!("path = {:?}", folder.path().join("t.sqlite")), None),
            Kind::Postgres => {
                let server = Postgres::start(Durability::Synced, "")?;
                (format!("url = {:?}", server.database()?.url), Some(server))
            }
        };
        let document = folder.path().join("registry.json");
        fs::write(&document, registry)?;
        let configuration = format!(
            "partitions = {partitions}\nregistry = [{document:?}]\n[mqtt]\nport = {mqtt_port}\n\
             [store]\n{store}\n[http]\nlisten = \"127.0.0.1:0\"\naccess = \"open\"\n"
        );
        fs::write(settings(folder.path()), configuration)?;
        Ok(Self {
            folder,
            server,
            process: None,
            agent: ureq::Agent::new_with_defaults(),
            address: String::new(),
        })
    }

    /// Starts it, and waits until it takes readings in.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        self.launch()?;
        let started = Instant::now();
        while self.get("/readyz").is_err() {
            if started.elapsed() > READY_WITHIN {
                bail!("it did not become ready");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Starts it, and waits until it serves.
    pub(crate) fn launch(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new(TAGWATCH);
        command.arg("run").arg("--config");
        command.arg(settings(self.folder.path()));
        let mut process = Process::start(command.env("RUST_LOG", "warn"))?;
        let line = process.wait_for_line("tagwatch serves http://")?;
        let (_, address) = line.split_once("tagwatch serves ").unwrap_or_default();
        address.clone_into(&mut self.address);
        self.process = Some(process);
        Ok(())
    }

    /// Stops it, in good order.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            let status = process.terminate()?;
            anyhow::ensure!(status.success(), "{status}: {}", process.output());
        }
        Ok(())
    }

    /// How many positions this process has journaled.
    pub(crate) fn journaled(&self) -> anyhow::Result<usize> {
        let text = self.get("/metrics")?;
        let name = "tagwatch_readings_total{kind=\"position\",outcome=\"journaled\"} ";
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        Ok(value.map_or(Ok(0), str::parse)?)
    }

    /// Every figure of a metric, whatever its labels, together.
    pub(crate) fn metric(&self, name: &str) -> anyhow::Result<f64> {
        let text = self.get("/metrics")?;
        let lines = text.lines().filter(|line| line.starts_with(name));
        lines
            .map(|line| {
                let (_, value) = line.rsplit_once(' ').context("a metric has a value")?;
                Ok(value.parse::<f64>()?)
            })
            .sum()
    }

    /// How to talk to it.
    pub(crate) fn api(&self) -> Api {
        Api {
            agent: self.agent.clone(),
            address: self.address.clone(),
        }
    }

    /// Asks over HTTP.
    fn get(&self, path: &str) -> anyhow::Result<String> {
        let mut response = self.agent.get(format!("{}{path}", self.address)).call()?;
        Ok(response.body_mut().read_to_string()?)
    }

    /// The program's process and that of its server.
    pub(crate) fn pids(&self) -> anyhow::Result<(u32, Option<u32>)> {
        let process = self.process.as_ref().context("it is not running")?;
        let server = self.server.as_ref().map(Postgres::pid).transpose()?;
        Ok((process.pid(), server))
    }
}

fn settings(folder: &Path) -> std::path::PathBuf {
    folder.join("tagwatch.toml")
}
