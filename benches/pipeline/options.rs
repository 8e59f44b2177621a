//! What is asked for on the command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures the whole pipeline against the limits it cannot pass.
#[derive(Debug, Clone, Parser)]
#[command(name = "pipeline")]
pub(crate) struct Options {
    /// What is measured; everything where none is named.
    #[arg(value_enum)]
    pub(crate) steps: Vec<Step>,
    /// The store.
    #[arg(long, value_enum, default_values_t = [Kind::Sqlite, Kind::Postgres])]
    pub(crate) store: Vec<Kind>,
    /// Fixes in a message.
    #[arg(long, default_values_t = [1, 10])]
    pub(crate) batch: Vec<usize>,
    /// Messages of a backlog.
    #[arg(long, default_value_t = 100_000)]
    pub(crate) messages: usize,
    /// Wearers that are registered, and report in turn.
    #[arg(long, default_values_t = [5_000])]
    pub(crate) wearers: Vec<usize>,
    /// Partitions of the installation.
    #[arg(long, default_values_t = [1])]
    pub(crate) partitions: Vec<u16>,
    /// Rounds, of which the median counts.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// Single fixes a second under which latency is measured; where none is named, half of what the
    /// store was last seen to drain in one partition.
    #[arg(long)]
    pub(crate) load: Vec<u32>,
    /// Days of history after which the stores are measured, in ascending order.
    #[arg(long, default_values_t = [1, 2, 4])]
    pub(crate) days: Vec<usize>,
    /// Where the figures go, as JSON; what else stands there stays.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Measures nothing, and puts what stands in the file of `--json` into this folder's
    /// `performance.md` and `pictures`.
    #[arg(long, requires = "json")]
    pub(crate) docs: Option<PathBuf>,
    /// What the engine's bench `growth` printed with `--json`, to be drawn beside it.
    #[arg(long, requires = "docs")]
    pub(crate) growth: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    pub(crate) bench: bool,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// The parts alone.
    Limits,
    /// tagwatch draining a backlog, beside a consumer that does nothing.
    Drain,
    /// From a tag's message to a notification in somebody's hands.
    Latency,
    /// The stores alone as history and open alerts grow.
    Growth,
    /// PostGIS, GEOS and SpatiaLite on the same zones and fixes.
    Peers,
}

/// A store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A file.
    Sqlite,
    /// A private server that syncs, as in production.
    Postgres,
}

impl Options {
    /// Whether a step is to be measured.
    pub(crate) fn wants(&self, step: Step) -> bool {
        self.steps.is_empty() || self.steps.contains(&step)
    }
}

impl Kind {
    /// As people say it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}
