//! What goes wrong in a round, when and for how long: drawn by a seed.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// The load lasts six seconds: what begins within these is in the middle of it.
const BEGINS_MS: std::ops::Range<u64> = 400..4_000;

/// Between one trouble of a part and the next.
const BETWEEN: Duration = Duration::from_millis(300);

/// Drawn for a round; what cannot come together is left out.
const DRAWN_MAX: usize = 5;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// tagwatch dies without last words, and is started again.
    KillService,
    /// tagwatch stands still for longer than the broker waits for it.
    PauseService,
    /// tagwatch is stopped in good order, and started again.
    RestartService,
    /// A second tagwatch is started on the same store and with the same MQTT client ids.
    SecondService,
    /// tagwatch stands still, another is started in its place, and the first wakes up.
    StalledService,
    /// The broker dies without saving anything more, and is started again.
    KillBroker,
    /// The broker is stopped in good order, and started again.
    RestartBroker,
    /// The broker stands still for longer than its clients wait for it.
    PauseBroker,
    /// Nothing gets through between tagwatch and the broker, and neither is told.
    DeadLine,
    /// Everything between tagwatch and the broker takes longer.
    SlowLine,
    /// Connections between tagwatch and the broker are reset, several times.
    ResetLine,
    /// The broker thinks tagwatch gone, and tagwatch does not know.
    LostByBroker,
    /// tagwatch thinks the broker gone, and the broker does not know.
    LostByService,
    /// The disk under the store is full.
    FillDisk,
    /// PostgreSQL and all its processes die, and it is started again on its data.
    KillStore,
    /// PostgreSQL stands still for longer than a request waits for it.
    PauseStore,
    /// Nothing gets through between tagwatch and PostgreSQL, and neither is told.
    DeadStoreLine,
    /// Everything between tagwatch and PostgreSQL takes longer.
    SlowStoreLine,
    /// Connections between tagwatch and PostgreSQL are reset, several times.
    ResetStoreLine,
    /// Everything ends; the servers are started first.
    RestartAllBrokerFirst,
    /// Everything ends; tagwatch is started first.
    RestartAllServiceFirst,
}

/// What keeps the books of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreKind {
    Sqlite,
    Postgres,
}

impl StoreKind {
    const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// The name it is called by on the command line.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Troubles of different parts can come together; of one part, one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Service,
    Broker,
    Line,
    Store,
    All,
}

impl Trouble {
    pub(super) const ALL: [Self; 21] = [
        Self::KillService,
        Self::PauseService,
        Self::RestartService,
        Self::SecondService,
        Self::StalledService,
        Self::KillBroker,
        Self::RestartBroker,
        Self::PauseBroker,
        Self::DeadLine,
        Self::SlowLine,
        Self::ResetLine,
        Self::LostByBroker,
        Self::LostByService,
        Self::FillDisk,
        Self::KillStore,
        Self::PauseStore,
        Self::DeadStoreLine,
        Self::SlowStoreLine,
        Self::ResetStoreLine,
        Self::RestartAllBrokerFirst,
        Self::RestartAllServiceFirst,
    ];

    /// What can go wrong with a store of this kind.
    fn possible_on(kind: StoreKind) -> Vec<Self> {
        let is_possible = |trouble: &Self| kind == StoreKind::Postgres || !trouble.takes_postgres();
        Self::ALL.into_iter().filter(is_possible).collect()
    }

    /// The name it is called by on the command line.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::KillService => "kill-tagwatch",
            Self::PauseService => "pause-tagwatch",
            Self::RestartService => "restart-tagwatch",
            Self::SecondService => "second-tagwatch",
            Self::StalledService => "stalled-tagwatch",
            Self::KillBroker => "kill-broker",
            Self::RestartBroker => "restart-broker",
            Self::PauseBroker => "pause-broker",
            Self::DeadLine => "dead-line",
            Self::SlowLine => "slow-line",
            Self::ResetLine => "reset-line",
            Self::LostByBroker => "lost-by-broker",
            Self::LostByService => "lost-by-tagwatch",
            Self::FillDisk => "fill-disk",
            Self::KillStore => "kill-store",
            Self::PauseStore => "pause-store",
            Self::DeadStoreLine => "dead-store-line",
            Self::SlowStoreLine => "slow-store-line",
            Self::ResetStoreLine => "reset-store-line",
            Self::RestartAllBrokerFirst => "restart-all-broker-first",
            Self::RestartAllServiceFirst => "restart-all-tagwatch-first",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.name() == name)
    }

    const fn part(self) -> Part {
        match self {
            Self::KillService
            | Self::PauseService
            | Self::RestartService
            | Self::SecondService
            | Self::StalledService => Part::Service,
            Self::KillBroker | Self::RestartBroker | Self::PauseBroker => Part::Broker,
            Self::DeadLine
            | Self::SlowLine
            | Self::ResetLine
            | Self::LostByBroker
            | Self::LostByService => Part::Line,
            Self::FillDisk
            | Self::KillStore
            | Self::PauseStore
            | Self::DeadStoreLine
            | Self::SlowStoreLine
            | Self::ResetStoreLine => Part::Store,
            Self::RestartAllBrokerFirst | Self::RestartAllServiceFirst => Part::All,
        }
    }

    /// Whether it takes a server, and a line to it.
    const fn takes_postgres(self) -> bool {
        matches!(
            self,
            Self::KillStore
                | Self::PauseStore
                | Self::DeadStoreLine
                | Self::SlowStoreLine
                | Self::ResetStoreLine
        )
    }

    /// Whether it is over only when the store has refused somebody: while that is away, never.
    const fn waits_for_a_fence(self) -> bool {
        matches!(self, Self::SecondService | Self::StalledService)
    }

    /// How long it lasts, in milliseconds: pauses and dead lines longer than keep-alives (a second
    /// each, and half or a whole one more until they are missed).
    const fn lasts_ms(self) -> std::ops::Range<u64> {
        match self {
            Self::PauseService | Self::StalledService | Self::PauseBroker | Self::DeadLine => {
                2_500..4_500
            }
            // Longer than a request is waited for: twice the statement timeout, of a second.
            Self::PauseStore | Self::DeadStoreLine => 2_500..4_500,
            Self::SlowLine | Self::FillDisk | Self::SlowStoreLine => 1_000..3_000,
            Self::KillService
            | Self::RestartService
            | Self::KillBroker
            | Self::KillStore
            | Self::RestartBroker
            | Self::RestartAllBrokerFirst
            | Self::RestartAllServiceFirst => 100..1_500,
            Self::SecondService
            | Self::ResetLine
            | Self::LostByBroker
            | Self::LostByService
            | Self::ResetStoreLine => 0..1,
        }
    }
}

/// One trouble of a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Incident {
    pub(super) trouble: Trouble,
    /// From the beginning of the load.
    pub(super) begins: Duration,
    pub(super) lasts: Duration,
}

impl Incident {
    fn drawn(rng: &mut Pcg64, trouble: Trouble) -> Self {
        Self {
            trouble,
            begins: Duration::from_millis(rng.random_range(BEGINS_MS)),
            lasts: Duration::from_millis(rng.random_range(trouble.lasts_ms())),
        }
    }

    /// Whether the two would do something to one part at the same time.
    fn excludes(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.trouble.part(), other.trouble.part());
        let waits = self.trouble.waits_for_a_fence() && theirs == Part::Store
            || other.trouble.waits_for_a_fence() && ours == Part::Store;
        let same = ours == theirs || ours == Part::All || theirs == Part::All || waits;
        let before = |a: &Self, b: &Self| a.begins + a.lasts + BETWEEN < b.begins;
        same && !before(self, other) && !before(other, self)
    }
}

/// How often the broker saves what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Autosave {
    /// As shipped: longer than a round.
    Shipped,
    /// So often that it comes back with a state that is a little old.
    EverySecond,
}

/// A round.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) only: Vec<Trouble>,
    pub(super) store: StoreKind,
    /// Whether the kind of store was asked for.
    named: bool,
    pub(super) partitions: u16,
    pub(super) wearers: usize,
    pub(super) autosave: Autosave,
    pub(super) incidents: Vec<Incident>,
}

impl Plan {
    /// Some troubles, at least one; with `only`, each of those and no others. On this kind of store,
    /// or on one drawn.
    pub(super) fn drawn(seed: u64, only: &[Trouble], store: Option<StoreKind>) -> Self {
        let mut rng = Pcg64::seed_from_u64(seed);
        let server_needed = only.iter().any(|trouble| trouble.takes_postgres());
        let kind = match (store, rng.random_bool(0.5) || server_needed) {
            (Some(kind), _) => kind,
            (None, true) => StoreKind::Postgres,
            (None, false) => StoreKind::Sqlite,
        };
        let possible = Trouble::possible_on(kind);
        let autosave = if rng.random_bool(0.5) {
            Autosave::EverySecond
        } else {
            Autosave::Shipped
        };
        let (partitions, wearers) = (rng.random_range(2..=3), rng.random_range(20..=50));
        let mut incidents: Vec<Incident> = Vec::new();
        let count = rng.random_range(1..=DRAWN_MAX).max(only.len());
        for number in 0..count {
            let any = possible[rng.random_range(0..possible.len())];
            let trouble = only.iter().cycle().nth(number).copied().unwrap_or(any);
            let drawn = Incident::drawn(&mut rng, trouble);
            if !incidents.iter().any(|other| drawn.excludes(other)) {
                incidents.push(drawn);
            }
        }
        Self {
            seed,
            only: only.to_vec(),
            store: kind,
            named: store.is_some(),
            partitions,
            wearers,
            autosave,
            incidents,
        }
    }

    pub(super) fn has(&self, trouble: Trouble) -> bool {
        let is = |incident: &Incident| incident.trouble == trouble;
        self.incidents.iter().any(is)
    }

    /// The command that repeats this round.
    pub(super) fn command(&self) -> String {
        let mut command = format!("scripts/torture --seed {}", self.seed);
        if !self.only.is_empty() {
            let names: Vec<&str> = self.only.iter().map(|only| only.name()).collect();
            command.push_str(" --only ");
            command.push_str(&names.join(","));
        }
        if self.named {
            command.push_str(" --store ");
            command.push_str(self.store.name());
        }
        command
    }
}
