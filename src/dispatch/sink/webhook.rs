//! HTTP endpoints. The receipt is the status 2xx.

use std::time::Duration;

use async_trait::async_trait;
use axum::http::{HeaderMap, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::ring;

use super::{Failure, MEDIA_TYPE, Message, SigningKey, Sink};
use crate::config::WebhookConfig;
use crate::dispatch::LEASE_MAX;
use crate::runtime::clock::Clock;
use crate::tls;

/// How long a connection is kept without use: shorter than gateways do, which close at a minute.
const IDLE: Duration = Duration::from_secs(20);

/// Signs every notification and posts it.
pub(super) struct Webhook {
    url: Uri,
    key: SigningKey,
    timeout: Duration,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Webhook {
    pub(super) fn new(config: &WebhookConfig, timeout: Duration) -> Result<Self, String> {
        let url = url(&config.url)?;
        let secret = config.secret.read()?;
        let key = SigningKey::parse(secret.expose()).map_err(|error| error.to_string())?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector(config)?);
        Ok(Self {
            url,
            key,
            timeout,
            client,
        })
    }

    fn request(&self, message: &Message) -> Result<Request<Full<Bytes>>, Failure> {
        let id = message.id.to_string();
        let timestamp_s = Clock::system().now().epoch_ms() / 1000;
        Request::post(self.url.clone())
            .header(header::CONTENT_TYPE, MEDIA_TYPE)
            .header(
                header::USER_AGENT,
                concat!("tagwatch/", env!("CARGO_PKG_VERSION")),
            )
            .header("webhook-id", &id)
            .header("webhook-timestamp", timestamp_s)
            .header(
                "webhook-signature",
                self.key.sign(&id, timestamp_s, &message.body),
            )
            .body(Full::from(message.body.clone()))
            .map_err(|error| Failure::refused(error.to_string()))
    }
}

#[async_trait]
impl Sink for Webhook {
    async fn deliver(&self, message: &Message) -> Result<String, Failure> {
        let answer = self.client.request(self.request(message)?);
        match tokio::time::timeout(self.timeout, answer).await {
            Err(_elapsed) => Err(Failure::failed("no answer in time")),
            Ok(Err(error)) if error.is_connect() => Err(Failure::away("cannot be reached")),
            Ok(Err(_lost)) => Err(Failure::failed("connection lost before the answer")),
            Ok(Ok(response)) => judge(&response),
        }
    }
}

/// What an answer means. 401, 403, 404 and redirects say that the settings here or the endpoint are
/// wrong, 429 and 503 that it takes nothing now: nothing is wrong with the notification. Other 4xx
/// say that there is.
fn judge<B>(response: &Response<B>) -> Result<String, Failure> {
    let status = response.status();
    let reason = format!("HTTP {}", status.as_u16());
    match status {
        status if status.is_success() => Ok(reason),
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::SERVICE_UNAVAILABLE => Err(Failure::Away {
            reason,
            retry_after: retry_after(response.headers(), Clock::system().now().to_chrono()),
        }),
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT | StatusCode::TOO_EARLY => {
            Err(Failure::failed(reason))
        }
        status if status.is_client_error() => Err(Failure::refused(reason)),
        status if status.is_redirection() => Err(Failure::away(reason)),
        _ => Err(Failure::failed(reason)),
    }
}

/// The wait asked for, as seconds or as a date; no longer than a lease may be, so that one slip there
/// does not silence the sink for days.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_not_seconds) => {
            let date = DateTime::parse_from_rfc2822(text).ok()?;
            (date.to_utc() - now).to_std().unwrap_or_default()
        }
    };
    Some(wait.min(LEASE_MAX.to_std().ok()?))
}

fn url(text: &str) -> Result<Uri, String> {
    let url: Uri = text.parse().map_err(|error| format!("url: {error}"))?;
    match (url.scheme_str(), url.host()) {
        (Some("https" | "http"), Some(_host)) => Ok(url),
        _ => Err("url is not https://… or http://…".to_owned()),
    }
}

fn connector(config: &WebhookConfig) -> Result<HttpsConnector<HttpConnector>, String> {
    let builder = HttpsConnectorBuilder::new();
    let builder = match &config.ca_file {
        None => builder
            .with_provider_and_native_roots(ring::default_provider())
            .map_err(|error| format!("authorities of this machine: {error}"))?,
        Some(file) => {
            let client = ClientConfig::builder_with_provider(ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?;
            let client = client.with_root_certificates(tls::roots(file)?);
            builder.with_tls_config(client.with_no_client_auth())
        }
    };
    Ok(builder.https_or_http().enable_http1().build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Result<String, Failure> {
        let mut response = Response::builder().status(status);
        if let Some(wait) = retry_after {
            response = response.header(header::RETRY_AFTER, wait);
        }
        judge(&response.body(()).unwrap())
    }

    #[test]
    fn an_answer_says_whether_it_was_taken_may_be_taken_later_or_never() {
        assert_eq!(answer(202, None), Ok("HTTP 202".to_owned()));
        for status in [400, 405, 410, 413, 415, 422] {
            assert!(
                matches!(answer(status, None), Err(Failure::Refused { .. })),
                "{status}"
            );
        }
        for status in [408, 409, 425, 500, 502, 504] {
            assert!(
                matches!(answer(status, None), Err(Failure::Failed { .. })),
                "{status}"
            );
        }
        for status in [301, 307, 401, 403, 404, 429, 503] {
            assert!(
                matches!(answer(status, None), Err(Failure::Away { .. })),
                "{status}"
            );
        }
    }

    #[test]
    fn the_wait_asked_for_is_kept_within_an_hour() {
        let now = DateTime::parse_from_rfc2822("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        let wait = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, now.to_utc()).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:30 GMT"), Some(30));
        assert_eq!(wait("Wed, 21 Oct 2015 07:27:00 GMT"), Some(0));
        assert_eq!(wait("999999"), Some(3600));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn a_url_that_is_not_http_is_refused() {
        assert!(url("https://alerts.kent.example/em").is_ok());
        for text in ["", "/em", "ftp://kent.example/em", "kent.example"] {
            assert!(url(text).is_err(), "{text}");
        }
    }
}
