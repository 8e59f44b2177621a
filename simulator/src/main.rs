//! The simulator's command line: the registry of a world, and its traffic to a broker.

mod run;
mod scenarios;

use std::io::Write as _;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use model::Timestamp;
use simulator::scenario::Scenario;
use simulator::{World, WorldConfig};

/// Wearers with a known truth, and their tags.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the registry document of a world: who is monitored, and what they must keep to.
    Registry(Scene),
    /// Prints the breaches a world has planned, as JSON.
    Plan(Scene),
    /// What scenarios there are, and whether a file is one.
    Scenario {
        #[command(subcommand)]
        question: scenarios::Question,
    },
    /// Sends a scenario's load to a broker at the times planned, and reports the delays as JSON.
    Load {
        /// The scenario file.
        #[arg(long)]
        scenario: PathBuf,
        /// The broker, host and port.
        #[arg(long, default_value = "127.0.0.1:1883")]
        broker: String,
    },
    /// Publishes what the tags of a world upload to a broker.
    Run {
        #[command(flatten)]
        scene: Scene,
        #[command(flatten)]
        traffic: run::Traffic,
    },
}

/// Which world.
#[derive(Debug, Args)]
struct Scene {
    /// A scenario file; it says all that the options below would.
    #[arg(long, conflicts_with_all = ["seed", "wearers", "partitions"])]
    scenario: Option<PathBuf>,
    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many wearers have simulated tags.
    #[arg(long, default_value_t = 60)]
    wearers: usize,
    /// When the world begins, RFC 3339; now, where absent.
    #[arg(long)]
    start: Option<Timestamp>,
    /// The installation's number of partitions.
    #[arg(long, default_value_t = NonZeroU16::MIN)]
    partitions: NonZeroU16,
}

impl Scene {
    fn world(&self) -> Result<World> {
        let start = match self.start {
            Some(start) => start,
            None => Timestamp::from_chrono(chrono::Utc::now()).context("the clock's time")?,
        };
        if let Some(file) = &self.scenario {
            let scenario = Scenario::read(file)?;
            return Ok(World::new(
                scenario.world(self.start.unwrap_or(scenario.start)),
            ));
        }
        let config = WorldConfig::new(self.seed, self.wearers, start, self.partitions);
        Ok(World::new(config))
    }
}

fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Registry(scene) => print_json(&scene.world()?.registry()),
        Command::Plan(scene) => print_json(&scene.world()?.plan()),
        Command::Scenario { question } => scenarios::answer(&question),
        Command::Load { scenario, broker } => run::load(&Scenario::read(&scenario)?, &broker),
        Command::Run { scene, traffic } => run::run(scene.world()?, &traffic),
    }
}

fn print_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    match writeln!(std::io::stdout().lock(), "{text}") {
        // The reader had enough: `simulator plan | head` is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output"),
    }
}

/// Takes `90s`, `45m`, `2h` or `1d`.
fn duration(text: &str) -> Result<Duration> {
    let unit = text.chars().last().context("an empty duration")?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => anyhow::bail!("{text:?} does not end in s, m, h or d"),
    };
    let number: u64 = text
        .trim_end_matches(unit)
        .parse()
        .with_context(|| format!("{text:?} is no whole number of {unit}"))?;
    let total = number.checked_mul(seconds);
    total
        .map(Duration::from_secs)
        .with_context(|| format!("{text:?} is too long"))
}
