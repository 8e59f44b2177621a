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

use super::WebState;
use super::listener::Peer;
use super::problem::Problem;
use super::rate::Rates;
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

/// Why a request is nobody's.
#[derive(Debug, Clone, Copy)]
enum Unknown {
    NoToken,
    NotGood,
}

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
        Access::Tokens(tokens) => {
            let peer = request.extensions().get::<ConnectInfo<Peer>>();
            let from = peer.map(|ConnectInfo(Peer(address))| address.ip());
            who(&state, tokens, request.headers(), from).await
        }
    };
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn who(
    state: &WebState,
    tokens: &Tokens,
    headers: &HeaderMap,
    from: Option<IpAddr>,
) -> Result<Caller, Problem> {
    let shown = bearer(headers);
    let token = shown.and_then(|text| Token::parse(text).ok());
    let known = match &token {
        Some(token) => tokens.good(token, state.clock.now()).await?,
        None => None,
    };
    let Some(record) = known else {
        let why = shown.map_or(Unknown::NoToken, |_text| Unknown::NotGood);
        let problem = unknown(state, why, token.map(|token| token.id).as_ref());
        let counted = from.map_or(Ok(()), |address| tokens.rates.failure(address));
        return Err(counted.map_or_else(Problem::too_many, |()| problem));
    };
    if let Err(wait) = tokens.rates.request(&record.id) {
        tracing::warn!(token = record.id.as_str(), "too many requests");
        state.metrics.denied("ask as often");
        return Err(Problem::too_many(wait));
    }
    Ok(Caller::from(&record))
}

/// What follows `Bearer` in the header `Authorization`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unknown(state: &WebState, why: Unknown, id: Option<&TokenId>) -> Problem {
    let token = id.map_or("none", TokenId::as_str);
    tracing::warn!(token, "a request without a good token was refused");
    state.metrics.denied("sign in");
    Problem::unauthorized(match why {
        Unknown::NoToken => "send a token: Authorization: Bearer tw_…",
        Unknown::NotGood => "the token is unknown, revoked or past its time",
    })
}
