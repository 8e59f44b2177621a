//! `tagwatch queue ls`: how every queue stands.

use chrono::TimeDelta;
use clap::Args;
use model::Timestamp;

use super::Installation;
use crate::commands::output::print;
use crate::runtime::clock::Clock;
use crate::store::QueueStatus;

/// Arguments of `tagwatch queue ls`.
#[derive(Debug, Args)]
pub(super) struct Ls {
    #[command(flatten)]
    installation: Installation,
    /// Print the queues as JSON
    #[arg(long)]
    json: bool,
}

/// Prints how every queue stands. Holds nothing about a wearer.
pub(super) async fn run(arguments: &Ls) -> anyhow::Result<()> {
    let store = super::open(&arguments.installation).await?;
    let now = Clock::system().now();
    let queues = store.queues(now).await?;
    store.close().await;
    if arguments.json {
        print(&serde_json::to_string_pretty(&queues)?)?;
        return Ok(());
    }
    for line in table(&queues, now) {
        print(&line)?;
    }
    Ok(())
}

fn table(queues: &[QueueStatus], now: Timestamp) -> Vec<String> {
    let names = queues.iter().map(|queue| queue.recipient.as_str().len());
    let width = names.chain(["queue".len()]).max().unwrap_or_default();
    let mut lines = vec![format!(
        "{:width$} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "queue", "ready", "leased", "late", "dead", "oldest"
    )];
    lines.extend(queues.iter().map(|queue| {
        let oldest = queue.oldest_unacknowledged;
        let oldest = oldest.map_or_else(|| "-".to_owned(), |decided| age(now.since(decided)));
        format!(
            "{:width$} {:>8} {:>8} {:>8} {:>8} {oldest:>8}",
            queue.recipient.as_str(),
            queue.ready,
            queue.leased,
            queue.late,
            queue.dead
        )
    }));
    lines
}

/// `45s`, `12m`, `7h`, `3d`.
fn age(age: TimeDelta) -> String {
    let age = age.max(TimeDelta::zero());
    match (age.num_days(), age.num_hours(), age.num_minutes()) {
        (0, 0, 0) => format!("{}s", age.num_seconds()),
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, _) => format!("{hours}h"),
        (days, ..) => format!("{days}d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        for (seconds, expected) in [
            (-5, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_599, "59m"),
            (3_600, "1h"),
            (86_399, "23h"),
            (86_400 * 3, "3d"),
        ] {
            assert_eq!(age(TimeDelta::seconds(seconds)), expected);
        }
    }
}
