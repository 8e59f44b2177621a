//! GEOS, the library below PostGIS and most else, by way of Shapely: a tree in memory, and no server.

use super::script;
use super::{Answers, Task};

/// Asks it; nothing where it cannot be had.
pub(super) fn ask(task: &Task) -> anyhow::Result<Option<Answers>> {
    script::ask("geos.py", task)
}
