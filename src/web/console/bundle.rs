//! The full console: the files that Vite made of `console/`, as they were when this was compiled.
//!
//! Without them everything else works; the console's address then says how to get it.

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::layout::Page;

/// Where the console lives; `base` in console/vite.config.ts says the same.
pub(super) const PATH: &str = "/console/";

/// The page that every address of the console begins with.
const INDEX: &str = "index.html";

/// What has a name with a hash of its content: it may be kept for good.
const HASHED: &str = "assets/";

/// Scripts, styles and pictures come from here alone. Pictures may stand in the data itself, as icons do.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "console/dist"]
#[allow_missing = true]
struct Built;

/// Whether the console is there.
pub(super) fn is_built() -> bool {
    Built::get(INDEX).is_some()
}

/// The first page.
pub(super) async fn index() -> Response {
    Built::get(INDEX).map_or_else(how_to_build, |file| served(INDEX, file))
}

/// A file, or the first page for an address that the console itself understands.
pub(super) async fn file(Path(path): Path<String>) -> Response {
    match Built::get(&path) {
        Some(file) => served(&path, file),
        None if path.starts_with(HASHED) => StatusCode::NOT_FOUND.into_response(),
        None => index().await,
    }
}

fn served(path: &str, file: EmbeddedFile) -> Response {
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
            HeaderValue::from_static(CONTENT_SECURITY_POLICY),
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
