//! Documents in requests.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::super::extract::declares_json;
use super::super::problem::Problem;
use super::DOCUMENT_BYTES_MAX;

/// A JSON body that must be there.
pub(super) struct Document<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Document<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = declares_json(request.headers());
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                    return Problem::too_large(DOCUMENT_BYTES_MAX);
                }
                Problem::bad_request(rejection.body_text())
            })?;
        if !is_json {
            return Err(Problem::media_type());
        }
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::bad_request(format!("body: {error}")))
    }
}
