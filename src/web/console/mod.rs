//! Pages for people: lists of alerts and queues that need nothing but a browser.
//!
//! They are written on the server, without a script, so that they come up on a train, on an old machine
//! and when the full console does not. They only show; what people do about an alert goes through the
//! API.
//!
//! Architecture invariant: a page discloses what the API would, under the same entry in the audit trail.

mod alerts;
mod bundle;
mod layout;
mod queues;
mod settings;
mod sign_in;
mod words;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use super::WebState;

pub(super) use sign_in::path as sign_in_path;

/// What the pages look like.
const STYLE: &str = include_str!("style.css");

/// Where the style sheet is: not inline, for the content security policy forbids that.
const STYLE_PATH: &str = "/console.css";

/// Every page.
pub(super) fn pages() -> Router<WebState> {
    Router::new()
        .route("/", get(alerts::list))
        .route("/alerts/{id}", get(alerts::one))
        .route("/queues", get(queues::list))
        .route("/queues/{group}", get(queues::of_group))
        .route("/queues/{group}/{name}", get(queues::named))
}

/// What the full console asks for besides the API.
pub(super) fn data() -> Router<WebState> {
    Router::new().route("/console/areas", get(settings::areas))
}

/// Signing in and out.
pub(super) fn doors() -> Router<WebState> {
    Router::new()
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", get(sign_in::leave).post(sign_in::sign_out))
}

/// What holds nothing about anybody: the style of the pages, and the files and settings of the full console.
pub(super) fn files() -> Router<WebState> {
    Router::new()
        .route(STYLE_PATH, get(style))
        .route("/console/settings", get(settings::settings))
        .route(bundle::PATH, get(bundle::index))
        .route("/console/{*path}", get(bundle::file))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}
