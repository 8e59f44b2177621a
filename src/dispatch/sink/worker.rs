//! Takes from queues what a sink passes on.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use model::{Recipient, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Failure, Message, Sink};
use crate::config::{QueuePattern, SinkConfig};
use crate::dispatch::ClaimError;
use crate::dispatch::queue::{Claim, LEASE_DEFAULT, Queues, retry_after};
use crate::metrics::{Metrics, SinkOutcome};
use crate::runtime::clock::Clock;
use crate::store::{Again, CLAIM_MAX, Delivery, StoreError};

/// How often queues are looked at when nobody says that there is something new: what was given back
/// becomes due without a word.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The waits while the remote end is away: short enough that an alert that must be known within four
/// minutes still is, when it comes back.
const AWAY_FIRST: Duration = Duration::from_secs(1);
const AWAY_MAX: Duration = Duration::from_secs(15);

/// What a worker works with.
pub struct WorkerParts {
    /// The name of the installation, the source of its events.
    pub installation: String,
    /// The recipients' queues.
    pub queues: Queues,
    /// Wakes it: the number of the newest event. Only a hint.
    pub newest_event: watch::Receiver<u64>,
    /// The counters.
    pub metrics: Arc<Metrics>,
}

/// Passes on what is in the queues of one sink.
pub struct Worker {
    name: String,
    patterns: Vec<QueuePattern>,
    concurrency: usize,
    /// Counts the rounds.
    turns: usize,
    sink: Box<dyn Sink>,
    parts: WorkerParts,
}

/// What came of one look at the queues.
#[derive(Debug, Default)]
struct Round {
    /// How many were passed on, or given up.
    settled: usize,
    /// Why the remote end takes nothing, and when it wants to be asked again.
    away: Option<(String, Option<Duration>)>,
}

impl Worker {
    /// Makes one ready.
    ///
    /// # Errors
    /// What is wrong with its settings, in words.
    pub fn new(config: &SinkConfig, parts: WorkerParts) -> Result<Self, String> {
        parts.metrics.sink(&config.name);
        Ok(Self {
            name: config.name.clone(),
            patterns: config.queues.clone(),
            concurrency: config.concurrency.get(),
            turns: 0,
            sink: super::open(config, &parts.installation)?,
            parts,
        })
    }

    /// Passes on until told to stop; what is under way then is finished, the rest given back.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut wait = AWAY_FIRST;
        while !stop.is_cancelled() {
            let pause = match self.round(&stop).await {
                Ok(Round {
                    away: None,
                    settled,
                }) => {
                    if wait > AWAY_FIRST && settled > 0 {
                        tracing::info!(sink = self.name, "the sink takes notifications again");
                        wait = AWAY_FIRST;
                    }
                    (settled == 0).then_some(LOOK_EVERY)
                }
                Ok(Round {
                    away: Some((reason, asked)),
                    ..
                }) => {
                    if wait == AWAY_FIRST {
                        self.say_away(&reason);
                    }
                    let pause = asked.unwrap_or(wait);
                    wait = (wait * 2).min(AWAY_MAX);
                    Some(pause)
                }
                Err(error) => {
                    tracing::warn!(sink = self.name, %error, "no notifications from the store");
                    Some(AWAY_FIRST)
                }
            };
            if let Some(pause) = pause {
                self.rest(pause, &stop).await;
            }
        }
    }

    fn say_away(&self, reason: &str) {
        let sink = &self.name;
        tracing::warn!(sink, reason, "the sink takes nothing; its queues wait");
    }

    /// Until there is something new, or the time is over. While the remote end is away only time helps.
    async fn rest(&mut self, pause: Duration, stop: &CancellationToken) {
        let news = async {
            if pause > LOOK_EVERY || self.parts.newest_event.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = news => {}
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => {}
        }
    }

    /// Takes as many as may be under way, and passes them on: the wearers beside each other, each in
    /// order.
    async fn round(&mut self, stop: &CancellationToken) -> Result<Round, StoreError> {
        let mut groups = Vec::new();
        let mut room = self.concurrency;
        for queue in self.filled().await? {
            let claimed = self.claim(queue, room).await?;
            room -= claimed.len();
            groups.extend(by_wearer(claimed));
            if room == 0 {
                break;
            }
        }
        let halt = stop.child_token();
        let rounds = groups.into_iter().map(|group| self.pass_on(group, &halt));
        Ok(join(join_all(rounds).await))
    }

    /// Its queues in which something waits, each time beginning with another, so that none waits for
    /// a full one.
    async fn filled(&mut self) -> Result<Vec<Recipient>, StoreError> {
        let queues = self.parts.queues.list(now()).await?;
        let mine = queues.into_iter().filter(|queue| {
            queue.ready > 0 && self.patterns.iter().any(|p| p.matches(&queue.recipient))
        });
        let mut filled: Vec<Recipient> = mine.map(|queue| queue.recipient).collect();
        self.turns = self.turns.wrapping_add(1);
        let begin = self.turns.checked_rem(filled.len()).unwrap_or_default();
        filled.rotate_left(begin);
        Ok(filled)
    }

    async fn claim(&self, recipient: Recipient, room: usize) -> Result<Vec<Delivery>, StoreError> {
        let claim = Claim {
            recipient,
            consumer: format!("sink:{}", self.name),
            max: Some(room.min(CLAIM_MAX)),
            lease: None,
        };
        match self.parts.queues.claim(claim, now()).await {
            Ok(deliveries) => Ok(deliveries),
            Err(ClaimError::Store(error)) => Err(error),
            Err(error @ (ClaimError::Max(_) | ClaimError::Lease(_) | ClaimError::Consumer(_))) => {
                Err(StoreError::Unavailable(error.to_string()))
            }
        }
    }

    /// Passes on what is about one wearer, in order. When one fails that may be taken later, those
    /// after it wait for it.
    async fn pass_on(&self, group: Vec<Delivery>, halt: &CancellationToken) -> Round {
        let mut round = Round::default();
        let mut waits_until = None;
        for (place, delivery) in group.iter().enumerate() {
            if waits_until.is_some() || halt.is_cancelled() {
                let at = waits_until.unwrap_or_else(now);
                self.give_back(delivery, "not its turn", Again::Untried { at })
                    .await;
                continue;
            }
            self.keep(group.iter().skip(place)).await;
            match self.one(delivery).await {
                Step::Settled => round.settled += 1,
                Step::Waits(until) => waits_until = Some(until),
                Step::Away { reason, asked } => {
                    halt.cancel();
                    round.away = Some((reason, asked));
                    waits_until = Some(now());
                }
            }
        }
        round
    }

    async fn one(&self, delivery: &Delivery) -> Step {
        let passed_on = match self.message(delivery).await {
            Ok(message) => self.sink.deliver(&message).await,
            Err(failure) => Err(failure),
        };
        match passed_on {
            Ok(answer) => self.acknowledge(delivery, &answer).await,
            Err(failure) => self.failed(delivery, failure).await,
        }
    }

    async fn message(&self, delivery: &Delivery) -> Result<Message, Failure> {
        let (queues, installation) = (&self.parts.queues, &self.parts.installation);
        let event = queues.event(delivery.notification.clone(), installation);
        let event = event.await;
        Message::new(&event.map_err(|error| Failure::away(error.to_string()))?)
    }

    /// Extends leases of which less than half is left: no remote end is waited for that long.
    async fn keep(&self, group: impl Iterator<Item = &Delivery>) {
        for delivery in group {
            let now = now();
            if delivery.lease_until.since(now) > LEASE_DEFAULT / 2 {
                continue;
            }
            if let Err(error) = self.parts.queues.keep(&delivery.receipt, now).await {
                tracing::warn!(sink = self.name, %error, "a lease is lost before its turn");
            }
        }
    }

    async fn acknowledge(&self, delivery: &Delivery, answer: &str) -> Step {
        self.count(SinkOutcome::Delivered);
        let receipt = delivery.receipt.to_string();
        let acknowledged = self.parts.queues.ack(&receipt, Some(answer), now()).await;
        match acknowledged {
            Ok(()) => Step::Settled,
            Err(error) => {
                let notification = delivery.receipt.notification;
                tracing::warn!(sink = self.name, %notification, %error, "passed on, and will be again");
                Step::Waits(now())
            }
        }
    }

    async fn failed(&self, delivery: &Delivery, failure: Failure) -> Step {
        let reason = failure.reason().to_owned();
        let (outcome, again, step) = match failure {
            Failure::Away {
                reason,
                retry_after: asked,
            } => {
                let again = Again::Untried { at: now() };
                (SinkOutcome::Away, again, Step::Away { reason, asked })
            }
            Failure::Failed { .. } => {
                let at = now().plus(retry_after(&delivery.receipt));
                let again = self.parts.queues.retry(at);
                (SinkOutcome::Failed, again, Step::Waits(at))
            }
            Failure::Refused { .. } => (SinkOutcome::Refused, Again::Never, Step::Settled),
        };
        self.count(outcome);
        self.give_back(delivery, &reason, again).await;
        step
    }

    async fn give_back(&self, delivery: &Delivery, reason: &str, again: Again) {
        let queues = &self.parts.queues;
        let given_back = queues.give_back(delivery.receipt, reason.to_owned(), again, now());
        if let Err(error) = given_back.await {
            tracing::warn!(sink = self.name, %error, "a delivery stays leased until its lease ends");
        }
    }

    fn count(&self, outcome: SinkOutcome) {
        self.parts.metrics.sink_delivery(&self.name, outcome);
    }
}

/// What came of one delivery.
enum Step {
    /// It was passed on, or will never be.
    Settled,
    /// Those after it wait until then.
    Waits(Timestamp),
    /// The remote end takes nothing.
    Away {
        reason: String,
        asked: Option<Duration>,
    },
}

/// Leases are about real people's time.
fn now() -> Timestamp {
    Clock::system().now()
}

/// Groups what is about one wearer, in order.
fn by_wearer(deliveries: Vec<Delivery>) -> Vec<Vec<Delivery>> {
    let mut groups: Vec<Vec<Delivery>> = Vec::new();
    for delivery in deliveries {
        let wearer = &delivery.notification.decision.wearer;
        let group = groups.iter_mut().find(|group| {
            let first = group.first();
            first.is_some_and(|first| first.notification.decision.wearer == *wearer)
        });
        match group {
            Some(group) => group.push(delivery),
            None => groups.push(vec![delivery]),
        }
    }
    groups
}

fn join(rounds: Vec<Round>) -> Round {
    let settled = rounds.iter().map(|round| round.settled).sum();
    let away = rounds.into_iter().find_map(|round| round.away);
    Round { settled, away }
}
