//! Changes that come later: what a replay hands in at its time.

use std::path::Path;

use model::registry::{RegistryDocument, StrayReason};
use model::{DeviceId, PartitionId, PolicyChange, Timestamp};
use serde::Deserialize;

use super::document::{self, RegistryError};

/// One line of a file of changes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// When it is known.
    at: Timestamp,
    /// What is registered or varied.
    #[serde(default)]
    registry: RegistryDocument,
    /// Nothing was taken in between these.
    #[serde(default)]
    intake_gap: Option<Gap>,
    /// A device reported that is nobody's here: what a file of readings, which names no partition,
    /// cannot show.
    #[serde(default)]
    stray: Option<Stray>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stray {
    partition: PartitionId,
    device: DeviceId,
    reason: StrayReason,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    from: Timestamp,
    to: Timestamp,
}

impl Stray {
    fn into_change(self) -> PolicyChange {
        let Self {
            partition,
            device,
            reason,
        } = self;
        PolicyChange::Stray {
            partition,
            device,
            reason,
        }
    }
}

/// Reads a file of changes, one a line (JSONL), in order of time: `{"at": …, "registry": {…}}` with a
/// registry document, or `{"at": …, "intake_gap": {"from": …, "to": …}}`.
///
/// # Errors
/// When the file cannot be read, a line is not what it should be, or its time is before the one above.
pub fn load_later(path: &Path) -> Result<Vec<(Timestamp, Vec<PolicyChange>)>, RegistryError> {
    let text = std::fs::read_to_string(path).map_err(|source| RegistryError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut later: Vec<(Timestamp, Vec<PolicyChange>)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let problem = |problem: String| RegistryError::Problems {
            path: path.to_owned(),
            problems: vec![format!("line {}: {problem}", index + 1)],
        };
        let read: Line = serde_json::from_str(line).map_err(|error| problem(error.to_string()))?;
        if later.last().is_some_and(|(before, _)| read.at < *before) {
            return Err(problem(format!("at {} is before the line above", read.at)));
        }
        let mut changes = document::parse(&read.registry, path)?;
        let gap = read
            .intake_gap
            .map(|Gap { from, to }| PolicyChange::IntakeGap {
                from,
                to,
                ongoing: false,
                told_by: Some(PartitionId(0)),
            });
        changes.extend(gap);
        changes.extend(read.stray.map(Stray::into_change));
        later.push((read.at, changes));
    }
    Ok(later)
}
