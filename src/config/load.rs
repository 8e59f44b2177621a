//! Reading the configuration file.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use thiserror::Error;

use super::{Config, TomlProblem};

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not the TOML it should be.
    #[error("{}: {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Where and what.
        problem: Box<TomlProblem>,
    },
    /// A variable, or the whole, does not fit.
    #[error("configuration: {0}")]
    Value(#[from] Box<figment::Error>),
}

/// Reads `path`, then the variables that start with `TAGWATCH_`.
///
/// # Errors
/// When the file cannot be read, or something in it or in the variables does not fit.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    // Read on its own first: this reader knows line and column, the merged one only names.
    toml::from_str::<Config>(&text).map_err(|error| ConfigError::File {
        path: path.to_owned(),
        problem: Box::new(TomlProblem::new(&text, &error)),
    })?;
    Figment::from(Serialized::defaults(Config::default()))
        .merge(Toml::string(&text))
        .merge(Env::prefixed("TAGWATCH_").split("__"))
        .extract()
        .map_err(|error| ConfigError::Value(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_text(text: &str) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        load(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let config = load_text("installation = \"north\"\n[mqtt]\nport = 1884\n").unwrap();
        assert_eq!(config.installation, "north");
        assert_eq!(config.mqtt.port, 1884);
        assert_eq!(config.http, super::super::HttpConfig::default());
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_place() {
        let error = load_text("installation = \"x\"\n\n[mqtt]\nprot = 1\n").unwrap_err();
        assert!(error.contains("line 4, column 1"), "{error}");
        assert!(error.contains("prot"), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = load(Path::new("/nowhere/tagwatch.toml")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/tagwatch.toml"));
    }
}
