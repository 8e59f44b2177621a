//! What people see while a large import goes on.

use std::time::Duration;

use indicatif::ProgressBar;

/// How often it moves.
const TICK: Duration = Duration::from_millis(100);

/// A line that says what is being done, and for how long.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    pub(super) fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
