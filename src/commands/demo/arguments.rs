//! The arguments of `tagwatch demo`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use model::Timestamp;
use simulator::scenario::Scenario;

use crate::config::{AccessConfig, Config};
use crate::runtime::clock::Clock;

/// Where the broker listens if nothing else is asked for and the port is free.
const USUAL_MQTT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 18_830);

/// Arguments of `tagwatch demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Stop after this long, in real time: 90s, 5m, 1h. Until Ctrl-C if left out
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    run_for: Option<Duration>,
    /// A scenario (TOML) instead of an ordinary day of a small town: fixtures/scenarios has some
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// How many wearers have simulated tags, whatever the scenario says
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    wearers: Option<u32>,
    /// Simulate nobody, for tags of your own: `simulator run --register` brings a town
    #[arg(long, conflicts_with = "wearers")]
    empty: bool,
    /// How many times as fast as life the clock runs
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(super) speed: u32,
    /// Everything random follows from it, whatever the scenario says
    #[arg(long)]
    seed: Option<u64>,
    /// When the demo's day begins (RFC 3339); now with --speed 1, else as the scenario says
    #[arg(long)]
    start: Option<Timestamp>,
    /// Ask for tokens, as an installation does; one of an operator and one of an administrator are printed
    #[arg(long)]
    tokens: bool,
    /// Keep the store in this folder instead of a temporary one; it must not hold one yet
    #[arg(long)]
    pub(super) folder: Option<PathBuf>,
    /// Where the broker listens; 127.0.0.1:18830, or a free port where that is taken
    #[arg(long, value_name = "ADDRESS")]
    pub(super) mqtt: Option<SocketAddr>,
    /// Where the API listens; 127.0.0.1:8080, or a free port where that is taken
    #[arg(long, value_name = "ADDRESS")]
    pub(super) http: Option<SocketAddr>,
}

impl Demo {
    /// How long it runs, in real time.
    pub(super) fn duration(&self) -> Duration {
        // A year is as good as for ever, and no timer overflows.
        self.run_for.unwrap_or(Duration::from_secs(365 * 24 * 3600))
    }

    /// Whether it runs until somebody stops it.
    pub(super) const fn planned_end(&self) -> Option<Duration> {
        self.run_for
    }

    /// What is shown, with what these arguments say instead.
    ///
    /// # Errors
    /// When the scenario cannot be read or is none.
    pub(super) fn scenario(&self) -> anyhow::Result<Scenario> {
        let mut scenario = match &self.scenario {
            Some(file) => Scenario::read(file)?,
            None => Scenario::everyday()?,
        };
        if let Some(wearers) = self.wearers {
            scenario.wearers = usize::try_from(wearers)?;
        }
        if self.empty {
            scenario.wearers = 0;
        }
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        scenario.start = match (self.start, self.speed) {
            (Some(start), _) => start,
            (None, 1) => Clock::system().now(),
            (None, _) => scenario.start,
        };
        Ok(scenario)
    }

    /// Whether tokens are asked for.
    pub(super) const fn asks_for_tokens(&self) -> bool {
        self.tokens
    }

    /// Where the broker listens.
    pub(super) fn mqtt(&self) -> SocketAddr {
        self.mqtt.unwrap_or(USUAL_MQTT)
    }

    /// The configuration of the demo's installation.
    pub(super) fn config(&self, broker: SocketAddr) -> Config {
        let mut config = Config {
            installation: "demo".to_owned(),
            ..Config::default()
        };
        config.mqtt.host = broker.ip().to_string();
        config.mqtt.port = broker.port();
        config.http.access = match self.tokens {
            true => AccessConfig::Tokens,
            false => AccessConfig::Open,
        };
        if let Some(http) = self.http {
            config.http.listen = http;
        }
        config
    }
}

/// A duration such as `90s`, `5m` or `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a duration such as 90s, 5m or 1h");
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_not_a_number| wrong())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(wrong()),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        for text in ["", "s", "60", "1d", "é", "-1s"] {
            assert!(duration(text).is_err(), "{text:?}");
        }
    }
}
