//! Acknowledgements as the broker sees them: none before the commit, all in the order received.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::BytesMut;
use rumqttc::mqttbytes::{self, v4};
use rumqttc::{Packet, QoS};

use super::books::{Books, Fact};
use crate::harness::Tap;

/// Larger than anything that is sent here.
const PACKET_BYTES_MAX: usize = 1024 * 1024;

/// Findings kept: the first ones tell what is wrong.
const FINDINGS_MAX: usize = 20;

/// What was seen on the line between tagwatch and the broker.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Acknowledgements that passed.
    pub(super) acknowledged: usize,
    /// Delivered to each client on its newest connection and not acknowledged yet.
    pub(super) outstanding: BTreeMap<String, usize>,
    /// When each client's subscription was last confirmed.
    pub(super) subscribed: BTreeMap<String, Instant>,
    /// What must not be.
    pub(super) findings: Vec<String>,
}

/// Listens to one connection.
pub(super) struct AckTap {
    books: Books,
    seen: Arc<Mutex<Seen>>,
    client_id: String,
    from_client: BytesMut,
    from_server: BytesMut,
    /// Delivered on this connection and not acknowledged yet, in order.
    outstanding: VecDeque<(u16, Fact)>,
}

impl AckTap {
    pub(super) fn new(books: Books, seen: Arc<Mutex<Seen>>) -> Self {
        Self {
            books,
            seen,
            client_id: String::new(),
            from_client: BytesMut::new(),
            from_server: BytesMut::new(),
            outstanding: VecDeque::new(),
        }
    }

    fn acknowledged(&mut self, packet_id: u16) -> Option<Fact> {
        let place = self
            .outstanding
            .iter()
            .position(|(delivered, _)| *delivered == packet_id);
        match place {
            Some(0) => {}
            Some(place) => self.find(&format!(
                "packet {packet_id} acknowledged {place} too early"
            )),
            None => self.find(&format!("packet {packet_id} acknowledged, never delivered")),
        }
        self.outstanding.remove(place?).map(|(_, fact)| fact)
    }

    fn note_outstanding(&self) {
        let outstanding = &mut self.seen.lock().unwrap().outstanding;
        outstanding.insert(self.client_id.clone(), self.outstanding.len());
    }

    fn find(&self, finding: &str) {
        let findings = &mut self.seen.lock().unwrap().findings;
        if findings.len() < FINDINGS_MAX {
            findings.push(format!("{}: {finding}", self.client_id));
        }
    }
}

impl Tap for AckTap {
    fn client_says(&mut self, bytes: &[u8]) {
        self.from_client.extend_from_slice(bytes);
        let mut facts = Vec::new();
        while let Some(packet) = next_packet(&mut self.from_client) {
            match packet {
                Packet::Connect(connect) => self.client_id = connect.client_id,
                Packet::PubAck(ack) => facts.extend(self.acknowledged(ack.pkid)),
                _ => {}
            }
        }
        self.note_outstanding();
        self.seen.lock().unwrap().acknowledged += facts.len();
        for fact in self.books.lacks(&facts) {
            self.find(&format!("acknowledged before it is kept: {fact:?}"));
        }
    }

    fn server_says(&mut self, bytes: &[u8]) {
        self.from_server.extend_from_slice(bytes);
        while let Some(packet) = next_packet(&mut self.from_server) {
            match packet {
                Packet::Publish(publish) if publish.qos == QoS::AtLeastOnce => {
                    let fact = Fact::of(&publish.topic, &publish.payload);
                    self.outstanding.push_back((publish.pkid, fact));
                }
                Packet::SubAck(_) => {
                    let subscribed = &mut self.seen.lock().unwrap().subscribed;
                    subscribed.insert(self.client_id.clone(), Instant::now());
                }
                _ => {}
            }
        }
        self.note_outstanding();
    }
}

fn next_packet(bytes: &mut BytesMut) -> Option<Packet> {
    match v4::Packet::read(bytes, PACKET_BYTES_MAX) {
        Ok(packet) => Some(packet),
        Err(mqttbytes::Error::InsufficientBytes(_)) => None,
        Err(error) => panic!("not MQTT: {error}"),
    }
}
