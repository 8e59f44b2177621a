//! The trials, shared out over the cores. How they are shared out changes nothing: each has random
//! numbers of its own.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, anyhow};
use engine::RulesPolicy;
use indicatif::{ProgressBar, ProgressStyle};

use super::ours::Ground;
use super::plan::Cell;
use super::tally::{CellResult, Tally};
use super::trial;

/// Trials done at a time: enough that fetching the next ones costs nothing.
const CHUNK: u64 = 8;

/// Some trials of one cell.
#[derive(Debug, Clone, Copy)]
struct Job {
    cell: usize,
    from: u64,
    to: u64,
}

/// What is the same for all trials.
struct Site<'a> {
    cells: &'a [Cell],
    grounds: BTreeMap<u32, Ground>,
    seed: u64,
    jobs: Vec<Job>,
    next: AtomicUsize,
    progress: ProgressBar,
}

/// Runs all cells; the figures are in their order.
pub(super) fn run(
    cells: &[Cell],
    policy: &RulesPolicy,
    seed: u64,
) -> anyhow::Result<Vec<CellResult>> {
    let mut grounds = BTreeMap::new();
    for cell in cells {
        let ground = Ground::new(policy.clone(), cell.cadence_s)?;
        grounds.insert(cell.cadence_s, ground);
    }
    let jobs: Vec<Job> = cells
        .iter()
        .enumerate()
        .flat_map(|(cell, what)| shared_out(cell, what.trials))
        .collect();
    let site = Site {
        progress: progress(jobs.len()),
        cells,
        grounds,
        seed,
        jobs,
        next: AtomicUsize::new(0),
    };
    let done = work_together(&site)?;
    site.progress.finish_and_clear();
    let results = cells.iter().zip(done);
    Ok(results.map(|(cell, tally)| tally.result(*cell)).collect())
}

fn shared_out(cell: usize, trials: u64) -> impl Iterator<Item = Job> {
    let chunks = trials.div_ceil(CHUNK);
    (0..chunks).map(move |chunk| Job {
        cell,
        from: chunk * CHUNK,
        to: (chunk * CHUNK + CHUNK).min(trials),
    })
}

/// On standard error, and only where that is a terminal.
fn progress(jobs: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(jobs).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {percent} %") {
        bar.set_style(style);
    }
    bar
}

fn work_together(site: &Site<'_>) -> anyhow::Result<Vec<Tally>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(|| work(site))).collect();
        let mut all = vec![Tally::new(); site.cells.len()];
        for worker in workers {
            let done = worker
                .join()
                .map_err(|_panic| anyhow!("a worker broke down"))?;
            for (tally, more) in all.iter_mut().zip(done?) {
                tally.merge(more);
            }
        }
        Ok(all)
    })
}

/// Does jobs until there are none left.
fn work(site: &Site<'_>) -> anyhow::Result<Vec<Tally>> {
    let mut tallies = vec![Tally::new(); site.cells.len()];
    while let Some(job) = site.jobs.get(site.next.fetch_add(1, Ordering::Relaxed)) {
        let cell = site.cells.get(job.cell).context("a job without a cell")?;
        let tally = tallies.get_mut(job.cell).context("a job without a cell")?;
        let ground = site.grounds.get(&cell.cadence_s).context("no ground")?;
        for number in job.from..job.to {
            // Each cell has a range of trials of its own.
            let index = (u64::try_from(job.cell)? << 32) | number;
            let concluded = trial::run(cell.course, ground, cell.cadence_s, site.seed, index)?;
            tally.add(cell.course, &concluded);
        }
        site.progress.inc(1);
    }
    Ok(tallies)
}
