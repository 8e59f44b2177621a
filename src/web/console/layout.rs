//! The frame of every page, and the page of a refusal.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::super::problem::Problem;
use super::{STYLE_PATH, bundle};

/// Nothing but what this installation serves itself is loaded, no script stands in a page, and no
/// other site can frame one. Pictures: a browser that comes from the console asks for its icon again.
const CONTENT_SECURITY_POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
);

/// A link followed from here must not tell another site which alert was looked at. A form sent to ourselves must say
/// where it comes from.
const REFERRER_POLICY: (HeaderName, HeaderValue) = (
    header::REFERRER_POLICY,
    HeaderValue::from_static("same-origin"),
);

/// A page, ready to be answered.
pub(super) struct Page {
    status: StatusCode,
    title: String,
    content: Markup,
    links: bool,
}

impl Page {
    pub(super) fn new(title: impl Into<String>, content: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            content,
            links: true,
        }
    }

    /// The same page for somebody who may not go anywhere else yet.
    pub(super) fn at_the_door(self) -> Self {
        Self {
            links: false,
            ..self
        }
    }

    /// The same page under another status.
    pub(super) fn under(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    fn written(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en-GB" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (self.title) " – tagwatch" }
                    link rel="stylesheet" href=(STYLE_PATH);
                    @if bundle::is_built() { link rel="icon" type="image/svg+xml" href=(bundle::ICON); }
                }
                body {
                    a.skip href="#main" { "Skip to main content" }
                    header {
                        a.name href="/" { "tagwatch" }
                        @if self.links { (links()) }
                    }
                    main id="main" {
                        h1 { (self.title) }
                        (self.content)
                    }
                    footer { (how_to_get_more()) }
                }
            }
        }
    }
}

fn links() -> Markup {
    html! {
        nav aria-label="Pages" {
            a href="/" { "Alerts" }
            a href="/queues" { "Queues" }
            a href="/sign-out" { "Sign out" }
        }
    }
}

fn how_to_get_more() -> Markup {
    html! {
        p {
            "These pages show what there is when they are asked for, and need no script. "
            @if bundle::is_built() {
                a href=(bundle::PATH) { "The full console" } " is live, has maps, and takes steps about alerts."
            } @else {
                "The full console is live, has maps, and takes steps about alerts: " code { "scripts/demo" }
                " builds it and serves it."
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let text = self.written().into_string();
        let html = (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        let headers = [html, CONTENT_SECURITY_POLICY, REFERRER_POLICY];
        (self.status, headers, text).into_response()
    }
}

/// A refusal, as a page.
pub(super) struct Refusal(Problem);

impl<P: Into<Problem>> From<P> for Refusal {
    fn from(problem: P) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, title, detail) = self.0.told();
        let content = html! {
            p { (detail) }
            p { a href="/" { "To the alerts" } }
        };
        Page::new(format!("Sorry: {title}"), content)
            .under(status)
            .into_response()
    }
}
