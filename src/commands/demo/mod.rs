//! `tagwatch demo`: broker, store, service and simulated tags in one process, and an oracle that
//! knows what should have been alerted.

mod arguments;
mod screen;
mod tokens;
mod town;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use model::Timestamp;
use simulator::scenario::Scenario;
use simulator::verdict_table;
use tempfile::TempDir;

pub use arguments::Demo;

use super::output::{log, print, say};
use super::start::{runtime, stop_signal};
use crate::broker::{EmbeddedBroker, Persistence};
use crate::config::{Config, Policies, PoliciesConfig};
use crate::runtime::clock::Clock;
use crate::runtime::{Parts, Service};
use crate::store::SqliteStore;
use crate::store::Store;
use screen::Screen;
use town::Town;

/// The store's file in the demo's folder.
const STORE: &str = "tagwatch.sqlite";

/// How often the world is moved on, in real time.
const TICK: Duration = Duration::from_millis(50);

/// How long what was published may take to be through, in real time, once the demo is over.
const DRAIN_MAX: Duration = Duration::from_secs(60);

/// Runs the demo. Succeeds only if no planned breach was missed and no alert was false.
///
/// # Errors
/// When it cannot start, or a partition has to be given up.
pub fn demo(arguments: &Demo) -> anyhow::Result<ExitCode> {
    log("warn");
    runtime()?.block_on(run(arguments))
}

async fn run(arguments: &Demo) -> anyhow::Result<ExitCode> {
    let scenario = arguments.scenario()?;
    let folder = Folder::new(arguments)?;
    let broker = start_broker(arguments, &folder).await?;
    let clock = Clock::scaled(scenario.start, arguments.speed);
    let sqlite = Arc::new(SqliteStore::open(folder.path().join(STORE))?);
    let store = Arc::clone(&sqlite) as Arc<dyn Store>;
    let config = arguments.config(broker.address());
    let town = Town::new(arguments, &scenario, &config, clock, broker.address());
    let service = start_service(arguments, &config, &town, Arc::clone(&store), clock).await?;
    let made = match arguments.asks_for_tokens() {
        true => tokens::make(&*store, clock.now()).await?,
        false => Vec::new(),
    };
    let (address, folder_path) = (broker.address(), folder.path());
    greet(
        arguments,
        &scenario,
        &config,
        &service,
        (address, folder_path),
    )?;
    say_access(&made)?;
    let passed = watch(arguments, town, service, store).await?;
    broker.stop().await;
    sqlite.close().await;
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the world until the time is up or somebody stops it; then judges.
async fn watch(
    arguments: &Demo,
    mut town: Town,
    mut service: Service,
    store: Arc<dyn Store>,
) -> anyhow::Result<bool> {
    let mut screen = Screen::new(arguments, store, service.newest_event());
    let mut ticks = tokio::time::interval(TICK);
    let over = tokio::time::sleep(arguments.duration());
    let stopped = stop_signal();
    tokio::pin!(over, stopped);
    loop {
        tokio::select! {
            () = &mut over => break,
            signal = &mut stopped => { signal?; break }
            failure = service.failure() => failure?,
            _ = ticks.tick() => town.tick().await?,
            shown = screen.follow(town.oracle()) => shown?,
        }
        screen.progress(&town);
    }
    let until = town.stop(DRAIN_MAX).await;
    through(&service, &town).await;
    screen.catch_up(town.oracle()).await?;
    screen.end();
    service.stop().await;
    conclude(&town, until)
}

/// Waits until everything the broker took was committed and acknowledged.
async fn through(service: &Service, town: &Town) {
    let patience = tokio::time::Instant::now() + DRAIN_MAX;
    while service.acknowledged() < town.acknowledged() {
        if tokio::time::Instant::now() > patience {
            say("not everything published was taken in before the patience ran out");
            return;
        }
        tokio::time::sleep(TICK).await;
    }
}

fn conclude(town: &Town, until: Timestamp) -> anyhow::Result<bool> {
    let verdict = town.verdict(until);
    print("")?;
    print(&verdict_table(&verdict))?;
    Ok(verdict.passed())
}

async fn start_broker(arguments: &Demo, folder: &Folder) -> anyhow::Result<EmbeddedBroker> {
    let persistence = Persistence::Folder(folder.path().join("broker"));
    match EmbeddedBroker::start(arguments.mqtt(), persistence.clone()).await {
        Ok(broker) => Ok(broker),
        // The usual port is taken: any other will do, unless this one was asked for.
        Err(_taken) if arguments.mqtt.is_none() => {
            let free = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
            Ok(EmbeddedBroker::start(free, persistence).await?)
        }
        Err(error) => Err(error.into()),
    }
}

async fn start_service(
    arguments: &Demo,
    config: &Config,
    town: &Town,
    store: Arc<dyn Store>,
    clock: Clock,
) -> anyhow::Result<Service> {
    let policies = Policies::load(&PoliciesConfig::default())?;
    let registry = registry::parse(town.registry(), std::path::Path::new("the demo's registry"))?;
    let parts = |config: Config| Parts {
        config,
        policies: policies.clone(),
        registry: registry.clone(),
        store: Arc::clone(&store),
        clock,
    };
    let service = match Service::start(parts(config.clone())).await {
        Err(crate::runtime::StartError::Listen { .. }) if arguments.http.is_none() => {
            let mut config = config.clone();
            config.http.listen.set_port(0);
            Service::start(parts(config)).await?
        }
        started => started?,
    };
    service.readiness().wait().await;
    Ok(service)
}

fn greet(
    arguments: &Demo,
    scenario: &Scenario,
    config: &Config,
    service: &Service,
    (broker, folder): (std::net::SocketAddr, &std::path::Path),
) -> anyhow::Result<()> {
    print(&format!(
        "tagwatch demo: {} wearers, seed {}",
        scenario.wearers, scenario.seed
    ))?;
    print(&format!(
        "  time    from {}, {} times life",
        scenario.start, arguments.speed
    ))?;
    print(&format!("  broker  mqtt://{broker}"))?;
    print(&format!(
        "  api     http://{} (openapi.json, v1/alerts, v1/queues)",
        service.http()
    ))?;
    print(&format!("  folder  {}", folder.display()))?;
    let topic = town::visitor_topic(config.partitions)?;
    print(&format!(
        "  visitor {topic}, to keep out of {}",
        town::visitor_zone()
    ))?;
    Ok(())
}

/// Who may do what, and by which tokens.
fn say_access(tokens: &[(String, String)]) -> anyhow::Result<()> {
    if tokens.is_empty() {
        print("  access  open: whoever reaches the API may do everything, on this machine only")?;
    }
    for (role, token) in tokens {
        print(&format!("  access  {role}: {token}"))?;
    }
    print("")?;
    Ok(())
}

/// Where the demo keeps its store: a named folder stays, a temporary one goes.
enum Folder {
    Named(std::path::PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn new(arguments: &Demo) -> anyhow::Result<Self> {
        match &arguments.folder {
            Some(path) => {
                std::fs::create_dir_all(path)
                    .with_context(|| format!("cannot use the folder {}", path.display()))?;
                // A demo's day begins anew each time, and its tags count from 1 again: to an old
                // journal that would be a clock set back and readings it knows.
                if path.join(STORE).exists() {
                    bail!("{} holds the store of an earlier demo", path.display());
                }
                Ok(Self::Named(path.clone()))
            }
            None => Ok(Self::Temporary(tempfile::tempdir()?)),
        }
    }

    fn path(&self) -> &std::path::Path {
        match self {
            Self::Named(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}
