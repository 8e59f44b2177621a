//! SpatiaLite: a table with an R*Tree in a SQLite in memory, from Python, since loading an extension is
//! unsafe code in Rust.

use super::script;
use super::{Answers, Task};

/// Asks it; nothing where it cannot be had.
pub(super) fn ask(task: &Task) -> anyhow::Result<Option<Answers>> {
    script::ask("spatialite.py", task)
}
