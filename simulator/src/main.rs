//! The simulator's command line: the registry of a world, its traffic, and what becomes of it.

mod cli;

use anyhow::Result;
use clap::{Parser, Subcommand};

use cli::scene::Scene;
use cli::{capacity, compare, load, print_json, scenarios, world};

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

fn main() -> Result<()> {
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
