//! The command line of tagwatch.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tagwatch::commands::{
    self, Backup, CheckConfig, Demo, Erase, ExplainRoute, Import, Journal, Migrate, Prune, Quality,
    Queue, Replay, Run, TokenArguments, Verify,
};

/// Electronic-monitoring telemetry processor: tags' readings in, breach alerts out.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show it all at work in one process: broker, store, simulated tags, alerts, and a verdict
    Demo(Demo),
    /// Take readings in from a broker, decide, and serve queues and alerts
    Run(Run),
    /// Decide again, from files or from a journal: the same input gives the same bytes
    Replay(Replay),
    /// Register what documents say: wearers, devices, orders, zones, places, absences
    Import(Import),
    /// Copy the store into a file while it is in use
    Backup(Backup),
    /// Prove a store: the journal is whole and leads to the decisions that are kept
    Verify(Verify),
    /// Print what was taken in, an entry a line
    Journal(Journal),
    /// Take everything about a wearer out of the store
    Erase(Erase),
    /// Measure the zone rule: false and missed breaches and delays, beside those of the usual rules
    Quality(Quality),
    /// Bring the store's schema up to date, or say what that would take
    Migrate(Migrate),
    /// Let go of what need not be kept any longer, or say what that would be
    Prune(Prune),
    /// Make, list and revoke the tokens that whoever uses the API shows
    Token(TokenArguments),
    /// Look at the recipients' queues, and put back what was given up
    Queue(Queue),
    /// Say which route took an alert, and why the others did not
    ExplainRoute(ExplainRoute),
    /// Say what is wrong with a configuration and the policies it names
    CheckConfig(CheckConfig),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo(demo) => commands::demo(&demo),
        Command::Run(run) => commands::run(&run),
        Command::Replay(replay) => commands::replay(&replay),
        Command::Import(import) => commands::import(&import),
        Command::Backup(backup) => commands::backup(&backup),
        Command::Verify(verify) => commands::verify(&verify),
        Command::Journal(journal) => commands::journal(&journal).map(|()| ExitCode::SUCCESS),
        Command::Erase(erase) => commands::erase(&erase),
        Command::Quality(quality) => commands::quality(&quality),
        Command::Migrate(migrate) => commands::migrate(&migrate),
        Command::Prune(prune) => commands::prune(&prune),
        Command::Token(token) => commands::token(&token),
        Command::Queue(queue) => commands::queue(&queue),
        Command::ExplainRoute(explain) => commands::explain_route(&explain),
        Command::CheckConfig(check) => commands::check_config(&check),
    };
    result.unwrap_or_else(|error| commands::report(&error))
}
