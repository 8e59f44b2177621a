//! How often somebody may ask.

use std::net::IpAddr;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::access::TokenId;
use crate::config::HttpConfig;

/// From so many keys on, those that have not asked lately are forgotten.
const KEYS_KEPT: usize = 10_000;

/// How often somebody may ask: each token, and each address that shows what is no good token. A good token is
/// never held up by what others at its address do.
pub(super) struct Rates {
    requests: DefaultKeyedRateLimiter<TokenId>,
    failures: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Rates {
    pub(super) fn of(config: &HttpConfig) -> Self {
        let per_second = Quota::per_second(config.requests_per_second);
        let burst = config.requests_burst.max(config.requests_per_second);
        Self {
            requests: RateLimiter::keyed(per_second.allow_burst(burst)),
            failures: RateLimiter::keyed(Quota::per_minute(config.failures_per_minute)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a request with a good token; how long to wait where there were too many.
    pub(super) fn request(&self, token: &TokenId) -> Result<(), Duration> {
        check(&self.requests, token, &self.clock)
    }

    /// Counts a request without one; how long to wait where there were too many.
    pub(super) fn failure(&self, address: IpAddr) -> Result<(), Duration> {
        check(&self.failures, &address, &self.clock)
    }
}

fn check<K: Clone + Eq + std::hash::Hash>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
    clock: &DefaultClock,
) -> Result<(), Duration> {
    if limiter.len() >= KEYS_KEPT {
        limiter.retain_recent();
    }
    let wait = |refused: governor::NotUntil<_>| refused.wait_time_from(clock.now());
    limiter.check_key(key).map_err(wait)
}
