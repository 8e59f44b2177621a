//! What people at a terminal see.

use std::io::{self, Write};
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

/// Says on standard error why a command failed, causes included.
pub fn report(error: &anyhow::Error) -> ExitCode {
    say(&format!("tagwatch: {error:#}"));
    ExitCode::FAILURE
}

/// A line on standard error: for people, beside what a command prints for programs.
pub(super) fn say(line: &str) {
    // Nobody is left to tell when standard error is gone.
    drop(writeln!(io::stderr().lock(), "{line}"));
}

/// A line on standard output.
pub(super) fn print(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Logs go to standard error; `RUST_LOG` chooses which, `default` where it is not set.
pub(super) fn log(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_unset| EnvFilter::new(default));
    let logging = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    if logging.try_init().is_err() {
        tracing::debug!("logging is set up already");
    }
}
