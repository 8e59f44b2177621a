//! The command line, a file a command: the registry of a world, its traffic, and what becomes of it.

mod capacity;
mod compare;
mod load;
mod output;
mod scenarios;
mod scene;
mod target;
mod world;

use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use output::print_json;
use scene::Scene;

/// Wearers with a known truth, and their tags.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the registry document of a world: who is monitored, and what they must keep to
    Registry(Scene),
    /// Prints the breaches a world has planned, as JSON
    Plan(Scene),
    /// What scenarios there are, and whether a file is one
    Scenario {
        #[command(subcommand)]
        question: scenarios::Question,
    },
    /// Publishes what the tags of a world upload, and judges what recipients are told
    Run(world::Run),
    /// Sends a scenario's load at the times planned, and measures the way to the recipients
    Load(load::Load),
    /// Holds two reports against each other
    Compare(compare::Compare),
    /// Searches the highest rate that an installation holds
    Capacity(capacity::Capacity),
}

/// Does what the command line says.
///
/// # Errors
/// When it cannot be done, or a run was not good.
pub fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Registry(scene) => print_json(&scene.world()?.registry()),
        Command::Plan(scene) => print_json(scene.world()?.plan()),
        Command::Scenario { question } => scenarios::answer(&question),
        Command::Run(arguments) => world::run(&arguments),
        Command::Load(arguments) => load::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Capacity(arguments) => capacity::run(&arguments),
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

/// A runtime for everything that talks to others.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the async runtime")
}
