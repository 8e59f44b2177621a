//! The rules and the routing policy that an installation works by.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::RulesPolicy;
use routing::RoutingPolicy;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where the policies are. What is left out is as shipped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoliciesConfig {
    /// Thresholds of the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<PathBuf>,
    /// Who is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<PathBuf>,
}

/// The policies, read.
#[derive(Debug, Clone)]
pub struct Policies {
    /// Thresholds of the rules.
    pub rules: Rules,
    /// Who is told.
    pub routing: Arc<RoutingPolicy>,
}

/// The rules, and the text that people wrote: it is the text that is journaled.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The thresholds.
    pub policy: RulesPolicy,
    /// The text.
    pub toml: String,
}

impl Rules {
    fn shipped() -> Self {
        Self {
            policy: RulesPolicy::default(),
            toml: RulesPolicy::SHIPPED_TOML.to_owned(),
        }
    }
}

/// Why a policy file was not taken.
#[derive(Debug, Error)]
pub enum PolicyFileError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not a rules policy.
    #[error("{}: {source}", .path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: engine::PolicyError,
    },
    /// It is not a routing policy.
    #[error("{}: {source}", .path.display())]
    Routing {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: routing::PolicyError,
    },
}

impl Policies {
    /// Reads both.
    ///
    /// # Errors
    /// When a file cannot be read or is not what it should be.
    pub fn load(config: &PoliciesConfig) -> Result<Self, PolicyFileError> {
        let rules = Self::rules(config.rules.as_deref())?;
        let routing = Arc::new(Self::routing(config.routing.as_deref())?);
        Ok(Self { rules, routing })
    }

    /// The rules policy in `path`, or the shipped one.
    ///
    /// # Errors
    /// When the file cannot be read or is not a rules policy.
    pub fn rules(path: Option<&Path>) -> Result<Rules, PolicyFileError> {
        let Some(path) = path else {
            return Ok(Rules::shipped());
        };
        let toml = read(path)?;
        let policy = RulesPolicy::parse(&toml).map_err(|source| PolicyFileError::Rules {
            path: path.to_owned(),
            source,
        })?;
        Ok(Rules { policy, toml })
    }

    /// The routing policy in `path`, or the shipped one.
    ///
    /// # Errors
    /// When the file cannot be read or is not a routing policy.
    pub fn routing(path: Option<&Path>) -> Result<RoutingPolicy, PolicyFileError> {
        let Some(path) = path else {
            return Ok(RoutingPolicy::shipped());
        };
        RoutingPolicy::parse(&read(path)?).map_err(|source| PolicyFileError::Routing {
            path: path.to_owned(),
            source,
        })
    }
}

fn read(path: &Path) -> Result<String, PolicyFileError> {
    std::fs::read_to_string(path).map_err(|source| PolicyFileError::Read {
        path: path.to_owned(),
        source,
    })
}
