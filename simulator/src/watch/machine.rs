//! The machine that a figure was measured on.

use procfs::Current as _;
use serde::{Deserialize, Serialize};

/// A machine, as far as figures depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// What its processor calls itself.
    pub processor: String,
    /// How many cores it shows.
    pub cores: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// The kernel's release.
    pub kernel: String,
}

impl Machine {
    /// This one; what it does not say is unknown.
    #[must_use]
    pub fn this() -> Self {
        let cpus = procfs::CpuInfo::current().ok();
        let name = cpus
            .as_ref()
            .and_then(|cpus| cpus.model_name(0))
            .unwrap_or("unknown");
        let memory = procfs::Meminfo::current().map_or(0, |memory| memory.mem_total);
        let kernel = procfs::sys::kernel::Version::current();
        Self {
            processor: name.to_owned(),
            cores: cpus.map_or(0, |cpus| cpus.num_cores()),
            memory_mib: memory / (1024 * 1024),
            kernel: kernel.map_or_else(
                |_unknown| "unknown".to_owned(),
                |v| format!("{}.{}.{}", v.major, v.minor, v.patch),
            ),
        }
    }
}
