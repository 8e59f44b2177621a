//! `tagwatch run` as an operator runs it, with a store of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};

use chrono::TimeDelta;
use model::Decision;
use tagwatch::config::PostgresConfig;
use tagwatch::store::{AlertQuery, Checkpoint, JournalEntry, Store, StoreAddress};
use tempfile::TempDir;

use super::{Api, Process, TAGWATCH};

/// An installation's routing policy, in its folder.
const ROUTING: &str = "routing.toml";

/// A running installation.
pub(crate) struct Tagwatch {
    pub(crate) folder: TempDir,
    pub(crate) api: Api,
    process: Process,
    store: StoreAddress,
    /// Variables that it is started with.
    variables: Vec<(&'static str, String)>,
}

impl Tagwatch {
    /// Starts one that takes readings in from the broker on `mqtt_port`, with a SQLite file.
    pub(crate) fn start(mqtt_port: u16, partitions: u16, registry: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = file_in(&folder);
        Self::start_in(
            folder,
            store,
            (mqtt_port, partitions, registry),
            |_command| {},
        )
    }

    /// Starts one that asks for tokens.
    pub(crate) fn start_asking_for_tokens(mqtt_port: u16, partitions: u16, registry: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = file_in(&folder);
        Self::start_in(
            folder,
            store,
            (mqtt_port, partitions, registry),
            |command| {
                command.env("TAGWATCH_HTTP__ACCESS", "tokens");
            },
        )
    }

    /// Starts one that tells people by that routing policy.
    pub(crate) fn start_routed(
        mqtt_port: u16,
        partitions: u16,
        registry: &str,
        routing: &str,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(ROUTING), routing).unwrap();
        let store = file_in(&folder);
        Self::start_in(
            folder,
            store,
            (mqtt_port, partitions, registry),
            |_command| {},
        )
    }

    /// Starts one with more in its configuration, and in its environment.
    pub(crate) fn start_with(
        mqtt_port: u16,
        partitions: u16,
        registry: &str,
        (more, variables): (&str, &[(&'static str, &str)]),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = file_in(&folder);
        configure(folder.path(), mqtt_port, partitions, registry, &store);
        let path = folder.path().join("tagwatch.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}{more}")).unwrap();
        let variables = variables
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let variables: Vec<(&str, String)> = variables.collect();
        let (process, api) = serve(command(folder.path()).envs(variables.clone()));
        Self {
            folder,
            api,
            process,
            store,
            variables,
        }
    }

    /// Starts one whose store is that one.
    pub(crate) fn start_on(
        store: StoreAddress,
        mqtt_port: u16,
        partitions: u16,
        registry: &str,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(
            folder,
            store,
            (mqtt_port, partitions, registry),
            |_command| {},
        )
    }

    /// Starts one for which it is so much earlier than it is. It is restarted into the present.
    pub(crate) fn start_in_the_past(
        mqtt_port: u16,
        partitions: u16,
        registry: &str,
        ago: TimeDelta,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = file_in(&folder);
        Self::start_in(
            folder,
            store,
            (mqtt_port, partitions, registry),
            |command| {
                command
                    .env("LD_PRELOAD", faketime())
                    .env("FAKETIME", format!("-{}", ago.num_seconds()))
                    .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
            },
        )
    }

    /// Starts one on a copy of this store.
    pub(crate) fn on(copied: &Path, mqtt_port: u16, partitions: u16, registry: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = file_in(&folder);
        fs::copy(copied, store.path().unwrap()).unwrap();
        Self::start_in(
            folder,
            store,
            (mqtt_port, partitions, registry),
            |_command| {},
        )
    }

    fn start_in(
        folder: TempDir,
        store: StoreAddress,
        (mqtt_port, partitions, registry): (u16, u16, &str),
        prepare: impl FnOnce(&mut Command),
    ) -> Self {
        configure(folder.path(), mqtt_port, partitions, registry, &store);
        let mut command = command(folder.path());
        prepare(&mut command);
        let (process, api) = serve(&mut command);
        Self {
            folder,
            api,
            process,
            store,
            variables: Vec::new(),
        }
    }

    /// Where its store is.
    pub(crate) const fn store(&self) -> &StoreAddress {
        &self.store
    }

    /// Its SQLite file.
    pub(crate) fn store_path(&self) -> PathBuf {
        self.store.path().unwrap().to_owned()
    }

    /// Dies without last words.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts again on the same store.
    pub(crate) fn restart(&mut self) {
        let (process, api) = serve(command(self.folder.path()).envs(self.variables.clone()));
        self.process = process;
        self.api = api;
    }

    /// Starts again on a store that it cannot go on from, and says so.
    pub(crate) fn start_in_vain(&self) -> Output {
        command(self.folder.path()).output().unwrap()
    }

    /// Asked to stop, in good order.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.process.terminate()
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait()
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
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

    /// How many positions this process has journaled.
    pub(crate) fn journaled(&self) -> u64 {
        self.metric("tagwatch_readings_total{kind=\"position\",outcome=\"journaled\"}")
    }

    /// Whether any partition is still taking in what was sent during a gap.
    pub(crate) fn is_behind(&self) -> bool {
        let (_, text) = self.api.get("/metrics");
        let mut lines = text.as_str().unwrap().lines();
        lines.any(|line| line.starts_with("tagwatch_intake_behind{") && line.ends_with(" 1"))
    }

    pub(crate) fn output(&self) -> String {
        self.process.output()
    }
}

fn file_in(folder: &TempDir) -> StoreAddress {
    StoreAddress::File(folder.path().join("tagwatch.sqlite"))
}

/// As it stands in a configuration or on a command line.
fn text(store: &StoreAddress) -> String {
    match store {
        StoreAddress::File(path) => path.display().to_string(),
        StoreAddress::Database(url) => url.expose().to_owned(),
    }
}

/// Writes a registry and the configuration of an installation.
fn configure(folder: &Path, mqtt_port: u16, partitions: u16, registry: &str, store: &StoreAddress) {
    fs::write(folder.join("registry.json"), registry).unwrap();
    let field = if store.path().is_some() {
        "path"
    } else {
        "url"
    };
    let configuration = format!(
        "partitions = {partitions}\nregistry = [\"{folder}/registry.json\"]\n\
         [mqtt]\nport = {mqtt_port}\n[store]\n{field} = \"{store}\"\n\
         checkpoint_every = 500\n[http]\nlisten = \"127.0.0.1:0\"\naccess = \"open\"\n",
        folder = folder.display(),
        store = text(store),
    );
    let routing = folder.join(ROUTING);
    let policies = if routing.exists() {
        format!("[policies]\nrouting = {routing:?}\n")
    } else {
        String::new()
    };
    fs::write(folder.join("tagwatch.toml"), configuration + &policies).unwrap();
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(TAGWATCH);
    command
        .arg("run")
        .arg("--config")
        .arg(folder.join("tagwatch.toml"))
        .env("RUST_LOG", "warn");
    command
}

/// The library that makes a process believe in another time (Debian's package `faketime`).
fn faketime() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap();
    let libraries = folders.map(|folder| folder.unwrap().path().join("faketime/libfaketime.so.1"));
    let mut found = libraries.filter(|library| library.exists());
    found
        .next()
        .expect("libfaketime: install the package faketime")
}

fn serve(command: &mut Command) -> (Process, Api) {
    let mut process = Process::start(command);
    let line = process.wait_for_line("tagwatch serves http://");
    let address = line.split("tagwatch serves ").nth(1).unwrap().to_owned();
    let api = Api::new(address);
    super::wait_until("it is ready", || api.get("/readyz").0 == 200);
    (process, api)
}

/// Runs `work` on the store of an installation that is down.
fn with_store<T>(address: &StoreAddress, work: impl AsyncFnOnce(&dyn Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = address.open(&PostgresConfig::default()).await.unwrap();
        let result = work(&*store).await;
        store.close().await;
        result
    })
}

/// The whole journal, partition by partition.
pub(crate) fn journal(store: &StoreAddress) -> Vec<JournalEntry> {
    with_store(store, async |store| {
        let mut entries = Vec::new();
        for partition in store.partitions().await.unwrap() {
            entries.extend(store.journal_after(partition, 0, usize::MAX).await.unwrap());
        }
        entries
    })
}

/// The checkpoints that each partition would start from.
pub(crate) fn checkpoints(store: &StoreAddress) -> Vec<Checkpoint> {
    with_store(store, async |store| {
        let mut newest = Vec::new();
        for partition in store.partitions().await.unwrap() {
            newest.extend(store.checkpoints(partition).await.unwrap());
        }
        newest
    })
}

/// Every decision kept, alert by alert.
pub(crate) fn stored_decisions(store: &StoreAddress) -> Vec<Decision> {
    with_store(store, async |store| {
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
        .arg(text(&tagwatch.store))
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
