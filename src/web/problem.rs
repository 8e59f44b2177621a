//! Refusals and failures, as RFC 9457 problem details.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::registry::RegistryKey;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::store::{QueueError, StoreError};

/// Why a request was not answered as asked (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// What kind of problem it is; stable, for programs.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "urn:tagwatch:problem:bad-request")]
    kind: &'static str,
    /// What kind of problem it is, for people.
    #[schema(value_type = String, example = "the request is malformed")]
    title: &'static str,
    /// The HTTP status code.
    #[schema(example = 400)]
    status: u16,
    /// What is wrong with this request.
    #[schema(example = "limit 5000 is not between 1 and 1000")]
    detail: String,
    /// Everything that is wrong with a document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<DocumentProblem>,
    /// After how many seconds to try again.
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

/// One thing that is wrong with a document.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct DocumentProblem {
    /// `error`: nothing is registered; `warning`: somebody should look.
    #[schema(example = "error")]
    severity: String,
    /// The part of the registry that it is about, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order/O-1")]
    part: Option<String>,
    /// Where it stands in the text that was sent, from 1; absent where one part was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 12)]
    line: Option<usize>,
    /// The column, in bytes, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 36)]
    column: Option<usize>,
    /// Where in the part or, where a document was sent, in the document.
    #[schema(example = "conditions[0].windows[1].start")]
    path: String,
    /// What is wrong.
    #[schema(example = "place P-9 is not defined")]
    message: String,
    /// What is written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl From<registry::Problem> for DocumentProblem {
    fn from(problem: registry::Problem) -> Self {
        Self {
            severity: problem.severity.to_string(),
            part: problem.part.map(|part| part.to_string()),
            line: problem.at.map(|at| at.line),
            column: problem.at.map(|at| at.column),
            path: problem.path,
            message: problem.message,
            value: problem.value,
            help: problem.help,
        }
    }
}

impl From<String> for DocumentProblem {
    fn from(message: String) -> Self {
        Self {
            severity: registry::Severity::Error.to_string(),
            message,
            ..Self::default()
        }
    }
}

/// The problems that every endpoint may answer with.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes responses in the OpenAPI document")]
pub(super) enum Problems {
    /// A parameter, header or body is malformed; the detail names it.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// There is no token, or it is not good.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// The token's role may not do this, or the request comes from a page of another site.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// The installation is not known under this host name.
    #[response(status = 421, content_type = "application/problem+json")]
    Misdirected(Problem),
    /// There were too many requests; `Retry-After` says when to try again.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// What is stored could not be read.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(Problem),
    /// The store or the audit trail is unavailable: nothing is shown; try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}

/// The problems that endpoints with a body may answer with as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes responses in the OpenAPI document")]
pub(super) enum BodyProblems {
    /// The body is larger than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// The body is not declared to be JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(Problem),
}

impl Problem {
    fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            problems: Vec::new(),
            retry_after_s: None,
        }
    }

    /// The status, the kind of problem in words, and what is wrong with this request.
    pub(super) fn told(&self) -> (StatusCode, &'static str, &str) {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.title, &self.detail)
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "urn:tagwatch:problem:bad-request",
            "the request is malformed",
            detail,
        )
    }

    /// Too many requests; another may be made after `wait`.
    pub(super) fn too_many(wait: Duration) -> Self {
        // Whole seconds are what the header can say: one more than those that are over.
        let seconds = wait.as_secs() + 1;
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "urn:tagwatch:problem:too-many-requests",
            "there were too many requests",
            format!("try again in {seconds} s"),
        );
        Self {
            retry_after_s: Some(seconds),
            ..problem
        }
    }

    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "urn:tagwatch:problem:unauthorized",
            "nobody is known by this",
            detail,
        )
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "urn:tagwatch:problem:forbidden",
            "this is not for you to do",
            detail,
        )
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "urn:tagwatch:problem:not-found",
            "there is no such thing",
            detail,
        )
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "urn:tagwatch:problem:method-not-allowed",
            "the method is not allowed here",
            "GET /openapi.json lists what is",
        )
    }

    pub(super) fn too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "urn:tagwatch:problem:body-too-large",
            "the body is too large",
            format!("a body has at most {limit_bytes} bytes"),
        )
    }

    pub(super) fn media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "urn:tagwatch:problem:media-type",
            "the body is not declared to be JSON",
            "send a body with content-type: application/json",
        )
    }

    pub(super) fn cross_site() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "urn:tagwatch:problem:cross-site",
            "the request comes from a page of another site",
            "the origin's host is not the host asked",
        )
    }

    pub(super) fn misdirected(host: &str) -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "urn:tagwatch:problem:unknown-host",
            "this installation does not go by that host name",
            format!("host {host:?} is not among the configured ones"),
        )
    }

    pub(super) fn stream_position(after: u64, newest: u64) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "urn:tagwatch:problem:stream-position",
            "the live stream has not got that far",
            format!(
                "event {after} was asked for and {newest} is the newest: another installation?"
            ),
        )
    }

    /// A document says what cannot be.
    pub(super) fn refused(problems: impl IntoIterator<Item = impl Into<DocumentProblem>>) -> Self {
        let problems: Vec<DocumentProblem> = problems.into_iter().map(Into::into).collect();
        let count = problems.len();
        Self {
            problems,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "urn:tagwatch:problem:document",
                "the document says what cannot be",
                format!("{count} problems; nothing is registered"),
            )
        }
    }

    pub(super) fn not_as_things_stand(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "urn:tagwatch:problem:as-things-stand",
            "it cannot be done as things stand",
            detail,
        )
    }

    pub(super) fn stale(key: &RegistryKey, seen: u32, version: u32) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "urn:tagwatch:problem:stale",
            "somebody changed it meanwhile",
            format!("{key} has version {version}, not {seen} (0: it is not there)"),
        )
    }

    pub(super) fn version_needed(key: &RegistryKey, version: u32) -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "urn:tagwatch:problem:version-needed",
            "say which version you have seen",
            format!("{key} has version {version}: send it as If-Match"),
        )
    }

    pub(super) fn not_removed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "urn:tagwatch:problem:not-removed",
            "this is not removed here",
            detail,
        )
    }

    pub(super) fn unavailable(detail: impl Into<String>) -> Self {
        let problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "urn:tagwatch:problem:unavailable",
            "this cannot be answered at present",
            detail,
        );
        Self {
            retry_after_s: Some(1),
            ..problem
        }
    }

    fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "urn:tagwatch:problem:internal",
            "something is wrong with this installation",
            "its log says what",
        )
    }

    pub(super) fn receipt_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "urn:tagwatch:problem:receipt-unknown",
            "the receipt is unknown",
            "no delivery was handed out under this receipt",
        )
    }

    fn lease_expired() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "urn:tagwatch:problem:lease-expired",
            "the lease has run out",
            "the notification is, or will be, handed out again under another receipt",
        )
    }

    fn settled() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "urn:tagwatch:problem:settled",
            "the delivery is settled",
            "it was acknowledged already and cannot be given back",
        )
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the API could not be answered from the store");
        match error {
            StoreError::Unavailable(_) => Self::unavailable("the store is unavailable; try again"),
            StoreError::Conflict(_) | StoreError::Fenced { .. } | StoreError::Corrupt(_) => {
                Self::internal()
            }
        }
    }
}

impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Unknown => Self::receipt_unknown(),
            QueueError::Expired => Self::lease_expired(),
            QueueError::Settled => Self::settled(),
            QueueError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after_s = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"tagwatch\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
