//! Trying a broker out: what becomes of messages while their session is away?
//!
//! By doing, because no broker tells its bounds: a session of its own, on a topic of its own, goes away,
//! more is published than the usual default keeps, and the session comes back and counts. Nothing of it
//! is left with the broker afterwards.

mod finding;
mod link;

use std::collections::BTreeSet;
use std::time::Duration;

use rumqttc::{MqttOptions, Publish};

use finding::{DROPS, NARROW, NOT_ALLOWED, ORDER, SESSION, SIZE, WIDE};
pub use finding::{Finding, Gravity};
use link::Link;
pub use link::ProbeError;

use super::connect::options;
use crate::config::MqttConfig;

/// Published while the session is away: five times the usual default bound (Mosquitto and EMQX: 1000), and more than the
/// settings we ship let a session hold unacknowledged.
pub const AWAY_MESSAGES: usize = 5_000;

/// A broker that has sent nothing for so long has nothing more to send.
const QUIET: Duration = Duration::from_secs(2);

/// A message that a broker is asked for is there by then.
const SOON: Duration = Duration::from_secs(5);

/// With fewer messages unacknowledged at once, commits are small: Mosquitto's default, 20, is.
const INFLIGHT_MIN: usize = 100;

/// Tries a broker out.
#[derive(Debug)]
pub struct Probe<'a> {
    mqtt: &'a MqttConfig,
    /// Client ids and topic, unlike those of any other probe.
    name: String,
}

/// What a session was handed.
struct Received {
    numbers: Vec<usize>,
    /// So many before the first was acknowledged.
    inflight: usize,
}

impl<'a> Probe<'a> {
    /// A probe of this broker; `unique` tells it from any other.
    #[must_use]
    pub fn new(mqtt: &'a MqttConfig, unique: &str) -> Self {
        Self {
            mqtt,
            name: format!("tagwatch-probe-{unique}"),
        }
    }

    /// Tries everything, and leaves nothing behind.
    ///
    /// # Errors
    /// When the broker cannot be reached, or goes away.
    pub async fn run(&self) -> Result<Vec<Finding>, ProbeError> {
        let findings = self.try_out().await;
        let clean = self.clean_up().await;
        let findings = findings?;
        clean.map(|()| findings)
    }

    async fn try_out(&self) -> Result<Vec<Finding>, ProbeError> {
        let mut session = Link::open(self.session()).await?;
        if !session.subscribe(&self.topic()).await? || !self.comes_through(&mut session, 1).await? {
            let seen = format!("nothing published on {} comes back", self.topic());
            return Ok(vec![Finding::bad(Gravity::Grave, seen, NOT_ALLOWED)]);
        }
        let large = self
            .comes_through(&mut session, wire::PAYLOAD_BYTES_MAX)
            .await?;
        session.close().await;
        let acknowledged = self.publish(numbered()).await?;
        let mut session = Link::open(self.session()).await?;
        let mut findings = vec![size(large)];
        if session.session_present {
            findings.push(Finding::good("the session was kept while away".to_owned()));
            let received = receive(&mut session).await?;
            findings.extend(away(acknowledged, &received));
            findings.push(inflight(received.inflight, self.mqtt.inflight_max));
        } else {
            let seen = "the session was not kept while away".to_owned();
            findings.push(Finding::bad(Gravity::Grave, seen, SESSION));
        }
        session.close().await;
        Ok(findings)
    }

    /// Whether a message of this size reaches the session.
    async fn comes_through(&self, session: &mut Link, bytes: usize) -> Result<bool, ProbeError> {
        // A broker may close the connection that a message was too large for.
        match self.publish(std::iter::once(vec![b' '; bytes])).await {
            Ok(_) | Err(ProbeError::Lost(_)) => {}
            Err(error) => return Err(error),
        }
        let Some(publish) = session.message(SOON).await? else {
            return Ok(false);
        };
        session.acknowledge(&publish).await?;
        Ok(publish.payload.len() == bytes)
    }

    async fn publish(
        &self,
        payloads: impl ExactSizeIterator<Item = Vec<u8>>,
    ) -> Result<usize, ProbeError> {
        let mut options = options(&format!("{}-publisher", self.name), self.mqtt);
        options.set_clean_session(true);
        let mut publisher = Link::open(options).await?;
        let acknowledged = publisher.publish(&self.topic(), payloads).await?;
        publisher.close().await;
        Ok(acknowledged)
    }

    /// A clean session in the place of ours takes it, and what is queued for it, away.
    async fn clean_up(&self) -> Result<(), ProbeError> {
        let mut options = self.session();
        options.set_clean_session(true);
        Link::open(options).await?.close().await;
        Ok(())
    }

    fn session(&self) -> MqttOptions {
        options(&self.name, self.mqtt)
    }

    fn topic(&self) -> String {
        format!("tagwatch/probe/{}", self.name)
    }
}

fn numbered() -> impl ExactSizeIterator<Item = Vec<u8>> {
    (0..AWAY_MESSAGES).map(|number| number.to_string().into_bytes())
}

/// Takes everything, the first wave unacknowledged until the broker waits for us.
async fn receive(session: &mut Link) -> Result<Received, ProbeError> {
    let mut held: Vec<Publish> = Vec::new();
    while held.len() < AWAY_MESSAGES
        && let Some(publish) = session.message(QUIET).await?
    {
        held.push(publish);
    }
    let mut received = Received {
        inflight: held.len(),
        numbers: Vec::with_capacity(AWAY_MESSAGES),
    };
    for publish in &held {
        received.numbers.extend(number(publish));
        session.acknowledge(publish).await?;
    }
    while received.numbers.len() < AWAY_MESSAGES
        && let Some(publish) = session.message(QUIET).await?
    {
        received.numbers.extend(number(&publish));
        session.acknowledge(&publish).await?;
    }
    Ok(received)
}

fn number(publish: &Publish) -> Option<usize> {
    std::str::from_utf8(&publish.payload).ok()?.parse().ok()
}

fn size(large: bool) -> Finding {
    let bytes = wire::PAYLOAD_BYTES_MAX;
    if large {
        return Finding::good(format!("a message of {bytes} bytes came through"));
    }
    let seen = format!("a message of {bytes} bytes did not come through");
    Finding::bad(Gravity::Grave, seen, SIZE)
}

/// What became of the messages that were published while the session was away.
fn away(acknowledged: usize, received: &Received) -> Vec<Finding> {
    let distinct: BTreeSet<&usize> = received.numbers.iter().collect();
    let count = distinct.len();
    let seen = format!("{count} of {acknowledged} messages published while away were kept");
    let mut findings = vec![if count < acknowledged {
        Finding::bad(Gravity::Grave, seen, DROPS)
    } else {
        Finding::good(seen)
    }];
    if !received.numbers.is_sorted() {
        let seen = "messages came out of order".to_owned();
        findings.push(Finding::bad(Gravity::Warning, seen, ORDER));
    }
    findings
}

fn inflight(seen: usize, ours: usize) -> Finding {
    let words = if seen < AWAY_MESSAGES {
        format!("up to {seen} messages unacknowledged at once")
    } else {
        format!("{seen} messages unacknowledged at once, and more if there were")
    };
    if seen < INFLIGHT_MIN {
        Finding::bad(Gravity::Warning, words, NARROW)
    } else if seen > ours {
        Finding::bad(Gravity::Warning, words, WIDE)
    } else {
        Finding::good(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(numbers: impl IntoIterator<Item = usize>) -> Received {
        Received {
            numbers: numbers.into_iter().collect(),
            inflight: 10,
        }
    }

    fn gravities(findings: &[Finding]) -> Vec<Gravity> {
        findings.iter().map(|finding| finding.gravity).collect()
    }

    #[test]
    fn what_was_acknowledged_and_does_not_come_is_a_problem_and_a_repeat_is_not() {
        assert_eq!(gravities(&away(5, &received(0..5))), [Gravity::Good]);
        let lost = away(5, &received([0, 1, 1, 2, 4]));
        assert_eq!(gravities(&lost), [Gravity::Grave]);
        assert!(lost[0].seen.contains("4 of 5"), "{lost:?}");
        assert!(lost[0].to_string().contains("max_queued_messages"));
    }

    #[test]
    fn messages_out_of_order_are_warned_of() {
        let shuffled = away(3, &received([0, 2, 1]));
        assert_eq!(gravities(&shuffled), [Gravity::Good, Gravity::Warning]);
    }

    #[test]
    fn too_few_and_too_many_in_flight_are_warned_of() {
        let gravity = |seen| inflight(seen, 1_500).gravity;
        assert_eq!(gravity(20), Gravity::Warning);
        assert_eq!(gravity(1_000), Gravity::Good);
        assert_eq!(gravity(AWAY_MESSAGES), Gravity::Warning);
    }
}
