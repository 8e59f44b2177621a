//! What every request passes before a handler sees it.
//!
//! Where nobody is asked for a token, whoever can send a request can read. A web page of another site must not be
//! able to make an operator's browser send one: neither across origins, nor by pointing its own name
//! at this machine (DNS rebinding).

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::WebState;
use super::problem::Problem;

/// How long a request may take until its answer begins. The store answers in milliseconds; this is
/// for when it is stuck.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers for a handler that takes too long. A stream, once begun, goes on for as long as it likes.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::unavailable("it took too long; try again").into_response(),
    }
}

/// Keeps other sites' pages out, and what is shown out of caches.
pub(super) async fn private(
    State(state): State<WebState>,
    request: Request,
    next: Next,
) -> Response {
    if let Err(problem) = admit(request.headers(), &state.hosts) {
        return problem.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Payloads and topics are whatever a device sent: a browser must not take them for a page.
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    response
}

fn admit(headers: &HeaderMap, hosts: &[String]) -> Result<(), Problem> {
    let host = text(headers, header::HOST)
        .ok_or_else(|| Problem::bad_request("header host is missing or not text"))?;
    let authority: Authority = host
        .parse()
        .map_err(|_invalid| Problem::bad_request(format!("host {host:?} is not a host")))?;
    if !known(authority.host(), hosts) {
        return Err(Problem::misdirected(host));
    }
    let foreign = headers.contains_key(header::ORIGIN)
        && text(headers, header::ORIGIN).and_then(origin_authority) != Some(host);
    if foreign {
        return Err(Problem::cross_site());
    }
    Ok(())
}

/// A name can be pointed anywhere by whoever owns it; an address or `localhost` cannot.
fn known(host: &str, hosts: &[String]) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

fn origin_authority(origin: &str) -> Option<&str> {
    origin
        .split_once("://")
        .map(|(_scheme, authority)| authority)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_nobody_configured_are_not_answered_to() {
        let configured = ["em.example.org".to_owned()];
        let check = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            admit(&headers, &configured).is_ok()
        };
        for host in [
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "EM.example.org",
        ] {
            assert!(check(host, None), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:8080",
            "127.0.0.1.evil.example",
        ] {
            assert!(!check(host, None), "{host}");
        }
        assert!(check("localhost:8080", Some("http://localhost:8080")));
        for origin in ["http://evil.example", "http://localhost:9999", "null"] {
            assert!(!check("localhost:8080", Some(origin)), "{origin}");
        }
    }
}
