//! Parameters and bodies, refused as problems when malformed.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The largest request body, in bytes: a claim or a reason in words takes a few hundred.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;

/// The most rows of one list.
pub(super) const LIMIT_MAX: usize = 1000;

/// The parameters in the query string.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(params) = Query::<T>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        Ok(Self(params))
    }
}

/// A JSON body, all of whose fields are optional: no body, and `null`, is one without fields.
pub(super) struct OptionalJson<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Some(body) = json_body(request, state, BODY_BYTES_MAX).await? else {
            return Ok(Self(T::default()));
        };
        serde_json::from_slice::<Option<T>>(&body)
            .map(|body| Self(body.unwrap_or_default()))
            .map_err(|error| Problem::bad_request(format!("body: {error}")))
    }
}

/// The bytes of a body that is declared to be JSON; nothing, where there is no body. `bytes_max` is what
/// the route allows.
pub(super) async fn json_body<S: Send + Sync>(
    request: Request,
    state: &S,
    bytes_max: usize,
) -> Result<Option<Bytes>, Problem> {
    let is_json = declares_json(request.headers());
    let body = Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                return Problem::too_large(bytes_max);
            }
            Problem::bad_request(rejection.body_text())
        })?;
    if body.is_empty() {
        return Ok(None);
    }
    if !is_json {
        return Err(Problem::media_type());
    }
    Ok(Some(body))
}

/// How many rows are wanted, `default` if it is not said.
pub(super) fn limit(asked: Option<usize>, default: usize, max: usize) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(default);
    if (1..=max).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("limit {limit} is not between 1 and {max}");
    Err(Problem::bad_request(detail))
}

fn declares_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}
