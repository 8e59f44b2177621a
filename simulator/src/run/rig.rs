//! What a run is attached to.

use crate::driver::DriverOptions;
use crate::installation::Installation;
use crate::watch::WatchedProcess;

/// What a run is attached to.
#[derive(Debug, Clone)]
pub struct Rig {
    /// Where tags publish.
    pub broker: DriverOptions,
    /// Who is told, where that is part of the question.
    pub installation: Option<Installation>,
    /// Processes whose use of the machine is of interest.
    pub watched: Vec<WatchedProcess>,
    /// Whether a line of progress is shown.
    pub shows_progress: bool,
}
