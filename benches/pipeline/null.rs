//! A consumer that does nothing but acknowledge: what the broker alone can hand out.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use rumqttc::{AsyncClient, ConnectReturnCode, Event, EventLoop, MqttOptions, Packet, PubAck, QoS};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Requests that wait for the socket: acknowledgements are none of them.
const REQUESTS_MAX: usize = 10;

/// Messages acknowledged at once.
const BATCH_MESSAGES_MAX: usize = 500;

/// Nothing for so long, and what is missing does not come any more.
const STALLED_AFTER: Duration = Duration::from_secs(30);

/// Topics of its own, as long as those of tagwatch.
const ROOT: &str = "no/";

/// Sessions at a broker, as many as an installation of so many partitions has.
pub(crate) struct NullConsumer {
    port: u16,
    partitions: NonZeroU16,
}

/// What several connections have taken in together.
struct Count {
    expected: usize,
    taken: AtomicUsize,
    all: CancellationToken,
}

impl NullConsumer {
    /// Makes the sessions, in which messages are kept from now on.
    pub(crate) async fn subscribe(port: u16, partitions: NonZeroU16) -> anyhow::Result<Self> {
        let consumer = Self { port, partitions };
        for partition in 0..partitions.get() {
            let (client, mut events) = consumer.connect(partition, false).await?;
            let filter = format!("{ROOT}v1/{partition}/+/+");
            client.subscribe(filter, QoS::AtLeastOnce).await?;
            until(&mut events, |packet| matches!(packet, Packet::SubAck(_))).await?;
            leave(&client, &mut events).await;
        }
        Ok(consumer)
    }

    /// What is sent to tagwatch, sent to this.
    pub(crate) fn readdressed(
        messages: impl Iterator<Item = (String, Vec<u8>)> + Send + 'static,
    ) -> impl Iterator<Item = (String, Vec<u8>)> + Send + 'static {
        messages.map(|(topic, payload)| (topic.replacen("em/", ROOT, 1), payload))
    }

    /// Takes all in, and removes the sessions. How long it took from the first message to the last.
    pub(crate) async fn drain(self, messages: usize) -> anyhow::Result<Duration> {
        let count = Arc::new(Count {
            expected: messages,
            taken: AtomicUsize::new(0),
            all: CancellationToken::new(),
        });
        let mut connections = JoinSet::new();
        for partition in 0..self.partitions.get() {
            let (client, events) = self.connect(partition, false).await?;
            connections.spawn(count.clone().take(client, events));
        }
        let mut first = None;
        while let Some(joined) = connections.join_next().await {
            first = first.into_iter().chain(joined??).min();
        }
        let lasted = first.context("nothing came")?.elapsed();
        for partition in 0..self.partitions.get() {
            let (client, mut events) = self.connect(partition, true).await?;
            leave(&client, &mut events).await;
        }
        Ok(lasted)
    }

    async fn connect(
        &self,
        partition: u16,
        clean: bool,
    ) -> anyhow::Result<(AsyncClient, EventLoop)> {
        let mut options = MqttOptions::new(format!("null-{partition}"), "127.0.0.1", self.port);
        options
            .set_keep_alive(Duration::from_secs(60))
            .set_manual_acks(true)
            .set_clean_session(clean);
        let (client, mut events) = AsyncClient::new(options, REQUESTS_MAX);
        until(&mut events, |packet| {
            matches!(packet, Packet::ConnAck(ack) if ack.code == ConnectReturnCode::Success)
        })
        .await?;
        Ok((client, events))
    }
}

impl Count {
    /// Counts until all connections together have everything. When the first message came on this one.
    async fn take(
        self: Arc<Self>,
        client: AsyncClient,
        mut events: EventLoop,
    ) -> anyhow::Result<Option<Instant>> {
        let mut first = None;
        let mut unacknowledged = Vec::with_capacity(BATCH_MESSAGES_MAX);
        while !self.all.is_cancelled() {
            let Some(event) = self.next(&mut events, unacknowledged.is_empty()).await? else {
                acknowledge(&mut events, &mut unacknowledged).await?;
                continue;
            };
            let Event::Incoming(Packet::Publish(publish)) = event else {
                continue;
            };
            first = first.or_else(|| Some(Instant::now()));
            unacknowledged.push(publish.pkid);
            if unacknowledged.len() == BATCH_MESSAGES_MAX {
                acknowledge(&mut events, &mut unacknowledged).await?;
            }
            if self.taken.fetch_add(1, Ordering::Relaxed) + 1 == self.expected {
                self.all.cancel();
            }
        }
        acknowledge(&mut events, &mut unacknowledged).await?;
        leave(&client, &mut events).await;
        Ok(first)
    }

    /// The next event; none when all is taken in, or when nothing is there at once and `waits` is not said.
    async fn next(&self, events: &mut EventLoop, waits: bool) -> anyhow::Result<Option<Event>> {
        tokio::select! {
            biased;
            () = self.all.cancelled() => Ok(None),
            event = tokio::time::timeout(STALLED_AFTER, events.poll()) => Ok(Some(event.context("messages are missing")??)),
            () = std::future::ready(()), if !waits => Ok(None),
        }
    }
}

/// Acknowledges in one write, between two reads, as tagwatch does.
async fn acknowledge(events: &mut EventLoop, packets: &mut Vec<u16>) -> anyhow::Result<()> {
    let network = events.network.as_mut().context("not connected")?;
    for packet in packets.drain(..) {
        network.write(Packet::PubAck(PubAck::new(packet))).await?;
    }
    Ok(network.flush().await?)
}

/// Polls until such a packet comes.
async fn until(events: &mut EventLoop, is_it: impl Fn(&Packet) -> bool) -> anyhow::Result<()> {
    loop {
        if let Event::Incoming(packet) = events.poll().await?
            && is_it(&packet)
        {
            return Ok(());
        }
    }
}

/// Takes leave of the broker, which closes the connection.
async fn leave(client: &AsyncClient, events: &mut EventLoop) {
    if client.disconnect().await.is_ok() {
        while events.poll().await.is_ok() {}
    }
}
