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
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            hosts: Vec::new(),
        }
    }
}
