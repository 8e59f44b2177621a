//! The command line, a file a command.

pub(crate) mod capacity;
pub(crate) mod compare;
pub(crate) mod load;
mod output;
pub(crate) mod scenarios;
pub(crate) mod scene;
mod target;
pub(crate) mod world;

pub(crate) use output::print_json;

use std::time::Duration;

use anyhow::{Context as _, Result};

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
