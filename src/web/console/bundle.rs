//! The full console: the files that Vite made of `console/`, as they were when this was compiled.
//!
//! Without them everything else works; the console's address then says how to get it.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::super::WebState;
use super::layout::Page;
use crate::config::TilesConfig;

/// Where the console lives; `base` in console/vite.config.ts says the same.
pub(super) const PATH: &str = "/console/";

/// The page that every address of the console begins with.
const INDEX: &str = "index.html";

/// The picture in a browser's tab.
pub(super) const ICON: &str = "/console/icon.svg";

/// What has a name with a hash of its content: it may be kept for good.
const HASHED: &str = "assets/";

/// Scripts, styles and pictures come from here alone. Pictures may stand in the data itself, as icons do, and
/// come from the server of map tiles, whose origin follows.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    img-src 'self' data:";

#[derive(RustEmbed)]
#[folder = "console/dist"]
#[allow_missing = true]
struct Built;

/// Whether the console is there.
pub(super) fn is_built() -> bool {
    Built::get(INDEX).is_some()
}

/// The first page.
pub(super) async fn index(State(state): State<WebState>) -> Response {
    first_page(&state)
}

fn first_page(state: &WebState) -> Response {
    Built::get(INDEX).map_or_else(how_to_build, |file| served(state, INDEX, file))
}

/// A file, or the first page for an address that the console itself understands.
pub(super) async fn file(State(state): State<WebState>, Path(path): Path<String>) -> Response {
    match Built::get(&path) {
        Some(file) => served(&state, &path, file),
        None if path.starts_with(HASHED) => StatusCode::NOT_FOUND.into_response(),
        None => first_page(&state),
    }
}

fn served(state: &WebState, path: &str, file: EmbeddedFile) -> Response {
    let kept = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, media_type(&file)),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
        (
            header::CONTENT_SECURITY_POLICY,
            content_security_policy(state),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, file.data).into_response()
}

fn content_security_policy(state: &WebState) -> HeaderValue {
    let tiles = state.tiles.as_deref().and_then(TilesConfig::origin);
    let policy = format!("{CONTENT_SECURITY_POLICY} {}", tiles.unwrap_or_default());
    HeaderValue::from_str(policy.trim_end())
        .unwrap_or(HeaderValue::from_static(CONTENT_SECURITY_POLICY))
}

fn media_type(file: &EmbeddedFile) -> HeaderValue {
    HeaderValue::from_str(file.metadata.mimetype())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn how_to_build() -> Response {
    let content = html! {
        p { "This tagwatch was built without the full console. " code { "scripts/demo" } " in its source builds both." }
        p { a href="/" { "To the plain pages" } }
    };
    Page::new("No console here", content)
        .under(StatusCode::NOT_FOUND)
        .into_response()
}
