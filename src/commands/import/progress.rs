//! What people see while a large import goes on.

use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use registry::Meter;

/// How often it moves.
const TICK: Duration = Duration::from_millis(100);

/// What is going on, how far it has come, and how long it still takes. Draws on standard error, and only
/// where that is a terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Begins with `what`, of which the meter returned counts up to `all`.
    pub(super) fn begin(what: &'static str, all: usize) -> (Self, Meter) {
        let all = u64::try_from(all).unwrap_or(u64::MAX);
        let bar = ProgressBar::new(all).with_finish(ProgressFinish::AndClear);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent} %, {eta} left")
        {
            bar.set_style(style);
        }
        bar.set_message(what);
        let meter = Meter::default();
        follow(&bar, meter.clone());
        (Self(bar), meter)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Moves the bar with the meter until it is finished.
fn follow(bar: &ProgressBar, meter: Meter) {
    let bar = bar.downgrade();
    thread::spawn(move || {
        while let Some(bar) = bar.upgrade().filter(|bar| !bar.is_finished()) {
            bar.set_position(meter.done().min(bar.length().unwrap_or(u64::MAX)));
            thread::sleep(TICK);
        }
    });
}
