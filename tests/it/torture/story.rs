//! What was done in a round and what was seen of it, with the time.

use std::io::{self, Write as _};
use std::time::Instant;

/// Kept for whoever has to understand a failing round.
pub(super) struct Story {
    began: Instant,
    lines: Vec<String>,
    sight: String,
}

impl Story {
    pub(super) fn begin() -> Self {
        Self {
            began: Instant::now(),
            lines: Vec::new(),
            sight: String::new(),
        }
    }

    pub(super) fn tell(&mut self, line: &str) {
        let at_s = self.began.elapsed().as_secs_f64();
        self.lines.push(format!("{at_s:7.2} s  {line}"));
    }

    /// Tells what an operator sees, if it is another sight than before.
    pub(super) fn see(&mut self, sight: String) {
        if sight != self.sight {
            self.tell(&format!("  seen: {sight}"));
            self.sight = sight;
        }
    }

    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// Says a line to whoever runs the tests, whether they pass or not.
pub(super) fn say(line: &str) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}
