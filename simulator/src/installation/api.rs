//! The installation's API.

use std::num::NonZeroU16;
use std::path::Path;
use std::time::Duration;

use model::{Decision, DecisionKind, Recipient, RegistryDocument, Timestamp, WearerId};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use url::Url;

use super::tls::{self, TlsError};

/// Who asks, for the audit trail.
const ACTOR: &str = "simulator";

/// How long an answer may take: a registry of 32 MiB is taken in within it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is waited where the installation says that it was asked too often, and not for how long.
const WAIT: Duration = Duration::from_secs(1);

/// Times a request is made again that was one too many.
const TRIES_MAX: u32 = 20;

/// Notifications claimed at once, the most that the API gives.
const CLAIM_MAX: usize = 100;

/// Seconds that a claimed notification is ours; it is acknowledged at once.
const LEASE_S: u32 = 60;

/// An installation, as whoever holds a token sees it.
#[derive(Debug, Clone)]
pub struct Installation {
    http: Client,
    base: Url,
}

/// Why an installation gave no answer that can be used.
#[derive(Debug, Error)]
pub enum InstallationError {
    /// Its address is none.
    #[error("{0:?} is no address of an API, such as http://127.0.0.1:8080")]
    Address(String),
    /// The token cannot be sent.
    #[error("the token holds what no header may")]
    Token,
    /// Nobody can be trusted.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// It was not reached, or broke off.
    #[error("{0}")]
    Unreachable(Url, #[source] reqwest::Error),
    /// It refused.
    #[error("{path}: status {status}: {said}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The status of its answer.
        status: StatusCode,
        /// The answer.
        said: String,
    },
    /// It answered with something else.
    #[error("{path}: not the answer expected")]
    Answer {
        /// What was asked for.
        path: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// What an installation says of itself.
#[derive(Debug, Deserialize)]
struct Health {
    time: Timestamp,
    partitions: NonZeroU16,
}

/// A notification handed out.
#[derive(Debug, Deserialize)]
pub(super) struct Delivery {
    pub(super) receipt: String,
    pub(super) event: Event,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) data: Told,
}

#[derive(Debug, Deserialize)]
pub(super) struct Told {
    pub(super) decision: Decision,
}

impl Installation {
    /// The installation whose API is at `address`, asked with `token`; TLS trusts the `authorities` of
    /// a PEM file, or without one those of the machine.
    ///
    /// # Errors
    /// When the address is none, the token cannot be sent, or the authorities cannot be used.
    pub fn new(
        address: &str,
        token: Option<&str>,
        authorities: Option<&Path>,
    ) -> Result<Self, InstallationError> {
        let no_address = || InstallationError::Address(address.to_owned());
        let base = Url::parse(address).map_err(|_none| no_address())?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(no_address());
        }
        let mut headers = HeaderMap::new();
        headers.insert("x-actor", HeaderValue::from_static(ACTOR));
        if let Some(token) = token {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
            let mut bearer = bearer.map_err(|_cannot_be_sent| InstallationError::Token)?;
            bearer.set_sensitive(true);
            headers.insert(reqwest::header::AUTHORIZATION, bearer);
        }
        let trusted = tls::trusting(authorities)?;
        let http = Client::builder()
            .default_headers(headers)
            .tls_backend_preconfigured((*trusted).clone())
            .build()
            .map_err(|error| InstallationError::Unreachable(base.clone(), error))?;
        Ok(Self { http, base })
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> &Url {
        &self.base
    }

    /// The time by which it judges tags.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn time(&self) -> Result<Timestamp, InstallationError> {
        Ok(self.health().await?.time)
    }

    /// How many partitions it has.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn partitions(&self) -> Result<NonZeroU16, InstallationError> {
        Ok(self.health().await?.partitions)
    }

    async fn health(&self) -> Result<Health, InstallationError> {
        self.json(|http, url| http.get(url), "/healthz").await
    }

    /// What it counts, in Prometheus's text format.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn metrics(&self) -> Result<String, InstallationError> {
        let answer = self.ask(|http, url| http.get(url), "/metrics").await?;
        answer.text().await.map_err(|error| self.broken(error))
    }

    /// Registers a whole document.
    ///
    /// # Errors
    /// When it refuses: nothing is registered then.
    pub async fn register(&self, registry: &RegistryDocument) -> Result<(), InstallationError> {
        let request = |http: &Client, url| {
            http.post(url)
                .header("x-reason", "a simulated town")
                .json(registry)
        };
        self.ask(request, "/v1/registry").await?;
        Ok(())
    }

    /// Who has an open alert of this kind, of the thousand changed last.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn with_open(&self, kind: DecisionKind) -> Result<Vec<WearerId>, InstallationError> {
        #[derive(Deserialize)]
        struct Alerts {
            alerts: Vec<Alert>,
        }
        #[derive(Deserialize)]
        struct Alert {
            decision: Subject,
        }
        #[derive(Deserialize)]
        struct Subject {
            wearer: WearerId,
        }
        let path = format!("/v1/alerts?state=open&limit=1000&kind={kind}");
        let list: Alerts = self.json(|http, url| http.get(url), &path).await?;
        let wearers = list.alerts.into_iter().map(|alert| alert.decision.wearer);
        Ok(wearers.collect())
    }

    /// Takes what waits in a queue, a hundred at most.
    pub(super) async fn claim(
        &self,
        queue: &Recipient,
    ) -> Result<Vec<Delivery>, InstallationError> {
        #[derive(Deserialize)]
        struct Handed {
            deliveries: Vec<Delivery>,
        }
        let wish = serde_json::json!({"max": CLAIM_MAX, "lease_s": LEASE_S});
        let path = format!("/v1/queues/{queue}/claim");
        let request = |http: &Client, url| http.post(url).json(&wish);
        let handed: Handed = self.json(request, &path).await?;
        Ok(handed.deliveries)
    }

    /// Says that what was handed out is ours for good.
    pub(super) async fn acknowledge(&self, receipt: &str) -> Result<(), InstallationError> {
        let path = format!("/v1/deliveries/{receipt}/ack");
        self.ask(|http, url| http.post(url), &path).await?;
        Ok(())
    }

    /// The live stream after an event; from now on where none is given.
    pub(super) async fn stream(&self, after: Option<&str>) -> Result<Response, InstallationError> {
        let path = "/v1/alerts/stream";
        let mut request = self.http.get(self.at(path));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let answer = request.send().await.map_err(|error| self.broken(error))?;
        Self::good(answer, path).await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        request: impl Fn(&Client, Url) -> RequestBuilder,
        path: &str,
    ) -> Result<T, InstallationError> {
        let answer = self.ask(request, path).await?;
        let body = answer.bytes().await.map_err(|error| self.broken(error))?;
        serde_json::from_slice(&body).map_err(|source| InstallationError::Answer {
            path: path.to_owned(),
            source,
        })
    }

    /// Asks, and again as often as it was one request too many.
    async fn ask(
        &self,
        request: impl Fn(&Client, Url) -> RequestBuilder,
        path: &str,
    ) -> Result<Response, InstallationError> {
        let mut tries = 1;
        loop {
            let asked = request(&self.http, self.at(path)).timeout(PATIENCE).send();
            let answer = asked.await.map_err(|error| self.broken(error))?;
            if answer.status() != StatusCode::TOO_MANY_REQUESTS || tries == TRIES_MAX {
                return Self::good(answer, path).await;
            }
            tries += 1;
            tracing::warn!(
                path,
                "asked too often: http.requests_per_second holds the run up"
            );
            tokio::time::sleep(wait(answer.headers())).await;
        }
    }

    async fn good(answer: Response, path: &str) -> Result<Response, InstallationError> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        Err(InstallationError::Refused {
            path: path.to_owned(),
            status,
            said: shortened(answer.text().await.unwrap_or_default()),
        })
    }

    fn at(&self, path: &str) -> Url {
        // Paths are this file's own, so they join.
        self.base
            .join(path)
            .unwrap_or_else(|_never| self.base.clone())
    }

    pub(super) fn broken(&self, error: reqwest::Error) -> InstallationError {
        InstallationError::Unreachable(self.base.clone(), error.without_url())
    }
}

/// What an answer says is wrong, with the first of its problems.
fn shortened(answer: String) -> String {
    #[derive(Deserialize)]
    struct Problem {
        detail: String,
        #[serde(default)]
        problems: Vec<Part>,
    }
    #[derive(Deserialize)]
    struct Part {
        #[serde(default)]
        path: String,
        message: String,
    }
    match serde_json::from_str::<Problem>(&answer) {
        Ok(Problem { detail, problems }) => {
            let first = problems
                .first()
                .map(|part| format!("; first: {}: {}", part.path, part.message));
            format!("{detail}{}", first.unwrap_or_default())
        }
        Err(_no_problem) => answer,
    }
}

fn wait(headers: &HeaderMap) -> Duration {
    let seconds = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds = seconds.and_then(|text| text.parse().ok());
    seconds.map_or(WAIT, Duration::from_secs)
}
