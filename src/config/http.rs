//! The HTTP interface.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Where the API is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Host names, besides `localhost` and addresses, under which the API may be asked for: those
    /// of a gateway before it. Others are refused, so that no web page can point its name at it.
    pub hosts: Vec<String>,
    /// Whether tokens are asked for.
    pub access: AccessConfig,
}

/// Whether tokens are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessConfig {
    /// Whoever asks shows a token.
    #[default]
    Tokens,
    /// Nobody is asked: whoever reaches the API may do everything. On the loopback interface only.
    Open,
}

impl HttpConfig {
    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> Option<&'static str> {
        let open_to_others = self.access == AccessConfig::Open && !self.listen.ip().is_loopback();
        open_to_others.then_some(
            "http.access = \"open\" is for the loopback interface only: set http.access = \"tokens\", \
             or let http.listen be 127.0.0.1",
        )
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            hosts: Vec::new(),
            access: AccessConfig::Tokens,
        }
    }
}
