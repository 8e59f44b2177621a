//! What was found about a broker, in words.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// As it must be.
    Good,
    /// It works, and not as well as it could.
    Warning,
    /// Readings would be lost.
    Grave,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub gravity: Gravity,
    /// What was seen.
    pub seen: String,
    /// What that means, and which setting to change.
    pub advice: &'static str,
}

impl Finding {
    /// All is well.
    pub(super) const fn good(seen: String) -> Self {
        Self {
            gravity: Gravity::Good,
            seen,
            advice: "",
        }
    }

    pub(super) const fn bad(gravity: Gravity, seen: String, advice: &'static str) -> Self {
        Self {
            gravity,
            seen,
            advice,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.gravity {
            Gravity::Good => "ok",
            Gravity::Warning => "warning",
            Gravity::Grave => "problem",
        };
        write!(f, "{mark}: {}", self.seen)?;
        if self.advice.is_empty() {
            return Ok(());
        }
        write!(f, "\n  {}", self.advice)
    }
}

pub(super) const NOT_ALLOWED: &str = "The broker's access rules keep tagwatch from trying it out: let \
    its user read and write tagwatch/probe/#.";

pub(super) const SESSION: &str = "Whatever comes while tagwatch is away is lost. Mosquitto: leave \
    persistent_client_expiration unset; EMQX: raise mqtt.session_expiry_interval.";

pub(super) const DROPS: &str = "The broker had acknowledged them: it loses readings as soon as tagwatch \
    is slow or away for a moment. Mosquitto: max_queued_messages 0, with max_queued_bytes as the bound \
    (deploy/mosquitto/tagwatch.conf); EMQX: mqtt.max_mqueue_len = infinity.";

pub(super) const SIZE: &str = "Tags that upload what they kept send messages of this size. Mosquitto: \
    raise message_size_limit; EMQX: mqtt.max_packet_size.";

pub(super) const ORDER: &str = "tagwatch judges readings in the order in which devices sent them; out of \
    order they are late evidence, which costs more and decides later.";

pub(super) const NARROW: &str = "Each commit waits for the network. Mosquitto: max_inflight_messages \
    4000; EMQX: mqtt.max_inflight.";

pub(super) const WIDE: &str = "More than mqtt.inflight_max of tagwatch's configuration: it stops reading \
    from the broker then, instead of the broker waiting. Raise the one or lower the other.";
