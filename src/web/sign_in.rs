//! Who asks: read from the token they show, before a handler sees the request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use model::Timestamp;

use super::WebState;
use super::problem::Problem;
use crate::access::{Caller, Token, TokenId, TokenRecord};
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
    remembered: Mutex<HashMap<TokenId, (Instant, TokenRecord)>>,
}

/// Why a request is nobody's.
#[derive(Debug, Clone, Copy)]
enum Unknown {
    NoToken,
    NotGood,
}

impl Access {
    /// Asks for tokens that `store` keeps.
    #[must_use]
    pub fn tokens(store: Arc<dyn Store>) -> Self {
        let remembered = Mutex::default();
        Self::Tokens(Arc::new(Tokens { store, remembered }))
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
        Access::Tokens(tokens) => who(&state, tokens, request.headers()).await,
    };
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn who(state: &WebState, tokens: &Tokens, headers: &HeaderMap) -> Result<Caller, Problem> {
    let Some(shown) = bearer(headers) else {
        return Err(unknown(state, Unknown::NoToken, None));
    };
    let Ok(shown) = Token::parse(shown) else {
        return Err(unknown(state, Unknown::NotGood, None));
    };
    match tokens.good(&shown, state.clock.now()).await? {
        Some(record) => Ok(Caller::from(&record)),
        None => Err(unknown(state, Unknown::NotGood, Some(&shown.id))),
    }
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
