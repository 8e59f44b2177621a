//! What commands that run an installation have in common.

use std::io;
use std::path::PathBuf;

use anyhow::bail;
use model::PolicyChange;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use registry::Document;

/// The registry that these documents make up together.
///
/// # Errors
/// When one cannot be read, or they say what cannot be: how much, and not what, since it is about people
/// and a service's log is read by many.
pub(super) fn registry(documents: &[PathBuf]) -> anyhow::Result<Vec<PolicyChange>> {
    let mut together = Document::default();
    for path in documents {
        together.join(registry::read(path)?);
    }
    let errors = together.problems().iter().filter(|found| found.is_error());
    match errors.count() {
        0 => Ok(together.into_changes()),
        errors => {
            bail!("errors in the registry documents: {errors}; `tagwatch check-config` shows them")
        }
    }
}

/// The most connections that an installation could hold at once: viewers, recipients, sinks and the store.
const CONNECTIONS_MAX: u64 = 16_384;

/// The asynchronous runtime of an installation, in a process that may hold its connections.
///
/// # Errors
/// When the system gives no threads.
pub(super) fn runtime() -> io::Result<Runtime> {
    // As many as the system lets us: where that is few, connections beyond it wait to be accepted.
    if let Err(error) = rlimit::increase_nofile_limit(CONNECTIONS_MAX) {
        tracing::warn!(%error, "the limit of open files stays as it was");
    }
    Builder::new_multi_thread().enable_all().build()
}

/// Waits for SIGINT or SIGTERM.
pub(super) async fn stop_signal() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
