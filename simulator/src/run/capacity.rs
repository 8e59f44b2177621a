//! The highest rate that an installation holds.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{LoadPlan, Rig, RunError, load};
use crate::load::Straps;
use crate::report::Report;

/// How it is searched: first doubled until it does not hold, then halved in between.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    /// The p99 from publishing to a notification in a recipient's hands must not be longer.
    pub bound: Duration,
    /// The first rate, in messages a second.
    pub from: u32,
    /// No higher rate is tried.
    pub to: u32,
    /// Seconds of each step that are measured; the warm-up comes before.
    pub step_s: u32,
    /// It is found when the lowest rate that fails is at most so many per cent above the highest that
    /// holds.
    pub within_per_cent: u32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The bound, in milliseconds.
    pub bound_ms: f64,
    /// The highest rate that held, in messages a second; none where not even the first did.
    pub messages_per_s: Option<u32>,
    /// And in readings a second.
    pub readings_per_s: Option<u32>,
    /// Wearers at one fix a minute that this is.
    pub wearers_at_a_fix_a_minute: Option<u32>,
    /// What ended the search.
    pub limit: String,
    /// Every rate tried, in order.
    pub steps: Vec<Step>,
}

/// A rate tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Messages a second.
    pub messages_per_s: u32,
    /// Whether it held.
    pub holds: bool,
    /// Why not.
    pub why_not: Vec<String>,
    /// The run.
    pub report: Report,
}

/// Searches the highest rate at which nothing is lost, nobody is told falsely, and the p99 from
/// publishing to a notification in a recipient's hands stays under the bound.
///
/// # Errors
/// When there can be no run.
pub async fn capacity(
    plan: &LoadPlan,
    search: Search,
    straps: &mut Straps,
    rig: &Rig,
    mut said: impl FnMut(&Step),
) -> Result<Capacity, RunError> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut holds, mut fails): (Option<u32>, Option<u32>) = (None, None);
    while let Some(rate) = next_rate(search, holds, fails) {
        let seconds = plan.warm_up_s() + search.step_s;
        let report = load(&plan.at(rate, seconds), straps, rig).await?;
        let why_not = why_not(&report, search.bound);
        let step = Step {
            messages_per_s: rate,
            holds: why_not.is_empty(),
            why_not,
            report,
        };
        said(&step);
        if step.holds {
            holds = Some(rate);
        } else {
            fails = Some(rate);
        }
        steps.push(step);
    }
    let readings_per_s = holds.map(|rate| rate.saturating_mul(plan.readings_per_message()));
    let mut failed = steps
        .iter()
        .filter(|step| Some(step.messages_per_s) == fails);
    let limit = failed.next_back().map(|step| step.why_not.join("; "));
    Ok(Capacity {
        bound_ms: search.bound.as_secs_f64() * 1000.0,
        messages_per_s: holds,
        readings_per_s,
        wearers_at_a_fix_a_minute: readings_per_s.map(|rate| rate.saturating_mul(60)),
        limit: limit.unwrap_or_else(|| "no higher rate was to be tried".to_owned()),
        steps,
    })
}

/// The next rate to try; none when it is found.
fn next_rate(search: Search, holds: Option<u32>, fails: Option<u32>) -> Option<u32> {
    match (holds, fails) {
        (None, None) => Some(search.from.min(search.to)),
        (Some(held), None) => (held < search.to).then(|| held.saturating_mul(2).min(search.to)),
        // Not even the first: a lower one may.
        (None, Some(failed)) => (failed > 1).then_some(failed / 2),
        (Some(held), Some(failed)) => {
            let wide = u64::from(failed) * 100
                > u64::from(held) * u64::from(search.within_per_cent.saturating_add(100));
            let between = held + failed.saturating_sub(held) / 2;
            (wide && between > held).then_some(between)
        }
    }
}

/// Why a rate does not hold.
fn why_not(report: &Report, bound: Duration) -> Vec<String> {
    let mut why = report.faults.clone();
    let bound_ms = bound.as_secs_f64() * 1000.0;
    match report.telling.as_ref().map(|telling| telling.from_publish) {
        Some(delays) if delays.count == 0 => {
            why.push("no notification was measured: longer steps, or more alerts_per_s".to_owned());
        }
        Some(delays) if delays.p99_ms > bound_ms => {
            let p99 = delays.p99_ms;
            why.push(format!(
                "p99 from publish to notification {p99:.0} ms, over {bound_ms:.0} ms"
            ));
        }
        Some(_) => {}
        None => why.push("no installation was asked".to_owned()),
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rates tried where all up to `limit` hold.
    fn tried(limit: u32, to: u32) -> (Option<u32>, Vec<u32>) {
        let search = Search {
            bound: Duration::from_millis(50),
            from: 100,
            to,
            step_s: 1,
            within_per_cent: 10,
        };
        let (mut holds, mut fails, mut rates) = (None, None, Vec::new());
        while let Some(rate) = next_rate(search, holds, fails) {
            rates.push(rate);
            if rate <= limit {
                holds = Some(rate);
            } else {
                fails = Some(rate);
            }
        }
        (holds, rates)
    }

    #[test]
    fn the_highest_rate_that_holds_is_found_to_a_tenth() {
        for limit in [100, 137, 1_000, 5_555] {
            let (found, rates) = tried(limit, 100_000);
            let found = found.unwrap();
            assert!(
                found <= limit && limit * 100 <= found * 110,
                "{limit}: {rates:?}"
            );
            assert!(rates.len() < 15, "{rates:?}");
        }
        assert_eq!(tried(9_999, 800), (Some(800), vec![100, 200, 400, 800]));
        let (found, rates) = tried(30, 800);
        assert!(
            found.is_some_and(|found| (27..=30).contains(&found)),
            "{rates:?}"
        );
        assert_eq!(tried(0, 800).0, None);
    }
}
