//! Documents in requests.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::super::extract::json_body;
use super::super::problem::Problem;
use super::DOCUMENT_BYTES_MAX;

/// A JSON body that must be there.
pub(super) struct Document<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Document<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = json_body(request, state, DOCUMENT_BYTES_MAX).await?;
        let body = body.ok_or_else(|| Problem::bad_request("there is no body"))?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::bad_request(format!("body: {error}")))
    }
}
