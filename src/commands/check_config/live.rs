//! Trying out what a configuration names: does the broker keep what it acknowledges, does the store
//! answer?

use crate::commands::output::print;
use crate::config::{Config, StoreConfig};
use crate::ingest::probe::{Gravity, Probe};
use crate::runtime::clock::Clock;
use crate::store::{StoreAddress, StoreError};

/// Says what was found; returns the problems.
pub(super) fn check(config: &Config) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut problems = runtime.block_on(broker(config))?;
    match runtime.block_on(store(&config.store)) {
        Ok(seen) => print(&format!("ok: {seen}"))?,
        Err(error) => problems.push(format!("problem: store: {error}")),
    }
    Ok(problems)
}

async fn broker(config: &Config) -> anyhow::Result<Vec<String>> {
    let mqtt = &config.mqtt;
    let at = format!("broker {}:{}", mqtt.host, mqtt.port);
    let now_ms = Clock::system().now().epoch_ms();
    let unique = format!("{}-{now_ms}", std::process::id());
    let findings = match Probe::new(mqtt, &unique).run().await {
        Ok(findings) => findings,
        Err(error) => return Ok(vec![format!("problem: {at}: {error}")]),
    };
    print(&at)?;
    let mut problems = Vec::new();
    for finding in findings {
        match finding.gravity {
            Gravity::Good | Gravity::Warning => print(&finding.to_string())?,
            Gravity::Grave => problems.push(finding.to_string()),
        }
    }
    Ok(problems)
}

/// A store that is not there yet is made at the start, by whoever runs it, and not by whoever checks.
async fn store(config: &StoreConfig) -> Result<String, StoreError> {
    let address = StoreAddress::of(config)?;
    if address.missing().is_some() {
        return Ok(format!("store {address}: not there yet, made at the start"));
    }
    let store = address.open(&config.postgres).await?;
    let answered = store.ping().await;
    let partitions = store.partitions().await;
    store.close().await;
    answered?;
    let partitions = partitions?.len();
    Ok(format!(
        "store {address} answers, with journals of {partitions} partitions"
    ))
}
