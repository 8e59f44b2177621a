//! Sessions of people with a browser: a token shown once at the sign-in page, and a cookie from then on.
//!
//! A session holds which token it was, and no secret: each request finds the token as the store has it, so that a revocation
//! ends sessions as well. Sessions live in this process; after a restart people sign in again.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, MemoryStore, Session, SessionManagerLayer};
use utoipa::ToSchema;

use super::WebState;
use super::disclosure::Reader;
use super::problem::{Problem, Problems};
use super::sign_in::Access;
use crate::access::TokenId;

/// The cookie's name.
const COOKIE: &str = "tagwatch_session";

/// Without a request for so long, somebody signs in again: a night shift.
const IDLE: Duration = Duration::hours(12);

/// Under which key a session keeps who signed in.
const WHO: &str = "who";

/// Bytes of a secret against requests that other sites have a browser make.
const CSRF_BYTES: usize = 32;

/// The header that shows it.
const CSRF_HEADER: &str = "x-csrf-token";

/// Who signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SignedIn {
    /// The public part of the token that was shown.
    token: String,
    /// Who of those that use it.
    pub(super) actor: String,
    /// What requests that change something must show.
    pub(super) csrf: String,
}

/// Who asks, as a console shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// Whether tokens are asked for: where not, anybody may do everything.
    asks_for_tokens: bool,
    /// The token's name.
    #[schema(example = "Control room 3")]
    name: Option<String>,
    /// What they are.
    #[schema(example = "police/staffordshire")]
    role: Option<String>,
    /// Who of those that use the token, as they said when they signed in.
    #[schema(example = "PC 42")]
    actor: Option<String>,
    /// What requests of this session that change something show as `X-CSRF-Token`.
    csrf: Option<String>,
}

/// Gives each browser that signs in its cookie: out of reach of scripts, of other sites, and of the open network.
pub(super) fn layer() -> SessionManagerLayer<MemoryStore> {
    SessionManagerLayer::new(MemoryStore::default())
        .with_name(COOKIE)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_always_save(true)
        .with_expiry(Expiry::OnInactivity(IDLE))
}

impl SignedIn {
    /// Begins a session under a new number, so that nobody can have known it before.
    pub(super) async fn begin(
        session: &Session,
        token: &TokenId,
        actor: String,
    ) -> Result<(), Problem> {
        let mut csrf = [0; CSRF_BYTES];
        getrandom::fill(&mut csrf).map_err(|_none| Problem::unavailable("no random bytes"))?;
        let signed_in = Self {
            token: token.to_string(),
            actor,
            csrf: URL_SAFE_NO_PAD.encode(csrf),
        };
        session.cycle_id().await.map_err(|error| kept(&error))?;
        session
            .insert(WHO, signed_in)
            .await
            .map_err(|error| kept(&error))
    }

    /// Who signed in to this session.
    pub(super) async fn of(session: Option<&Session>) -> Result<Option<Self>, Problem> {
        match session {
            Some(session) => session.get(WHO).await.map_err(|error| kept(&error)),
            None => Ok(None),
        }
    }

    /// The token that was shown.
    pub(super) fn token(&self) -> Option<TokenId> {
        self.token.parse().ok()
    }

    /// Whether a request of this session comes from a page of ours.
    pub(super) fn admits(&self, method: &Method, headers: &HeaderMap) -> bool {
        let shown = headers
            .get(CSRF_HEADER)
            .map_or(&[][..], |value| value.as_bytes());
        method.is_safe() || self.is_csrf(shown)
    }

    /// Whether that is the session's secret.
    pub(super) fn is_csrf(&self, shown: &[u8]) -> bool {
        self.csrf.as_bytes().ct_eq(shown).into()
    }
}

fn kept(error: &tower_sessions::session::Error) -> Problem {
    tracing::error!(%error, "sessions cannot be kept");
    Problem::unavailable("sessions cannot be kept")
}

/// Ends a session, if there is one.
pub(super) async fn end(session: &Session) -> Result<(), Problem> {
    session.flush().await.map_err(|error| kept(&error))
}

/// Has people whom nobody knows sign in, where a program would be told that it lacks a token.
pub(super) async fn to_sign_in(request: Request, next: Next) -> Response {
    let wanted = request.uri().to_string();
    let response = next.run(request).await;
    if response.status() != StatusCode::UNAUTHORIZED {
        return response;
    }
    Redirect::to(&super::console::sign_in_path(&wanted)).into_response()
}

/// Who asks.
#[utoipa::path(get, path = "/v1/session", operation_id = "session", tag = "operation",
    responses((status = 200, description = "who asks", body = SessionView), Problems))]
pub(super) async fn session(
    State(state): State<WebState>,
    reader: Reader,
    session: Session,
) -> Result<Json<SessionView>, Problem> {
    let signed_in = SignedIn::of(Some(&session)).await?;
    let caller = reader.caller();
    Ok(Json(SessionView {
        asks_for_tokens: matches!(state.access, Access::Tokens(_)),
        name: caller.name.clone(),
        role: caller.role.as_ref().map(ToString::to_string),
        actor: signed_in.as_ref().map(|who| who.actor.clone()),
        csrf: signed_in.map(|who| who.csrf),
    }))
}
