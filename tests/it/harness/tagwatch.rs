//! `tagwatch run` as an operator runs it, with a store of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use model::Decision;
use tagwatch::store::{AlertQuery, JournalEntry, SqliteStore, Store};
use tempfile::TempDir;

use super::{Api, Process, TAGWATCH};

/// A running installation.
pub(crate) struct Tagwatch {
    pub(crate) folder: TempDir,
    pub(crate) api: Api,
    process: Process,
}

impl Tagwatch {
    /// Starts one that takes readings in from the broker on `mqtt_port`.
    pub(crate) fn start(mqtt_port: u16, partitions: u16, registry: &str) -> Self {
        Self::start_in(
            tempfile::tempdir().unwrap(),
            mqtt_port,
            partitions,
            registry,
        )
    }

    /// Starts one on a copy of this store.
    pub(crate) fn on(store: &Path, mqtt_port: u16, partitions: u16, registry: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(store, folder.path().join("tagwatch.sqlite")).unwrap();
        Self::start_in(folder, mqtt_port, partitions, registry)
    }

    fn start_in(folder: TempDir, mqtt_port: u16, partitions: u16, registry: &str) -> Self {
        fs::write(folder.path().join("registry.json"), registry).unwrap();
        let configuration = format!(
            "partitions = {partitions}\nregistry = [\"{folder}/registry.json\"]\n\
             [mqtt]\nport = {mqtt_port}\n[store]\npath = \"{folder}/tagwatch.sqlite\"\n\
             checkpoint_every = 500\n[http]\nlisten = \"127.0.0.1:0\"\n",
            folder = folder.path().display(),
        );
        fs::write(folder.path().join("tagwatch.toml"), configuration).unwrap();
        let (process, api) = serve(folder.path());
        Self {
            folder,
            api,
            process,
        }
    }

    pub(crate) fn store_path(&self) -> PathBuf {
        self.folder.path().join("tagwatch.sqlite")
    }

    /// Dies without last words.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts again on the same store.
    pub(crate) fn restart(&mut self) {
        let (process, api) = serve(self.folder.path());
        self.process = process;
        self.api = api;
    }

    /// Asked to stop, in good order.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.process.terminate()
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait()
    }

    /// How much memory it holds now, in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        self.process.memory_kib()
    }

    /// A metric without labels, or with exactly these.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let (_, text) = self.api.get("/metrics");
        let mut lines = text.as_str().unwrap().lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value
            .unwrap_or_else(|| panic!("no {name}"))
            .parse()
            .unwrap()
    }

    pub(crate) fn output(&self) -> String {
        self.process.output()
    }
}

fn serve(folder: &Path) -> (Process, Api) {
    let mut command = Command::new(TAGWATCH);
    command
        .arg("run")
        .arg("--config")
        .arg(folder.join("tagwatch.toml"))
        .env("RUST_LOG", "warn");
    let mut process = Process::start(&mut command);
    let line = process.wait_for_line("tagwatch serves http://");
    let address = line.split("tagwatch serves ").nth(1).unwrap().to_owned();
    let api = Api::new(address);
    super::wait_until("it is ready", || api.get("/readyz").0 == 200);
    (process, api)
}

/// Runs `work` on the store of an installation that is down.
fn with_store<T>(path: &Path, work: impl AsyncFnOnce(&SqliteStore) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(path).unwrap();
        let result = work(&store).await;
        store.close().await;
        result
    })
}

/// The whole journal, partition by partition.
pub(crate) fn journal(path: &Path) -> Vec<JournalEntry> {
    with_store(path, async |store| {
        let mut entries = Vec::new();
        for partition in store.partitions().await.unwrap() {
            entries.extend(store.journal_after(partition, 0, usize::MAX).await.unwrap());
        }
        entries
    })
}

/// Every decision kept, alert by alert.
pub(crate) fn stored_decisions(path: &Path) -> Vec<Decision> {
    with_store(path, async |store| {
        let query = AlertQuery {
            limit: usize::MAX,
            ..AlertQuery::default()
        };
        let mut decisions = Vec::new();
        for alert in store.alerts(&query).await.unwrap() {
            decisions.extend(store.decisions(alert.alert).await.unwrap());
        }
        decisions
    })
}

/// What the program itself concludes when it replays the journal without being disturbed.
pub(crate) fn replayed_decisions(tagwatch: &Tagwatch) -> Vec<Decision> {
    let output = std::process::Command::new(TAGWATCH)
        .arg("replay")
        .arg("--store")
        .arg(tagwatch.store_path())
        .output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
