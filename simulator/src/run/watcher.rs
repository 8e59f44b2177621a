//! Watching a run, once a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Rig;
use crate::driver::DriverCounts;
use crate::installation::Installation;
use crate::load::{Stage, planned_by};
use crate::report::{Moment, ProcessTotal, Versions};
use crate::watch::{BrokerWatch, Counters, ProcessUse, WatchedProcess, version};

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// Moments kept at most: of a day and more.
const MOMENTS_MAX: usize = 100_000;

/// What is to be watched of a run.
pub(super) struct Watcher {
    seen: Arc<Mutex<Vec<Moment>>>,
    broker: Arc<BrokerWatch>,
    first: Moment,
    watched: Vec<WatchedProcess>,
    version: Option<String>,
    progress: ProgressBar,
    task: JoinHandle<()>,
}

/// What there is to look at.
struct Sight {
    began: Instant,
    installation: Option<Installation>,
    watched: Vec<WatchedProcess>,
    broker: Arc<BrokerWatch>,
    counts: watch::Receiver<DriverCounts>,
    stages: Vec<Stage>,
}

/// What was seen of a run.
pub(super) struct Seen {
    pub(super) moments: Vec<Moment>,
    pub(super) processes: Vec<ProcessTotal>,
    pub(super) versions: Versions,
    /// Readings journaled since the beginning.
    pub(super) taken_in: Option<f64>,
    /// Messages that could not be used since then.
    pub(super) dead_letters: Option<f64>,
}

impl Watcher {
    /// Begins to watch a run that lasts about so long, with these stages where they are its plan.
    pub(super) async fn start(
        rig: &Rig,
        counts: watch::Receiver<DriverCounts>,
        length: Duration,
        stages: &[Stage],
    ) -> Self {
        let broker = Arc::new(BrokerWatch::start(&rig.broker));
        let version = match &rig.installation {
            Some(installation) => installation
                .metrics()
                .await
                .ok()
                .and_then(|text| version(&text)),
            None => None,
        };
        let sight = Sight {
            began: Instant::now(),
            installation: rig.installation.clone(),
            watched: rig.watched.clone(),
            broker: Arc::clone(&broker),
            counts,
            stages: stages.to_vec(),
        };
        let first = sight.now().await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let progress = if rig.shows_progress {
            bar(length)
        } else {
            ProgressBar::hidden()
        };
        let task = tokio::spawn(follow(
            sight,
            first.clone(),
            Arc::clone(&seen),
            progress.clone(),
        ));
        Self {
            seen,
            broker,
            first,
            watched: rig.watched.clone(),
            version,
            progress,
            task,
        }
    }

    /// Readings journaled since the beginning, as seen last.
    pub(super) fn taken_in(&self) -> Option<f64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.last().and_then(|moment| moment.taken_in)
    }

    /// Stops, and tells.
    pub(super) fn stop(self) -> Seen {
        self.task.abort();
        self.progress.finish_and_clear();
        let moments = self.moments();
        let processes = (0..).zip(&self.watched).map(|(number, process)| {
            let used = |moment: &Moment| moment.processes.get(number).copied().flatten();
            total(
                &process.name,
                used(&self.first),
                moments.iter().filter_map(used),
            )
        });
        Seen {
            processes: processes.collect(),
            versions: Versions {
                simulator: env!("CARGO_PKG_VERSION").to_owned(),
                tagwatch: self.version.clone(),
                broker: self.broker.version(),
            },
            taken_in: moments.last().and_then(|moment| moment.taken_in),
            dead_letters: moments.last().and_then(|moment| moment.dead_letters),
            moments,
        }
    }

    fn moments(&self) -> Vec<Moment> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Sight {
    async fn now(&self) -> Moment {
        let counters = match &self.installation {
            Some(installation) => installation
                .metrics()
                .await
                .ok()
                .map(|text| Counters::read(&text)),
            None => None,
        };
        let elapsed = self.began.elapsed();
        let counts = *self.counts.borrow();
        Moment {
            at_s: elapsed.as_secs_f64(),
            planned: (!self.stages.is_empty()).then(|| planned_by(&self.stages, elapsed)),
            sent: counts.published,
            acknowledged: counts.acknowledged,
            taken_in: counters.map(|counters| counters.taken_in),
            dead_letters: counters.map(|counters| counters.dead_letters),
            waiting: counters.map(|counters| counters.waiting),
            broker_held: self.broker.held(),
            processes: self.watched.iter().map(WatchedProcess::now).collect(),
        }
    }
}

async fn follow(sight: Sight, first: Moment, seen: Arc<Mutex<Vec<Moment>>>, progress: ProgressBar) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let mut moment = sight.now().await;
        // Counters run since the installation's start; those of a report from its own.
        let since = |now: Option<f64>, first: Option<f64>| Some((now? - first?).max(0.0));
        moment.taken_in = since(moment.taken_in, first.taken_in);
        moment.dead_letters = since(moment.dead_letters, first.dead_letters);
        progress.set_position(sight.began.elapsed().as_secs());
        progress.set_message(line(&moment));
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Full, the newest takes the place of the last, so that the totals are right.
        seen.truncate(MOMENTS_MAX - 1);
        seen.push(moment);
    }
}

fn line(moment: &Moment) -> String {
    let taken_in = moment.taken_in.map_or_else(String::new, |readings| {
        format!(", {readings:.0} readings journaled")
    });
    let waiting = moment.waiting.map_or_else(String::new, |waiting| {
        format!(", {waiting:.0} notifications wait")
    });
    format!(
        "{} sent, {} acknowledged{taken_in}{waiting}",
        moment.sent, moment.acknowledged
    )
}

fn bar(length: Duration) -> ProgressBar {
    let bar = ProgressBar::new(length.as_secs());
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn total(
    name: &str,
    first: Option<ProcessUse>,
    later: impl Iterator<Item = ProcessUse>,
) -> ProcessTotal {
    let (mut cpu_s, mut memory_max_mib) = (0.0, 0.0_f64);
    for used in later {
        cpu_s = used.cpu_s - first.map_or(0.0, |first| first.cpu_s);
        memory_max_mib = memory_max_mib.max(used.memory_mib);
    }
    ProcessTotal {
        name: name.to_owned(),
        cpu_s,
        memory_max_mib,
    }
}
