//! Who is shown what, and why: whether they may, and written down before it is shown.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use utoipa::IntoParams;

use super::WebState;
use super::problem::Problem;
use super::session::SignedIn;
use crate::access::{self, Action, Caller, Scope, TokenId};
use crate::store::AuditEntry;

/// The longest name of an actor, in bytes.
const ACTOR_BYTES_MAX: usize = 128;

/// The longest reason, in bytes.
const REASON_BYTES_MAX: usize = 512;

/// Who asks, and why.
#[derive(Debug)]
pub(super) struct Reader {
    caller: Caller,
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
    /// Who of those that use the token asks: kept in the audit trail beside the token's name. At most 128
    /// bytes.
    #[param(rename = "X-Actor", example = "operator-17")]
    actor: Option<String>,
    /// Why, for the audit trail. At most 512 bytes.
    #[param(rename = "X-Reason", example = "shift handover")]
    reason: Option<String>,
}

impl Reader {
    /// Who asks: the token's name, and who of those that use it.
    pub(super) fn actor(&self) -> String {
        match (&self.caller.name, &self.actor) {
            (Some(token), Some(actor)) => format!("{token}: {actor}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => NOBODY.to_owned(),
        }
    }

    /// Who does something: their token says so, or they do.
    pub(super) fn named(&self) -> Result<String, Problem> {
        if self.caller.name.is_none() && self.actor.is_none() {
            return Err(Problem::bad_request(
                "header x-actor must say who does this",
            ));
        }
        Ok(self.actor())
    }

    /// Who changes something, and why: whoever does says so.
    pub(super) fn author(&self) -> Result<(String, String), Problem> {
        let actor = self.named()?;
        match &self.reason {
            Some(reason) => Ok((actor, reason.clone())),
            None => Err(Problem::bad_request("header x-reason must say why")),
        }
    }

    /// Who asks, as their token has it.
    pub(super) const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whom they may see.
    pub(super) fn scope(&self) -> Scope {
        self.caller.scope()
    }

    /// Whether they may do it, without writing down that they may not.
    pub(super) fn can(&self, action: Action<'_>) -> bool {
        access::may(&self.caller, action).is_ok()
    }

    /// Lets them go on if they may do it.
    ///
    /// # Errors
    /// When they may not: that is written down, and counted.
    pub(super) async fn may(&self, state: &WebState, action: Action<'_>) -> Result<(), Problem> {
        let Err(denied) = access::may(&self.caller, action) else {
            return Ok(());
        };
        let token = self.caller.token.as_ref().map_or("none", TokenId::as_str);
        tracing::warn!(token, action = action.as_str(), "denied");
        state.metrics.denied(action.as_str());
        let subject = denied.to_string();
        self.shown(state, "access.denied", subject.clone()).await?;
        Err(Problem::forbidden(subject))
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
            actor: self.actor(),
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
        // Put there by `sign_in`; a route that nobody put behind it answers nobody.
        let caller = parts.extensions.get::<Caller>().cloned();
        let caller =
            caller.ok_or_else(|| Problem::unauthorized("nobody was asked who they are"))?;
        let signed_in = parts.extensions.get::<SignedIn>();
        let actor = match signed_in {
            // Who signed in is who it is, whatever a page says.
            Some(who) => Some(who.actor.clone()),
            None => header(&parts.headers, "x-actor", ACTOR_BYTES_MAX)?,
        };
        Ok(Self {
            caller,
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
