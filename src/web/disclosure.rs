//! Who is shown what, and why: written down before it is shown.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use utoipa::IntoParams;

use super::WebState;
use super::problem::Problem;
use crate::store::AuditEntry;

/// The longest name of an actor, in bytes.
const ACTOR_BYTES_MAX: usize = 128;

/// The longest reason, in bytes.
const REASON_BYTES_MAX: usize = 512;

/// Who asks, and why.
#[derive(Debug)]
pub(super) struct Reader {
    actor: Option<String>,
    reason: Option<String>,
}

/// Who asks, where they do not say.
const NOBODY: &str = "anonymous";

/// The headers that name the reader, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes headers in the OpenAPI document")]
pub(super) struct ReaderHeaders {
    /// Who asks, for the audit trail; `anonymous` if it is not said. At most 128 bytes.
    #[param(rename = "X-Actor", example = "operator-17")]
    actor: Option<String>,
    /// Why, for the audit trail. At most 512 bytes.
    #[param(rename = "X-Reason", example = "shift handover")]
    reason: Option<String>,
}

impl Reader {
    /// Who asks.
    pub(super) fn actor(&self) -> &str {
        self.actor.as_deref().unwrap_or(NOBODY)
    }

    /// Who does something: whoever does says so.
    pub(super) fn named(&self) -> Result<String, Problem> {
        let nobody = || Problem::bad_request("header x-actor must say who does this");
        self.actor.clone().ok_or_else(nobody)
    }

    /// Who changes something, and why: whoever does says so.
    pub(super) fn author(&self) -> Result<(String, String), Problem> {
        match (&self.actor, &self.reason) {
            (Some(actor), Some(reason)) => Ok((actor.clone(), reason.clone())),
            (None, _) => Err(Problem::bad_request(
                "header x-actor must say who changes this",
            )),
            (_, None) => Err(Problem::bad_request("header x-reason must say why")),
        }
    }

    /// Writes down that this reader is shown something.
    ///
    /// # Errors
    /// When the audit trail cannot be written: what was asked for must then not be shown.
    pub(super) async fn shown(
        &self,
        state: &WebState,
        action: &str,
        subject: impl Into<String>,
    ) -> Result<(), Problem> {
        let entry = AuditEntry {
            at: state.clock.now(),
            actor: self.actor().to_owned(),
            action: action.to_owned(),
            subject: subject.into(),
            reason: self.reason.clone(),
        };
        state.store.audit(entry).await.map_err(|error| {
            tracing::error!(%error, action, "the audit trail could not be written; nothing is shown");
            Problem::unavailable("the audit trail cannot be written, so nothing is shown; try again")
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let actor = header(&parts.headers, "x-actor", ACTOR_BYTES_MAX)?;
        Ok(Self {
            actor,
            reason: header(&parts.headers, "x-reason", REASON_BYTES_MAX)?,
        })
    }
}

/// A header as text; `None` when absent or blank.
fn header(headers: &HeaderMap, name: &str, bytes_max: usize) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let refuse = |why: &str| Problem::bad_request(format!("header {name} {why}"));
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_bytes| refuse("is not UTF-8"))?;
    let text = text.trim();
    if text.len() > bytes_max {
        return Err(refuse(&format!("is longer than {bytes_max} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(refuse("has a control character"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}
