//! What commands that run an installation have in common.

use std::io;
use std::path::{Path, PathBuf};

use model::PolicyChange;
use tokio::signal::unix::{SignalKind, signal};

use registry::RegistryError;

/// The registry that these documents make up together.
pub(super) fn registry(documents: &[PathBuf]) -> Result<Vec<PolicyChange>, RegistryError> {
    let load = |path: &PathBuf| registry::load(Path::new(path));
    Ok(documents
        .iter()
        .map(load)
        .collect::<Result<Vec<_>, _>>()?
        .concat())
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
