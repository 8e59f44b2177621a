//! Who asks: read from the token they show, before a handler sees the request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use model::Timestamp;
use tower_sessions::Session;

use super::WebState;
use super::listener::Peer;
use super::problem::Problem;
use super::rate::Rates;
use super::session::SignedIn;
use crate::access::{Caller, Token, TokenId, TokenRecord};
use crate::config::{AccessConfig, HttpConfig};
use crate::store::{Store, StoreError};

/// For how long a token that was read is believed: a revocation is heard of within this.
const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// The most tokens remembered at once: an installation has some hundreds.
const REMEMBERED_MAX: usize = 4_096;

/// How much later a token must be used again for that to be written down.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Whether tokens are asked for.
#[derive(Clone)]
pub enum Access {
    /// Nobody is asked: who reaches the API may do everything.
    Open,
    /// Whoever asks shows a token.
    Tokens(Arc<Tokens>),
}

/// The tokens that are good, as the store has them or had them a moment ago.
pub struct Tokens {
    store: Arc<dyn Store>,
    rates: Rates,
    remembered: Mutex<HashMap<TokenId, (Instant, TokenRecord)>>,
}

/// What somebody is told who shows no token.
const NO_TOKEN: &str = "send a token: Authorization: Bearer tw_…";

/// What somebody is told whose token is not good.
const NOT_GOOD: &str = "the token is unknown, revoked or past its time";

impl Access {
    /// As configured; tokens are those that `store` keeps.
    #[must_use]
    pub fn of(config: &HttpConfig, store: Arc<dyn Store>) -> Self {
        match config.access {
            AccessConfig::Open => Self::Open,
            AccessConfig::Tokens => Self::Tokens(Arc::new(Tokens {
                store,
                rates: Rates::of(config),
                remembered: Mutex::default(),
            })),
        }
    }

    /// Whether whoever was let in would be still: their token may have been revoked since.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn lets_in_still(
        &self,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (Self::Tokens(tokens), Some(id)) = (self, &caller.token) else {
            return Ok(true);
        };
        let record = tokens.known(id).await?;
        Ok(record.is_some_and(|record| record.is_good(now)))
    }
}

impl Tokens {
    /// The token as it is kept, if it is the one shown and good.
    async fn good(&self, shown: &Token, now: Timestamp) -> Result<Option<TokenRecord>, StoreError> {
        let Some(record) = self.known(&shown.id).await? else {
            return Ok(None);
        };
        if !record.hash.is(&shown.hash()) || !record.is_good(now) {
            return Ok(None);
        }
        let noted = |last: Timestamp| now < last.plus(USE_NOTED_EVERY);
        if !record.last_used.is_some_and(noted) {
            self.store.token_used(&record.id, now).await?;
            let used = TokenRecord {
                last_used: Some(now),
                ..record.clone()
            };
            self.remember(used);
        }
        Ok(Some(record))
    }

    /// The token as it is kept, if it is good; otherwise that is counted.
    ///
    /// # Errors
    /// When there were too many that were not, or the store fails.
    pub(super) async fn tried(
        &self,
        state: &WebState,
        shown: &str,
        from: Option<IpAddr>,
    ) -> Result<Option<TokenRecord>, Problem> {
        let token = Token::parse(shown.trim()).ok();
        let known = match &token {
            Some(token) => self.good(token, state.clock.now()).await?,
            None => None,
        };
        if known.is_none() {
            let id = token.map(|token| token.id);
            self.count(state, id.as_ref(), from)?;
        }
        Ok(known)
    }

    /// Counts a request without a good token; an error where there were too many.
    fn count(
        &self,
        state: &WebState,
        id: Option<&TokenId>,
        from: Option<IpAddr>,
    ) -> Result<(), Problem> {
        let token = id.map_or("none", TokenId::as_str);
        tracing::warn!(token, "a request without a good token was refused");
        state.metrics.denied("sign in");
        let counted = from.map_or(Ok(()), |address| self.rates.failure(address));
        counted.map_err(Problem::too_many)
    }

    async fn known(&self, id: &TokenId) -> Result<Option<TokenRecord>, StoreError> {
        if let Some(record) = self.remembered(id) {
            return Ok(Some(record));
        }
        let found = self.store.token(id).await?;
        if let Some(record) = &found {
            self.remember(record.clone());
        }
        Ok(found)
    }

    fn remembered(&self, id: &TokenId) -> Option<TokenRecord> {
        let remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (read_at, record) = remembered.get(id)?;
        (read_at.elapsed() < BELIEVED_FOR).then(|| record.clone())
    }

    /// What is remembered already stays as old as it was: use does not put a revocation off.
    fn remember(&self, record: TokenRecord) {
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        remembered.retain(|_id, (read_at, _record)| read_at.elapsed() < BELIEVED_FOR);
        if remembered.len() >= REMEMBERED_MAX {
            return;
        }
        let read_at = remembered
            .get(&record.id)
            .map_or_else(Instant::now, |(read_at, _)| *read_at);
        remembered.insert(record.id.clone(), (read_at, record));
    }
}

/// Finds out who asks, and lets nobody by who does not say.
pub(super) async fn sign_in(
    State(state): State<WebState>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match &state.access {
        Access::Open => Ok(Caller::anybody()),
        Access::Tokens(tokens) => known(&state, tokens, &mut request).await,
    };
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

/// Who asks: by the token of the request or, where it has none, by that of the browser's session.
async fn known(
    state: &WebState,
    tokens: &Tokens,
    request: &mut Request,
) -> Result<Caller, Problem> {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let from = peer.map(|ConnectInfo(Peer(address))| address.ip());
    let record = match bearer(request.headers()).map(str::to_owned) {
        Some(shown) => tokens.tried(state, &shown, from).await?,
        None => match signed_in(state, tokens, request).await? {
            Some(record) => Some(record),
            None => {
                tokens.count(state, None, from)?;
                return Err(Problem::unauthorized(NO_TOKEN));
            }
        },
    };
    let Some(record) = record else {
        return Err(Problem::unauthorized(NOT_GOOD));
    };
    if let Err(wait) = tokens.rates.request(&record.id) {
        tracing::warn!(token = record.id.as_str(), "too many requests");
        state.metrics.denied("ask as often");
        return Err(Problem::too_many(wait));
    }
    Ok(Caller::from(&record))
}

/// The token of a browser's session, if somebody signed in and it is good still.
async fn signed_in(
    state: &WebState,
    tokens: &Tokens,
    request: &mut Request,
) -> Result<Option<TokenRecord>, Problem> {
    let session = request.extensions().get::<Session>().cloned();
    let Some(signed_in) = SignedIn::of(session.as_ref()).await? else {
        return Ok(None);
    };
    let Some(id) = signed_in.token() else {
        return Ok(None);
    };
    let record = tokens.known(&id).await?;
    let Some(record) = record.filter(|record| record.is_good(state.clock.now())) else {
        return Ok(None);
    };
    if !signed_in.admits(request.method(), request.headers()) {
        return Err(Problem::cross_site());
    }
    request.extensions_mut().insert(signed_in);
    Ok(Some(record))
}

/// What follows `Bearer` in the header `Authorization`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
