//! What must not be shown.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A password, or a text that may hold one. Shown as stars.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret is, so that no configuration holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    /// In a file, with or without a line break at its end.
    File(PathBuf),
    /// In an environment variable.
    Env(String),
}

impl SecretSource {
    /// Reads it.
    ///
    /// # Errors
    /// In words, with the name of the file or the variable.
    pub fn read(&self) -> Result<Secret, String> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("secret in {}: {error}", path.display()))?,
            Self::Env(name) => std::env::var(name)
                .map_err(|error| format!("secret in variable {name}: {error}"))?,
        };
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err("secret is empty".to_owned());
        }
        Ok(Secret::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_where_it_is_and_not_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret\n").unwrap();
        let secret = SecretSource::File(file.path().to_owned()).read().unwrap();
        assert_eq!(secret.expose(), "s3cret");
        assert_eq!(format!("{secret:?}"), "***");
        let unset = SecretSource::Env("TAGWATCH_TEST_UNSET".to_owned()).read();
        assert!(unset.unwrap_err().contains("TAGWATCH_TEST_UNSET"));
        std::fs::write(file.path(), "\n").unwrap();
        assert!(SecretSource::File(file.path().to_owned()).read().is_err());
    }
}
