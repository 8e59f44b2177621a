//! Documents in requests.

use axum::body::Bytes;
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
        let body = required(request, state).await?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::bad_request(format!("body: {error}")))
    }
}

/// The text of a JSON body that must be there, to be read by whoever can tell what is wrong with it.
pub(super) struct Text(pub(super) String);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = required(request, state).await?;
        String::from_utf8(body.into())
            .map(Self)
            .map_err(|error| Problem::bad_request(format!("body: {error}")))
    }
}

async fn required<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let body = json_body(request, state, DOCUMENT_BYTES_MAX).await?;
    body.ok_or_else(|| Problem::bad_request("there is no body"))
}
