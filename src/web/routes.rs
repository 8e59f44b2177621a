//! The one table of routes; the OpenAPI document is made from it.

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::BODY_BYTES_MAX;
use super::problem::Problem;
use super::{
    WebState, alerts, audit, console, dead_letters, guard, health, live, queue_contents, queues,
    registry, session, sign_in, steps,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "tagwatch",
        description = "Alerts about people subject to electronic monitoring, and their delivery.\n\n\
            Requests carry a token, `Authorization: Bearer tw_…`, whose role says what they may do and \
            whom they see; `tagwatch token create` makes one. `X-Actor` says who of those that use it asks. \
            Every read of a wearer's data is written to the audit trail before it is answered.\n\n\
            Times are RFC 3339 in UTC, distances in metres, angles in degrees WGS84."
    ),
    modifiers(&Bearer),
    tags(
        (name = "alerts", description = "Alerts, and the live stream of decisions"),
        (name = "queues", description = "Recipients' queues: claim under a lease, then acknowledge"),
        (name = "registry", description = "Wearers, devices, orders, absences, places and zones, in every version"),
        (name = "oversight", description = "What could not be used, and who was shown what"),
        (name = "operation", description = "Probes, metrics and this document"),
    )
)]
struct Info;

/// How requests say whose they are.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", scheme);
        let needed = SecurityRequirement::new::<_, [&str; 0], &str>("token", []);
        document.security = Some(vec![needed]);
    }
}

/// Every endpoint, ready to be served.
pub fn router(state: WebState) -> Router {
    let known = middleware::from_fn_with_state(state.clone(), sign_in::sign_in);
    let guarded = middleware::from_fn_with_state(state.clone(), guard::private);
    let (open, _document) = operation().split_for_parts();
    let (guarded_routes, _document) = data().split_for_parts();
    let pages = console::pages()
        .layer(known.clone())
        .layer(middleware::from_fn(session::to_sign_in));
    let asked = guarded_routes.merge(console::data()).layer(known);
    let seen = asked.merge(pages).merge(console::doors());
    open.merge(seen.layer(session::layer()).layer(guarded))
        .merge(console::files())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(guard::in_time))
        .with_state(state)
}

/// The OpenAPI document of this API.
#[must_use]
pub fn document() -> Document {
    OpenApiRouter::with_openapi(Info::openapi())
        .merge(operation())
        .merge(data())
        .into_openapi()
}

/// What holds nothing about anybody.
fn operation() -> OpenApiRouter<WebState> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(openapi))
}

/// What is about wearers, or about those who look after them.
fn data() -> OpenApiRouter<WebState> {
    OpenApiRouter::new()
        .routes(routes!(session::session))
        .routes(routes!(alerts::list))
        .routes(routes!(live::stream))
        .routes(routes!(alerts::one))
        .routes(routes!(steps::take))
        .routes(routes!(queues::list))
        .routes(routes!(queues::claim_group))
        .routes(routes!(queues::claim_named))
        .routes(routes!(queue_contents::of_group))
        .routes(routes!(queue_contents::of_named))
        .routes(routes!(queue_contents::requeue_group))
        .routes(routes!(queue_contents::requeue_named))
        .routes(routes!(queue_contents::requeue_one))
        .routes(routes!(queues::ack))
        .routes(routes!(queues::nack))
        .routes(routes!(queues::extend))
        .routes(routes!(dead_letters::list))
        .routes(routes!(audit::trail))
        .merge(registry::routes())
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operation",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")))]
async fn openapi() -> Result<Response, Problem> {
    let text = document().to_json().map_err(|error| {
        tracing::error!(%error, "the OpenAPI document cannot be written");
        Problem::unavailable("the document cannot be written")
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

async fn not_found(request: Request) -> Problem {
    let path = request.uri().path();
    Problem::not_found(format!(
        "there is nothing at {path}; GET /openapi.json lists what is"
    ))
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
