//! `simulator capacity`: the highest rate that an installation holds.

use std::time::Duration;

use crate::report::capacity_page;
use crate::run::{Capacity as Found, Search, Step, capacity};
use anyhow::{Context as _, Result, ensure};
use clap::Args;

use super::load::{Load, straps};
use super::output::{keep, print};

#[derive(Debug, Args)]
pub(crate) struct Capacity {
    #[command(flatten)]
    load: Load,
    /// The p99 from publishing to a notification in a recipient's hands must not be longer, in
    /// milliseconds
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    bound_ms: u64,
    /// The first rate tried, in messages a second
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    from: u32,
    /// No higher rate is tried
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
    to: u32,
    /// How long each rate is measured; the scenario's warm-up comes before
    #[arg(long, default_value = "20s", value_parser = super::duration)]
    step: Duration,
    /// How near the answer must be, in per cent
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    within: u32,
}

/// Searches, prints each rate tried, and keeps the report.
pub(crate) fn run(arguments: &Capacity) -> Result<()> {
    let rig = arguments.load.target.rig()?;
    ensure!(
        rig.installation.is_some(),
        "the capacity is an installation's: give its --api"
    );
    let search = Search {
        bound: Duration::from_millis(arguments.bound_ms),
        from: arguments.from,
        to: arguments.to,
        step_s: u32::try_from(arguments.step.as_secs()).context("--step is too long")?,
        within_per_cent: arguments.within,
    };
    let found = super::runtime()?.block_on(async {
        let plan = arguments.load.plan(&rig).await?;
        let mut straps = straps(&rig).await?;
        let said = |step: &Step| {
            // What cannot be printed now is in the report.
            let _told = print(&line(step));
        };
        Ok::<_, anyhow::Error>(capacity(&plan, search, &mut straps, &rig, said).await?)
    })?;
    print(&conclusion(&found))?;
    if let Some(folder) = &arguments.load.target.report {
        keep(folder, &found, &capacity_page(&found))?;
    }
    ensure!(
        found.messages_per_s.is_some(),
        "no rate held: {}",
        found.limit
    );
    Ok(())
}

fn line(step: &Step) -> String {
    let told = step
        .report
        .telling
        .as_ref()
        .map(|telling| telling.from_publish);
    let p99 = told.map_or_else(String::new, |delays| {
        format!("p99 {:.1} ms of {}", delays.p99_ms, delays.count)
    });
    let rate = step.messages_per_s;
    if step.holds {
        format!("  {rate:>8} messages/s  holds  {p99}")
    } else {
        format!(
            "  {rate:>8} messages/s  fails  {p99}: {}",
            step.why_not.join("; ")
        )
    }
}

fn conclusion(found: &Found) -> String {
    let held = found
        .messages_per_s
        .zip(found.readings_per_s)
        .zip(found.wearers_at_a_fix_a_minute);
    match held {
        Some(((messages, readings), wearers)) => format!(
            "\n  holds {messages} messages/s, {readings} readings/s: {wearers} wearers at a fix a minute\n  \
             ended by: {}",
            found.limit
        ),
        None => format!("\n  not even the lowest rate held: {}", found.limit),
    }
}
