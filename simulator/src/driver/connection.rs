//! One connection: its client, what is under way on it, and how it comes back.

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Outgoing, Packet, QoS};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ledger::Ledger;
use super::{DriverOptions, Parcel, WINDOW};

/// Packet ids the client may use: far more than are ever under way, so that an id comes round only
/// long after its acknowledgement, whatever order a broker acknowledges in.
const PACKET_IDS: u16 = 1_000;

/// Without any acknowledgement for this long while messages are under way, the client is taken to
/// be wedged and built anew.
const STALLED_AFTER: Duration = Duration::from_secs(20);

const STALLED: &str = "connected, and nothing is acknowledged";

/// Pause before connecting again.
const RECONNECT_PAUSE: Duration = Duration::from_millis(250);

pub(super) struct Connection {
    options: MqttOptions,
    parcels: mpsc::Receiver<Parcel>,
    ledger: Arc<Ledger>,
    /// Given to the client, packet id not known yet; in order.
    handed: VecDeque<Parcel>,
    /// Sent and not acknowledged, by packet id.
    under_way: BTreeMap<u16, Parcel>,
    /// Order in which they were sent, for sending again.
    sent_order: VecDeque<u16>,
    /// When an acknowledgement last came, or the connection last had nothing to wait for.
    progress: Instant,
}

/// Why a client has to be replaced.
enum Broken {
    /// The connection failed, never came about, or nothing moves on it: why.
    Connection(String),
    /// The driver is gone and everything is acknowledged.
    Finished,
}

impl Connection {
    pub(super) fn new(
        options: &DriverOptions,
        number: usize,
        parcels: mpsc::Receiver<Parcel>,
        ledger: Arc<Ledger>,
    ) -> Self {
        let mut mqtt = options.mqtt(&number.to_string());
        mqtt.set_inflight(PACKET_IDS);
        Self {
            options: mqtt,
            parcels,
            ledger,
            handed: VecDeque::new(),
            under_way: BTreeMap::new(),
            sent_order: VecDeque::new(),
            progress: Instant::now(),
        }
    }

    /// Runs until the driver is gone and all it gave is acknowledged.
    pub(super) async fn run(mut self) {
        loop {
            let (client, events) = AsyncClient::new(self.options.clone(), WINDOW);
            match self.serve(&client, events).await {
                Broken::Finished => return,
                Broken::Connection(why) => {
                    tracing::debug!(why, "connection to the broker broke");
                    self.ledger.broke(why);
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                }
            }
        }
    }

    /// One life of a client, until it breaks.
    async fn serve(&mut self, client: &AsyncClient, mut events: EventLoop) -> Broken {
        self.progress = Instant::now();
        if let Err(broken) = self.send_again(client) {
            return broken;
        }
        loop {
            // Held across the inner loop, never cancelled: a poll given up half-way could lose the
            // connection it was making.
            let mut poll = pin!(events.poll());
            let event = loop {
                let busy = self.handed.len() + self.under_way.len();
                if busy == 0 {
                    self.progress = Instant::now();
                }
                tokio::select! {
                    biased;
                    event = &mut poll => break event,
                    parcel = self.parcels.recv(), if busy < WINDOW => match parcel {
                        Some(parcel) => if let Err(broken) = self.hand(client, parcel) {
                            return broken;
                        },
                        None if busy == 0 => return Broken::Finished,
                        // No more will come; wait for what is under way.
                        None => break poll.await,
                    },
                    () = tokio::time::sleep_until(self.progress + STALLED_AFTER), if busy > 0 => return Broken::Connection(STALLED.to_owned()),
                }
            };
            match event {
                Ok(event) => self.take(&event),
                Err(error) => return Broken::Connection(error.to_string()),
            }
        }
    }

    /// Everything unacknowledged goes to the new client first, in the order it was sent.
    fn send_again(&mut self, client: &AsyncClient) -> Result<(), Broken> {
        let mut waiting: VecDeque<Parcel> = VecDeque::new();
        for packet_id in std::mem::take(&mut self.sent_order) {
            waiting.extend(self.under_way.remove(&packet_id));
        }
        let again = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
        self.ledger
            .counts
            .send_modify(|counts| counts.resent += again);
        waiting.extend(std::mem::take(&mut self.handed));
        let mut outcome = Ok(());
        for parcel in waiting {
            if outcome.is_ok() {
                outcome = self.hand(client, parcel);
            } else {
                self.handed.push_back(parcel);
            }
        }
        outcome
    }

    /// Gives a parcel to the client. The client's queue holds [`WINDOW`], as many as are ever
    /// given to it, so there is room.
    fn hand(&mut self, client: &AsyncClient, parcel: Parcel) -> Result<(), Broken> {
        let upload = &parcel.upload;
        let given = client.try_publish(
            upload.topic.as_str(),
            QoS::AtLeastOnce,
            false,
            upload.payload.as_slice(),
        );
        // Kept in any case: it goes again with the next client.
        self.handed.push_back(parcel);
        given.map_err(|error| Broken::Connection(error.to_string()))
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of a publisher's many events three say where it stands"
    )]
    fn take(&mut self, event: &Event) {
        match event {
            Event::Outgoing(Outgoing::Publish(packet_id)) => {
                if let Some(parcel) = self.handed.pop_front() {
                    self.under_way.insert(*packet_id, parcel);
                    self.sent_order.push_back(*packet_id);
                }
            }
            Event::Incoming(Packet::PubAck(ack)) => self.acknowledged(ack.pkid),
            Event::Incoming(Packet::ConnAck(_)) => self.ledger.connected(),
            _ => {}
        }
    }

    fn acknowledged(&mut self, packet_id: u16) {
        let Some(parcel) = self.under_way.remove(&packet_id) else {
            return;
        };
        self.progress = Instant::now();
        self.sent_order.retain(|sent| *sent != packet_id);
        self.ledger
            .acknowledged(parcel.taken.elapsed(), parcel.measured);
    }
}
