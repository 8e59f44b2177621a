//! The world of a round: broker, line, disk, store and service, each of which can be done harm.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::books::Books;
use super::database::Server;
use super::disk::Disk;
use super::plan::{Autosave, Incident, Plan, StoreKind, Trouble};
use super::service::Service;
use super::story::Story;
use super::tap::{AckTap, Seen};
use crate::harness::{Cut, Line, Mosquitto, Proxy, SHIPPED, registry, wait_until};

/// How late everything is on a slow line: more than a batch takes.
const SLOW: Duration = Duration::from_millis(150);

/// The same to PostgreSQL, which is asked several times in a commit and answers each time.
const SLOW_STORE: Duration = Duration::from_millis(20);

/// A start that failed has begun no longer ago than this.
const START: Duration = Duration::from_secs(5);

/// Connections are reset so many times, so long after one another: also while they are being made.
const RESETS: u32 = 6;
const BETWEEN_RESETS: Duration = Duration::from_millis(250);

/// The keeper looks as often as this.
const LOOK: Duration = Duration::from_millis(100);

/// A round's world. Fields end in this order.
pub(super) struct World {
    pub(super) service: Service,
    /// The one that another has been started in the place of.
    stalled: Option<Service>,
    line: Proxy,
    pub(super) broker: Mosquitto,
    /// PostgreSQL, where that keeps the books.
    pub(super) server: Option<Server>,
    disk: Option<Disk>,
    pub(super) books: Books,
    pub(super) seen: Arc<Mutex<Seen>>,
    pub(super) story: Story,
    /// What processes said that are no more.
    pub(super) last_words: Vec<String>,
    /// When the broker was killed first.
    pub(super) broker_killed: Option<Instant>,
    /// Whether the service is meant to run.
    meant_to_run: bool,
    /// Nothing can be kept at present: a service that cannot even start is started again.
    store_in_trouble: bool,
    /// When something could be kept again.
    store_healed: Option<Instant>,
    pub(super) folder: TempDir,
}

impl World {
    /// Makes one; `None` where a disk is to be filled and none can be mounted.
    pub(super) fn make(plan: &Plan) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let disk = if plan.has(Trouble::FillDisk) {
            Some(Disk::mount(&data)?)
        } else {
            fs::create_dir_all(&data).unwrap();
            None
        };
        let server = (plan.store == StoreKind::Postgres).then(|| {
            enter(folder.path());
            Server::start(&data)
        });
        let books = match &server {
            Some(server) => Books::Postgres(server.database()),
            None => Books::sqlite(&data),
        };
        let broker = Mosquitto::with(&match plan.autosave {
            Autosave::Shipped => SHIPPED.to_owned(),
            Autosave::EverySecond => SHIPPED.replace("autosave_interval 30", "autosave_interval 1"),
        });
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (tapped, tap_books) = (Arc::clone(&seen), books.clone());
        let line = Proxy::start(broker.port, move || {
            AckTap::new(tap_books.clone(), Arc::clone(&tapped))
        });
        fs::write(folder.path().join("registry.json"), registry(plan.wearers)).unwrap();
        fs::write(
            folder.path().join("tagwatch.toml"),
            configuration(plan, &folder, &books, line.port),
        )
        .unwrap();
        let service = Service::start(folder.path());
        let mut world = Self {
            service,
            stalled: None,
            line,
            broker,
            server,
            disk,
            books,
            seen,
            story: Story::begin(),
            last_words: Vec::new(),
            broker_killed: None,
            meant_to_run: true,
            store_in_trouble: false,
            store_healed: None,
            folder,
        };
        world.wait_for_connections(plan);
        Some(world)
    }

    /// Waits until every partition is connected to the broker.
    pub(super) fn wait_for_connections(&mut self, plan: &Plan) {
        wait_until("every partition is connected", || {
            self.keep();
            self.service.connections() == usize::from(plan.partitions)
        });
    }

    pub(super) fn begin(&mut self, incident: &Incident) {
        let name = incident.trouble.name();
        self.story.tell(name);
        match incident.trouble {
            Trouble::KillService => self.kill_service(),
            Trouble::PauseService => self.service.pause(),
            Trouble::RestartService => {
                self.meant_to_run = false;
                let status = self.service.terminate();
                assert!(status.success(), "{}", self.service.output());
            }
            Trouble::SecondService => self.second_service(),
            Trouble::StalledService => {
                self.service.pause();
                // Where the store is a file, the stalled one may hold its lock.
                self.store_in_trouble = true;
                self.replace_service();
            }
            Trouble::KillBroker => {
                self.broker.process.kill().unwrap();
                self.broker_killed.get_or_insert_with(Instant::now);
            }
            Trouble::RestartBroker => self.stop_broker(),
            Trouble::PauseBroker => self.broker.process.signal(Signal::STOP).unwrap(),
            Trouble::DeadLine => self.line.set(Line::Dead),
            Trouble::SlowLine => self.line.set(Line::Slow(SLOW)),
            Trouble::ResetLine => cut(&self.line, Cut::Both, RESETS),
            Trouble::LostByBroker => cut(&self.line, Cut::ServerOnly, 1),
            Trouble::LostByService => cut(&self.line, Cut::ClientOnly, 1),
            Trouble::FillDisk => {
                self.store_in_trouble = true;
                self.disk.as_ref().unwrap().fill();
            }
            Trouble::KillStore
            | Trouble::PauseStore
            | Trouble::DeadStoreLine
            | Trouble::SlowStoreLine
            | Trouble::ResetStoreLine => self.begin_with_server(incident.trouble),
            Trouble::RestartAllBrokerFirst | Trouble::RestartAllServiceFirst => {
                self.kill_service();
                self.stop_broker();
                if self.server.is_some() {
                    self.begin_with_server(Trouble::KillStore);
                }
            }
        }
    }

    pub(super) fn heal(&mut self, incident: &Incident) {
        self.story
            .tell(&format!("{} heals", incident.trouble.name()));
        match incident.trouble {
            Trouble::KillService | Trouble::RestartService => self.start_service(),
            Trouble::StalledService => {
                let stalled = self.stalled.take().unwrap();
                stalled.resume();
                self.ends_fenced_off(stalled);
                self.store_is_well();
            }
            Trouble::PauseService => self.service.resume(),
            Trouble::KillBroker | Trouble::RestartBroker => self.broker.restart(),
            Trouble::PauseBroker => self.broker.process.signal(Signal::CONT).unwrap(),
            Trouble::DeadLine | Trouble::SlowLine => self.line.set(Line::Clear),
            Trouble::FillDisk => {
                self.disk.as_ref().unwrap().free();
                self.revive_server();
            }
            Trouble::RestartAllBrokerFirst => {
                self.broker.restart();
                self.revive_server();
                self.start_service();
            }
            Trouble::RestartAllServiceFirst => {
                self.start_service();
                self.broker.restart();
                self.revive_server();
            }
            Trouble::KillStore
            | Trouble::PauseStore
            | Trouble::DeadStoreLine
            | Trouble::SlowStoreLine => self.heal_server(incident.trouble),
            Trouble::SecondService
            | Trouble::ResetLine
            | Trouble::ResetStoreLine
            | Trouble::LostByBroker
            | Trouble::LostByService => {}
        }
    }

    /// Looks on, and starts a service again that could not start while nothing could be kept.
    pub(super) fn keep(&mut self) {
        std::thread::sleep(LOOK);
        if !self.meant_to_run {
            return;
        }
        self.story.see(self.service.sight());
        if let Some(status) = self.service.ended() {
            let words = self.service.output();
            let last = words.lines().last().unwrap_or_default().to_owned();
            self.story
                .tell(&format!("tagwatch ended by itself, {status}: {last}"));
            let just_healed = self.store_healed.is_some_and(|at| at.elapsed() < START);
            let excused = self.store_in_trouble || just_healed;
            assert!(excused, "tagwatch ended by itself:\n{words}");
            self.start_service();
        }
    }

    /// What the service's log complains of, each thing once.
    pub(super) fn complaints(&self) -> String {
        let said = [self.last_words.join("\n"), self.service.output()].join("\n");
        let without_time = |line: &str| line.split_once(' ').map(|(_, rest)| rest.to_owned());
        let complaints: BTreeSet<String> = said
            .lines()
            .filter(|line| line.contains(" WARN ") || line.contains(" ERROR "))
            .filter_map(without_time)
            .collect();
        Vec::from_iter(complaints).join("\n")
    }

    fn stop_broker(&mut self) {
        let status = self.broker.process.terminate().unwrap();
        assert!(status.success(), "{}", self.broker.process.output());
    }

    fn kill_service(&mut self) {
        self.service.kill();
        self.meant_to_run = false;
    }

    fn start_service(&mut self) {
        let next = self.service.another();
        let before = std::mem::replace(&mut self.service, next);
        self.last_words.push(before.output());
        self.meant_to_run = true;
    }

    fn begin_with_server(&mut self, trouble: Trouble) {
        self.store_in_trouble = true;
        let server = self.server.as_ref().unwrap();
        match trouble {
            Trouble::KillStore => server.kill(),
            Trouble::PauseStore => server.pause(),
            Trouble::DeadStoreLine => server.line.set(Line::Dead),
            Trouble::SlowStoreLine => server.line.set(Line::Slow(SLOW_STORE)),
            Trouble::ResetStoreLine => {
                cut(&server.line, Cut::Both, RESETS);
                self.store_is_well();
            }
            other => panic!("{} is nothing of PostgreSQL", other.name()),
        }
    }

    fn heal_server(&mut self, trouble: Trouble) {
        let server = self.server.as_ref().unwrap();
        match trouble {
            Trouble::PauseStore => server.resume(),
            _ => server.line.set(Line::Clear),
        }
        self.revive_server();
    }

    /// Has PostgreSQL, where there is one, answer again.
    fn revive_server(&mut self) {
        if let Some(server) = &mut self.server {
            server.revive();
        }
        self.store_is_well();
    }

    fn store_is_well(&mut self) {
        self.store_in_trouble = false;
        self.store_healed = Some(Instant::now());
    }

    /// The one that was there first is fenced off, says so, and ends; the second goes on.
    fn second_service(&mut self) {
        self.replace_service();
        let first = self.stalled.take().unwrap();
        self.ends_fenced_off(first);
    }

    /// Starts another service, and leaves the one there is as it is.
    fn replace_service(&mut self) {
        let next = self.service.another();
        self.stalled = Some(std::mem::replace(&mut self.service, next));
    }

    fn ends_fenced_off(&mut self, mut first: Service) {
        wait_until("the first tagwatch ends", || {
            self.keep();
            first.ended().is_some()
        });
        let (status, words) = (first.ended().unwrap(), first.output());
        let last = words.lines().last().unwrap_or_default();
        self.story
            .tell(&format!("the first ended, {status}: {last}"));
        assert!(!status.success(), "it must not look like a stop: {words}");
        assert!(
            last.contains("another tagwatch has taken partition"),
            "{words}"
        );
        self.last_words.push(words);
    }
}

fn cut(line: &Proxy, cut: Cut, times: u32) {
    for _ in 0..times {
        line.cut(cut);
        std::thread::sleep(BETWEEN_RESETS);
    }
}

/// Lets the account PostgreSQL runs as into a folder.
fn enter(folder: &Path) {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
}

fn configuration(plan: &Plan, folder: &TempDir, books: &Books, port: u16) -> String {
    format!(
        "partitions = {partitions}\nregistry = [\"{folder}/registry.json\"]\n\
         [mqtt]\nport = {port}\nkeep_alive_s = 1\nowntracks = false\n\
         [store]\n{store}\ncheckpoint_every = 400\n[http]\nlisten = \"127.0.0.1:0\"\naccess = \"open\"\n",
        partitions = plan.partitions,
        folder = folder.path().display(),
        store = books.configuration(),
    )
}
