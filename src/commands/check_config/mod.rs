//! `tagwatch check-config`: everything wrong with a configuration, at once.

mod live;
mod unfilled;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output::{print, say};
use crate::config::{self, Config, Policies, SinkConfig};
use crate::dispatch::sink;
use crate::runtime::clock::Clock;
use crate::store::StoreAddress;

/// Arguments of `tagwatch check-config`.
#[derive(Debug, Args)]
pub struct CheckConfig {
    /// Configuration file (TOML)
    config: PathBuf,
    /// Connect to the broker and the store it names, and try out whether they would lose anything
    #[arg(long)]
    live: bool,
}

/// Says what is wrong; succeeds when nothing is. Warnings do not fail it.
///
/// # Errors
/// When the configuration itself cannot be read.
pub fn check_config(arguments: &CheckConfig) -> anyhow::Result<ExitCode> {
    let config = match config::load(&arguments.config) {
        Ok(config) => config,
        Err(config::ConfigError::File { path, problem }) => {
            return Ok(show(&miette::Report::new(problem.in_file(&path))));
        }
        Err(error) => return Err(error.into()),
    };
    let mut problems = Vec::new();
    match Policies::rules(config.policies.rules.as_deref()) {
        Ok(rules) => print(&format!("rules policy {}", rules.policy.version))?,
        Err(error) => problems.push(error.to_string()),
    }
    match Policies::routing(config.policies.routing.as_deref()) {
        Ok(routing) => {
            for warning in routing.warnings() {
                print(&format!("warning: {warning}"))?;
            }
            unfilled::check(&routing, &config.registry)?;
        }
        Err(error) => problems.push(error.to_string()),
    }
    problems.extend(config.retention.problem());
    problems.extend(config.http.problem().map(str::to_owned));
    problems.extend(check_sinks(&config));
    if let Err(error) = StoreAddress::of(&config.store) {
        problems.push(error.to_string());
    }
    problems.extend(check_registry(&config.registry)?);
    if arguments.live {
        problems.extend(live::check(&config)?);
    }
    for problem in &problems {
        say(problem);
    }
    if problems.is_empty() {
        print(&format!("{}: nothing wrong", arguments.config.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// What is wrong with the sinks, each for itself and beside each other; their secrets are read.
fn check_sinks(config: &Config) -> Vec<String> {
    let mut problems = SinkConfig::problems(&config.sink);
    let opened = config.sink.iter();
    problems
        .extend(opened.filter_map(|config_of| sink::open(config_of, &config.installation).err()));
    problems
}

/// What is wrong with the documents; what is not wise of them is printed.
fn check_registry(documents: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut together = registry::Document::default();
    for path in documents {
        match registry::read(path) {
            Ok(document) => together.join(document),
            Err(error) => problems.push(error.to_string()),
        }
    }
    let found = together.check(&[], &BTreeSet::new(), Clock::system().now());
    if found.errors() > 0 {
        problems.push(found.to_string());
    } else if !found.is_empty() {
        print(&found.to_string())?;
    }
    Ok(problems)
}

/// Shows a report with the lines around the problem.
fn show(report: &miette::Report) -> ExitCode {
    say(&format!("{report:?}"));
    ExitCode::FAILURE
}
