//! The HTTP interface.

use std::net::SocketAddr;
use std::num::NonZeroU32;

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
    /// How many requests a second a token may make for long.
    pub requests_per_second: NonZeroU32,
    /// How many it may make at once after a rest.
    pub requests_burst: NonZeroU32,
    /// How many requests a minute without a good token an address may make.
    pub failures_per_minute: NonZeroU32,
    /// Where the console's maps get their pictures from; nowhere: they draw the coast and a grid.
    pub tiles: Option<TilesConfig>,
}

/// A server of map tiles. It learns which places are looked at: an installation has its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TilesConfig {
    /// Where a tile is: `https://tiles.example/{z}/{x}/{y}.png`.
    pub url: String,
    /// Whose map it is, as its licence wants it said.
    pub attribution: String,
}

impl TilesConfig {
    /// The scheme and the host that browsers ask, which is all that the pages let them ask; nothing, where the URL
    /// is not one of tiles.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        let of_tiles = ["{z}", "{x}", "{y}"]
            .iter()
            .all(|part| self.url.contains(part));
        let (scheme, rest) = self.url.split_once("://")?;
        let (authority, _path) = rest.split_once('/')?;
        let is_host = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
        let good = matches!(scheme, "http" | "https")
            && !authority.is_empty()
            && authority.bytes().all(is_host);
        let length = scheme.len() + "://".len() + authority.len();
        self.url.get(..length).filter(|_origin| of_tiles && good)
    }
}

/// Requests a second of a token: a console asks for a few, a recipient's program that claims one notification
/// at a time for twenty.
const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// Requests at once: a console that is opened loads a page of everything.
const REQUESTS_BURST: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// Requests a minute without a good token: a program with an old token tries every few seconds, and a person
/// mistypes.
const FAILURES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).unwrap();

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
        if self
            .tiles
            .as_ref()
            .is_some_and(|tiles| tiles.origin().is_none())
        {
            return Some("http.tiles.url is not like https://tiles.example/{z}/{x}/{y}.png");
        }
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
            requests_per_second: REQUESTS_PER_SECOND,
            requests_burst: REQUESTS_BURST,
            failures_per_minute: FAILURES_PER_MINUTE,
            tiles: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_come_from_one_host_and_nothing_slips_into_the_policy_of_the_pages() {
        let origin = |url: &str| {
            let attribution = "Somebody".to_owned();
            let url = url.to_owned();
            let tiles = TilesConfig { url, attribution };
            tiles.origin().map(str::to_owned)
        };
        for (url, expected) in [
            (
                "https://tiles.example/{z}/{x}/{y}.png",
                Some("https://tiles.example"),
            ),
            (
                "http://127.0.0.1:8081/m/{z}/{x}/{y}",
                Some("http://127.0.0.1:8081"),
            ),
            ("https://tiles.example/{z}/{x}.png", None),
            ("https://a; script-src */{z}/{x}/{y}.png", None),
            ("file:///{z}/{x}/{y}.png", None),
            ("tiles.example/{z}/{x}/{y}.png", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }
}
