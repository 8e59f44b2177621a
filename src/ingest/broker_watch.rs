//! Watching the broker: what it says that it dropped.
//!
//! A broker with a bound on queued messages drops what it has acknowledged to the device, and tells
//! nobody. Mosquitto at least counts: the count is looked at every few seconds, and what it grew by is
//! handed on. A broker without such a count says nothing, and neither does this.

use std::time::Duration;

use chrono::TimeDelta;
use model::Timestamp;
use rumqttc::{AsyncClient, Event, EventLoop, Packet, QoS};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::connect::{RECONNECT_MAX, REQUESTS_MAX, options, reconnect_waits};
use crate::config::MqttConfig;
use crate::runtime::clock::Clock;

/// Where Mosquitto counts the messages it dropped since it was started.
const DROPPED: &str = "$SYS/broker/publish/messages/dropped";

/// How often the count is looked at: how closely a loss is dated, beside the broker's own
/// `sys_interval`, whose default is the same.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How often a count that stands still is put on record, so that a loss while we are down is dated to
/// an hour.
const RECORD_EVERY: TimeDelta = TimeDelta::hours(1);

/// The broker's count at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Dropped since the broker was started.
    pub counter: u64,
    /// When it was looked at.
    pub at: Timestamp,
}

/// What has become of the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// When it was looked at before.
    pub from: Timestamp,
    /// What it is now.
    pub now: Counted,
    /// Dropped in between; 0 is worth recording now and then.
    pub messages: u64,
}

/// Follows the broker's count.
#[derive(Debug)]
struct Count {
    seen: Option<Counted>,
    recorded: Option<Timestamp>,
}

impl Count {
    /// Goes on from what is on record.
    fn new(recorded: Option<Counted>) -> Self {
        Self {
            seen: recorded,
            recorded: recorded.map(|counted| counted.at),
        }
    }

    /// Takes a look; tells of what was dropped since the last one, or that it is time to record. A
    /// count seen for the first time is where we begin: what was before was not ours. One that fell
    /// began anew with the broker, so all of it is new.
    fn look(&mut self, now: Counted) -> Option<Dropped> {
        let before = self.seen.replace(now).unwrap_or(now);
        let messages = now
            .counter
            .checked_sub(before.counter)
            .unwrap_or(now.counter);
        let is_on_record = |at: Timestamp| now.at.since(at) < RECORD_EVERY;
        if messages == 0 && self.recorded.is_some_and(is_on_record) {
            return None;
        }
        self.recorded = Some(now.at);
        Some(Dropped {
            from: before.at,
            now,
            messages,
        })
    }
}

/// Looks at the broker's count and hands on what becomes of it.
pub struct BrokerWatch {
    client_id: String,
    mqtt: MqttConfig,
    clock: Clock,
    count: Count,
    out: mpsc::Sender<Dropped>,
}

impl BrokerWatch {
    /// One that goes on from what is on record, and the end that hears of it.
    #[must_use]
    pub fn new(
        installation: &str,
        mqtt: MqttConfig,
        clock: Clock,
        recorded: Option<Counted>,
    ) -> (Self, mpsc::Receiver<Dropped>) {
        // One: whoever hears of it writes it down before the next is looked at.
        let (out, heard) = mpsc::channel(1);
        let watch = Self {
            client_id: format!("{installation}-watch"),
            mqtt,
            clock,
            count: Count::new(recorded),
            out,
        };
        (watch, heard)
    }

    /// Runs until told to stop, or until nobody hears.
    pub async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.watch() => {}
        }
    }

    async fn watch(&mut self) {
        let mut waits = reconnect_waits();
        while !self.out.is_closed() {
            if self.one_connection().await {
                waits = reconnect_waits();
            }
            tokio::time::sleep(waits.next().unwrap_or(RECONNECT_MAX)).await;
        }
    }

    /// Runs one connection to its end; tells whether the broker had accepted it.
    async fn one_connection(&mut self) -> bool {
        let mut options = options(&self.client_id, &self.mqtt);
        options.set_clean_session(true).set_manual_acks(false);
        let (client, events) = AsyncClient::new(options, REQUESTS_MAX);
        // Ends with this connection.
        let _asking = AbortOnDropHandle::new(tokio::spawn(ask(client)));
        self.listen(events).await
    }

    async fn listen(&mut self, mut events: EventLoop) -> bool {
        let mut accepted = false;
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let Some(counter) = parse(&publish.payload) else {
                        tracing::debug!(topic = publish.topic, "not a count");
                        continue;
                    };
                    let at = self.clock.now();
                    if let Some(dropped) = self.count.look(Counted { counter, at })
                        && self.out.send(dropped).await.is_err()
                    {
                        return accepted;
                    }
                }
                Ok(Event::Incoming(Packet::ConnAck(_))) => accepted = true,
                Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
                // The partitions' sessions say so when the broker cannot be reached.
                Err(error) => {
                    tracing::debug!(client_id = self.client_id, %error, "connection lost");
                    return accepted;
                }
            }
        }
    }
}

/// Subscribes again and again: each time the broker sends the count as it stands, changed or not.
async fn ask(client: AsyncClient) {
    while client.subscribe(DROPPED, QoS::AtMostOnce).await.is_ok() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn parse(payload: &[u8]) -> Option<u64> {
    std::str::from_utf8(payload).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        start.plus(TimeDelta::seconds(seconds))
    }

    /// What is told of each look: messages, and seconds since the look before.
    fn told(recorded: Option<(u64, i64)>, looks: &[(u64, i64)]) -> Vec<Option<(u64, i64)>> {
        let counted = |(counter, seconds)| Counted {
            counter,
            at: at(seconds),
        };
        let mut count = Count::new(recorded.map(counted));
        let mut look = |one: &(u64, i64)| {
            let dropped = count.look(counted(*one))?;
            let span = dropped.now.at.since(dropped.from);
            Some((dropped.messages, span.num_seconds()))
        };
        looks.iter().map(&mut look).collect()
    }

    #[test]
    fn growth_is_told_and_a_count_that_stands_still_is_not() {
        let looks = [(5, 0), (5, 10), (12, 20), (12, 30)];
        assert_eq!(
            told(None, &looks),
            [Some((0, 0)), None, Some((7, 10)), None],
            "where it begins is put on record"
        );
    }

    #[test]
    fn a_count_that_falls_is_no_growth_but_what_it_has_grown_to_since_is() {
        assert_eq!(told(Some((900, 0)), &[(0, 10)]), [None]);
        assert_eq!(told(Some((900, 0)), &[(3, 10)]), [Some((3, 10))]);
    }

    #[test]
    fn what_was_dropped_while_we_were_down_is_found_from_the_record() {
        assert_eq!(told(Some((900, 0)), &[(990, 600)]), [Some((90, 600))]);
    }

    #[test]
    fn a_count_that_stands_still_is_recorded_once_an_hour() {
        let looks = [(5, 3_599), (5, 3_600), (5, 3_610), (5, 7_200)];
        let recorded = [None, Some((0, 1)), None, Some((0, 3_590))];
        assert_eq!(told(Some((5, 0)), &looks), recorded);
    }

    #[test]
    fn what_is_no_count_is_not_taken_for_one() {
        assert_eq!(parse(b"42"), Some(42));
        for payload in [&b""[..], b"-1", b"many", b"\xff", b"1.5"] {
            assert_eq!(parse(payload), None);
        }
    }
}
