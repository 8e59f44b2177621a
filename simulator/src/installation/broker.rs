//! Where a broker is.

use std::path::Path;
use std::str::FromStr;

use rumqttc::TlsConfiguration;
use thiserror::Error;
use url::Url;

use super::tls::{self, TlsError};
use crate::driver::DriverOptions;

/// The port of MQTT, and of MQTT over TLS (IANA).
const PORT: u16 = 1883;
const PORT_TLS: u16 = 8883;

/// A broker: `mqtt://[user:password@]host[:port]`, or `mqtts://` for TLS.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    host: String,
    port: u16,
    credentials: Option<(String, String)>,
    is_tls: bool,
}

/// Why a text names no broker.
#[derive(Debug, Error)]
pub enum BrokerAddressError {
    /// It is no URL.
    #[error("{0:?} is no address such as mqtt://broker:1883 or mqtts://user:password@broker")]
    NoUrl(String, #[source] url::ParseError),
    /// It is one of something else.
    #[error("{0:?} begins neither with mqtt:// nor with mqtts://")]
    Scheme(String),
    /// It names no host.
    #[error("{0:?} names no host")]
    Host(String),
}

impl BrokerAddress {
    /// How to publish to it over so many connections; TLS trusts the `authorities` of a PEM file, or
    /// without one those of the machine.
    ///
    /// # Errors
    /// When the authorities cannot be used.
    pub fn options(
        &self,
        connections: usize,
        authorities: Option<&Path>,
    ) -> Result<DriverOptions, TlsError> {
        let tls = match self.is_tls {
            true => Some(TlsConfiguration::Rustls(tls::trusting(authorities)?)),
            false => None,
        };
        Ok(DriverOptions {
            connections,
            credentials: self.credentials.clone(),
            tls,
            ..DriverOptions::new(self.host.clone(), self.port)
        })
    }
}

impl FromStr for BrokerAddress {
    type Err = BrokerAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // What is quoted may hold a password, so it is left out of the address that is shown.
        let url =
            Url::parse(text).map_err(|error| BrokerAddressError::NoUrl(shown(text), error))?;
        let is_tls = match url.scheme() {
            "mqtt" => false,
            "mqtts" => true,
            _ => return Err(BrokerAddressError::Scheme(shown(text))),
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| BrokerAddressError::Host(shown(text)))?;
        let password = url.password().unwrap_or_default();
        let named = !url.username().is_empty();
        Ok(Self {
            // Brackets belong to the URL, not to the address.
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(if is_tls { PORT_TLS } else { PORT }),
            credentials: named.then(|| (plain(url.username()), plain(password))),
            is_tls,
        })
    }
}

impl std::fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_tls { "mqtts" } else { "mqtt" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl std::fmt::Debug for BrokerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Without what may be a password.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_secret, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    }
}

/// What stands percent-encoded in a URL.
fn plain(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<BrokerAddress, String> {
        text.parse()
            .map_err(|error: BrokerAddressError| error.to_string())
    }

    #[test]
    fn an_address_says_scheme_host_port_and_who() {
        let plain = address("mqtt://127.0.0.1").unwrap();
        assert_eq!(plain.to_string(), "mqtt://127.0.0.1:1883");
        let full = address("mqtts://tags:p%40ss@broker.example").unwrap();
        let who = Some(("tags".to_owned(), "p@ss".to_owned()));
        assert_eq!((full.port, &full.credentials), (8883, &who));
        assert_eq!(format!("{full:?}"), "mqtts://broker.example:8883");
        assert_eq!(address("mqtt://[::1]:18830").unwrap().host, "::1");
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_its_password() {
        for text in ["127.0.0.1:1883", "http://broker", "mqtt://"] {
            assert!(address(text).is_err(), "{text}");
        }
        let said = address("http://me:secret@broker").unwrap_err();
        assert!(
            !said.contains("secret") && said.contains("broker"),
            "{said}"
        );
    }
}
