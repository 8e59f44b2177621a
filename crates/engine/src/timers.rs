//! Deadlines.

use serde::{Deserialize, Serialize};

/// Why the engine wants to be called at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimerReason {
    /// A duty begins while the wearer is known to violate it.
    WindowStart,
    /// The absence let pass is used up.
    Grace,
    /// A duty ends.
    WindowEnd,
    /// It has not been known for too long where a wearer is.
    Silence,
}

impl TimerReason {
    /// The name in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WindowStart => "window_start",
            Self::Grace => "grace",
            Self::WindowEnd => "window_end",
            Self::Silence => "silence",
        }
    }
}
