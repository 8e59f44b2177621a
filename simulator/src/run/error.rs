//! Why there was no run.

use thiserror::Error;

use crate::driver::{Closed, Unreachable};
use crate::installation::InstallationError;

/// Why there was no run.
#[derive(Debug, Error)]
pub enum RunError {
    /// The scenario says nothing of a load.
    #[error("the scenario has no [load] section")]
    NoLoad,
    /// The connections are gone.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// Nobody can publish.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The installation does not answer as it should.
    #[error("the installation")]
    Installation(#[from] InstallationError),
    /// No histogram could be made.
    #[error("a histogram of delays")]
    Histogram(#[from] hdrhistogram::CreationError),
    /// An id was none.
    #[error("an id of a simulated tag")]
    Id(#[from] model::IdError),
    /// The world has begun already.
    #[error(
        "the world began at {start}, and by the installation's clock it is {now}: give `registry` and `run` \
         the same --start, some time ahead"
    )]
    Begun {
        /// When it began.
        start: model::Timestamp,
        /// What time it is.
        now: model::Timestamp,
    },
}
