//! Reading a registry document.

use std::path::{Path, PathBuf};

use model::registry::{FeatureSource, RegistryDocument, Zone};
use model::{PolicyChange, ZoneSetId};
use thiserror::Error;

/// Why a registry document was not taken in.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not the JSON it should be.
    #[error("{}: {source}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What, with line and column.
        source: serde_json::Error,
    },
    /// The document says things that cannot be.
    #[error("{}: {}", .path.display(), .problems.join("\n"))]
    Problems {
        /// The file.
        path: PathBuf,
        /// All of them.
        problems: Vec<String>,
    },
}

/// Reads the document at `path` and everything it points at.
///
/// # Errors
/// When a file cannot be read, is not what it should be, or says things that cannot be.
pub fn load(path: &Path) -> Result<Vec<PolicyChange>, RegistryError> {
    let document: RegistryDocument = read_json(path)?;
    parse(&document, path)
}

/// The changes that make up `document`, in an order in which nothing is used before it is defined.
/// `path` is where the document came from: files it names are found beside it.
///
/// # Errors
/// As for [`load`].
pub fn parse(document: &RegistryDocument, path: &Path) -> Result<Vec<PolicyChange>, RegistryError> {
    let mut problems = Vec::new();
    let mut changes = Vec::new();
    if let Some(source) = &document.zones {
        let zones = zones(source, path, &mut problems)?;
        changes.extend(zones.into_iter().map(PolicyChange::Zone));
    }
    for (id, source) in &document.zone_sets {
        changes.push(zone_set(id, source, path, &mut problems)?);
    }
    changes.extend(document.places.iter().cloned().map(PolicyChange::Place));
    changes.extend(document.wearers.iter().cloned().map(PolicyChange::Wearer));
    changes.extend(
        document
            .activations
            .iter()
            .cloned()
            .map(PolicyChange::Activation),
    );
    changes.extend(document.orders.iter().cloned().map(PolicyChange::Order));
    changes.extend(document.absences.iter().cloned().map(PolicyChange::Absence));
    if problems.is_empty() {
        return Ok(changes);
    }
    Err(RegistryError::Problems {
        path: path.to_owned(),
        problems,
    })
}

fn zone_set(
    id: &ZoneSetId,
    source: &FeatureSource,
    path: &Path,
    problems: &mut Vec<String>,
) -> Result<PolicyChange, RegistryError> {
    let zones = zones(source, path, problems)?;
    Ok(PolicyChange::ZoneSet {
        id: id.clone(),
        zones,
    })
}

/// The zones of a collection; those that cannot be watched are named in `problems`.
fn zones(
    source: &FeatureSource,
    path: &Path,
    problems: &mut Vec<String>,
) -> Result<Vec<Zone>, RegistryError> {
    let read = match source {
        FeatureSource::Inline(json) => geometry::read_zones(json),
        FeatureSource::File { file } => {
            let path = path.parent().unwrap_or(Path::new("")).join(file);
            geometry::read_zones(&read_json(&path)?)
        }
    };
    let zones = read.unwrap_or_else(|errors| {
        problems.extend(errors.iter().map(ToString::to_string));
        Vec::new()
    });
    for zone in &zones {
        if let Err(error) = geometry::Area::new(zone) {
            problems.push(error.to_string());
        }
    }
    Ok(zones)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, RegistryError> {
    let text = std::fs::read_to_string(path).map_err(|source| RegistryError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|source| RegistryError::Json {
        path: path.to_owned(),
        source,
    })
}
