//! Tags of the harness's own, with a log of what the broker acknowledged and when.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use tokio::sync::mpsc;

use super::books::Fact;
use crate::harness::{fix, topic};

/// Steps of everybody's walk, a minute of their time each.
pub(super) const STEPS: u64 = 150;

/// Real time between steps: the load lasts six seconds, so that troubles fall into the middle of it.
const STEP: Duration = Duration::from_millis(40);

const STEP_MS: i64 = 60_000;

/// Messages under way at once. At most rumqttc's own bound, so that it never holds one back.
const UNDER_WAY_MAX: usize = 50;

/// How soon tags notice that their broker is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// How often they try to connect again.
const RECONNECT: Duration = Duration::from_millis(200);

/// Every so many steps, something comes that is no reading.
const JUNK_EVERY: u64 = 50;

/// A message, and when the broker last acknowledged it.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) acknowledged: Option<Instant>,
}

impl Upload {
    fn new(topic: String, payload: Vec<u8>) -> Self {
        Self {
            topic,
            payload,
            acknowledged: None,
        }
    }

    pub(super) fn fact(&self) -> Fact {
        Fact::of(&self.topic, &self.payload)
    }
}

/// Everybody's walk into the zone and out, one after the other, up to now.
pub(super) fn walks(wearers: usize, partitions: u16) -> Vec<Upload> {
    let steps_ms = i64::try_from(STEPS).unwrap() * STEP_MS;
    let start_ms = chrono::Utc::now().timestamp_millis() - steps_ms;
    let mut uploads = Vec::new();
    for step in 0..STEPS {
        let t_ms = start_ms + i64::try_from(step).unwrap() * STEP_MS;
        for number in 0..wearers {
            let payload = fix(step + 1, t_ms, north_m(number, step)).to_string();
            uploads.push(Upload::new(topic(number, partitions), payload.into_bytes()));
        }
        if step % JUNK_EVERY == 0 {
            let junk = format!("no reading, at step {step}");
            uploads.push(Upload::new(topic(0, partitions), junk.into_bytes()));
        }
    }
    uploads
}

/// How many of all messages are no readings.
pub(super) fn junk_in_all() -> usize {
    usize::try_from(STEPS.div_ceil(JUNK_EVERY)).unwrap()
}

/// Metres north of the zone's middle: in for forty minutes, each wearer a minute after the one before.
fn north_m(number: usize, step: u64) -> f64 {
    let enters = 40 + u64::try_from(number % 20).unwrap();
    if (enters..enters + 40).contains(&step) {
        20.0
    } else {
        600.0
    }
}

/// Tags under way.
pub(super) struct Tags {
    log: Arc<Mutex<Vec<Upload>>>,
    sending: JoinHandle<()>,
}

impl Tags {
    /// Uploads at the pace of the walks, over as many connections as it takes, each message until it
    /// is acknowledged.
    pub(super) fn walk(port: u16, uploads: Vec<Upload>) -> Self {
        let each = STEP.mul_f64(1.0 / per_step(&uploads));
        Self::start(port, uploads, each)
    }

    /// Uploads as fast as it goes.
    pub(super) fn hurry(port: u16, uploads: Vec<Upload>) -> Self {
        Self::start(port, uploads, Duration::ZERO)
    }

    fn start(port: u16, uploads: Vec<Upload>, each: Duration) -> Self {
        let log = Arc::new(Mutex::new(uploads));
        let writing = Arc::clone(&log);
        let sending = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(Sending::new(writing, each).run(port));
        });
        Self { log, sending }
    }

    pub(super) fn is_done(&self) -> bool {
        self.sending.is_finished()
    }

    /// Waits until all is acknowledged.
    pub(super) fn finish(self) -> Vec<Upload> {
        self.sending.join().unwrap();
        Arc::into_inner(self.log).unwrap().into_inner().unwrap()
    }
}

fn per_step(uploads: &[Upload]) -> f64 {
    let (count, steps) = (uploads.len(), STEPS);
    f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(steps).unwrap())
}

struct Sending {
    log: Arc<Mutex<Vec<Upload>>>,
    started: Instant,
    each: Duration,
    next: usize,
    under_way: VecDeque<usize>,
    count: usize,
}

impl Sending {
    fn new(log: Arc<Mutex<Vec<Upload>>>, each: Duration) -> Self {
        let count = log.lock().unwrap().len();
        Self {
            log,
            started: Instant::now(),
            each,
            next: 0,
            under_way: VecDeque::new(),
            count,
        }
    }

    fn is_done(&self) -> bool {
        self.next == self.count && self.under_way.is_empty()
    }

    async fn run(mut self, port: u16) {
        while !self.is_done() {
            let mut options = MqttOptions::new("tags", "127.0.0.1", port);
            options.set_keep_alive(KEEP_ALIVE);
            // A client of its own for each connection: what was under way is sent again from here.
            let (client, events) = AsyncClient::new(options, UNDER_WAY_MAX + 1);
            let (acks, acked) = mpsc::channel(UNDER_WAY_MAX);
            let polling = tokio::spawn(poll(events, acks));
            self.one_connection(&client, acked).await;
            polling.abort();
            tokio::time::sleep(RECONNECT).await;
        }
    }

    async fn one_connection(&mut self, client: &AsyncClient, mut acked: mpsc::Receiver<()>) {
        for number in &self.under_way {
            self.send(client, *number);
        }
        while !self.is_done() {
            while self.under_way.len() < UNDER_WAY_MAX && self.is_due() {
                self.send(client, self.next);
                self.under_way.push_back(self.next);
                self.next += 1;
            }
            match tokio::time::timeout(STEP, acked.recv()).await {
                // Brokers acknowledge in the order published (MQTT 3.1.1 §4.6): the oldest is meant.
                Ok(Some(())) => {
                    let number = self.under_way.pop_front().unwrap();
                    self.log.lock().unwrap()[number].acknowledged = Some(Instant::now());
                }
                Ok(None) => return,
                Err(_nothing_yet) => {}
            }
        }
    }

    fn is_due(&self) -> bool {
        let due = self.each * u32::try_from(self.next).unwrap();
        self.next < self.count && self.started.elapsed() >= due
    }

    fn send(&self, client: &AsyncClient, number: usize) {
        let upload = self.log.lock().unwrap()[number].clone();
        // There is always room. It fails on a connection that is lost: then it is sent again.
        drop(client.try_publish(upload.topic, QoS::AtLeastOnce, false, upload.payload));
    }
}

async fn poll(mut events: EventLoop, acks: mpsc::Sender<()>) {
    while let Ok(event) = events.poll().await {
        if let Event::Incoming(Packet::PubAck(_)) = event
            && acks.send(()).await.is_err()
        {
            return;
        }
    }
}
