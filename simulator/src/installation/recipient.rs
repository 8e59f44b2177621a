//! Whoever is told: follows the stream, takes notifications from every queue, and acknowledges them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use model::{Decision, Recipient};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::api::Delivery;
use super::{Installation, InstallationError, stream as live};

/// A queue is looked into after so long without a hint from the stream.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Pause after a request that failed.
const PAUSE: Duration = Duration::from_millis(250);

/// Acknowledgements of one queue under way at once.
const ACKNOWLEDGING: usize = 8;

/// What is waiting to be counted at most; beyond, taking waits for the counting.
const WAITING_MAX: usize = 10_000;

/// A decision on the live stream.
#[derive(Debug)]
pub struct Heard {
    /// It.
    pub decision: Decision,
    /// In whose queues a notification of it is.
    pub recipients: Vec<Recipient>,
    /// When it came here.
    pub at: Instant,
}

/// A notification from a queue.
#[derive(Debug)]
pub struct Claimed {
    /// Its id; one that comes again has the same.
    pub id: String,
    /// What it tells.
    pub decision: Decision,
    /// From whose queue.
    pub recipient: Recipient,
    /// When it was handed out here.
    pub at: Instant,
}

/// What a recipient learns.
#[derive(Debug)]
pub enum News {
    /// From the stream.
    Heard(Box<Heard>),
    /// From a queue.
    Claimed(Box<Claimed>),
}

/// Everybody who is told, as tasks. Dropping it ends them.
#[derive(Debug)]
pub struct Recipients {
    news: mpsc::Receiver<News>,
    queues: BTreeMap<Recipient, Arc<Notify>>,
    taken: mpsc::Sender<News>,
    of: Installation,
    tasks: JoinSet<()>,
}

impl Recipients {
    /// Begins to listen: whatever is decided from now on is heard.
    ///
    /// # Errors
    /// When the stream cannot be opened.
    pub async fn listen(of: &Installation) -> Result<Self, InstallationError> {
        let last = live::newest(of).await?;
        let (taken, news) = mpsc::channel(WAITING_MAX);
        let mut tasks = JoinSet::new();
        tasks.spawn(live::follow(of.clone(), last, taken.clone()));
        Ok(Self {
            news,
            queues: BTreeMap::new(),
            taken,
            of: of.clone(),
            tasks,
        })
    }

    /// What comes next; what the stream tells of a queue has it looked into at once.
    pub async fn next(&mut self) -> Option<News> {
        let news = self.news.recv().await?;
        if let News::Heard(heard) = &news {
            for queue in &heard.recipients {
                self.look_into(queue);
            }
        }
        Some(news)
    }

    fn look_into(&mut self, queue: &Recipient) {
        let (of, taken, tasks) = (&self.of, &self.taken, &mut self.tasks);
        let hint = self.queues.entry(queue.clone()).or_insert_with(|| {
            let hint = Arc::new(Notify::new());
            tasks.spawn(empty(
                of.clone(),
                queue.clone(),
                Arc::clone(&hint),
                taken.clone(),
            ));
            hint
        });
        hint.notify_one();
    }
}

/// Takes everything from a queue, again and again.
async fn empty(of: Installation, queue: Recipient, hint: Arc<Notify>, taken: mpsc::Sender<News>) {
    loop {
        let _hint_or_time = tokio::time::timeout(LOOK_EVERY, hint.notified()).await;
        loop {
            match of.claim(&queue).await {
                Ok(deliveries) if deliveries.is_empty() => break,
                Ok(deliveries) => {
                    if take(&of, &queue, deliveries, &taken).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a queue cannot be claimed from");
                    tokio::time::sleep(PAUSE).await;
                    break;
                }
            }
        }
    }
}

async fn take(
    of: &Installation,
    queue: &Recipient,
    deliveries: Vec<Delivery>,
    taken: &mpsc::Sender<News>,
) -> Result<(), mpsc::error::SendError<News>> {
    let at = Instant::now();
    let mut receipts = Vec::with_capacity(deliveries.len());
    for delivery in deliveries {
        receipts.push(delivery.receipt);
        let claimed = Claimed {
            id: delivery.event.id,
            decision: delivery.event.data.decision,
            recipient: queue.clone(),
            at,
        };
        taken.send(News::Claimed(Box::new(claimed))).await?;
    }
    let acknowledged =
        stream::iter(receipts).for_each_concurrent(ACKNOWLEDGING, |receipt| async move {
            if let Err(error) = of.acknowledge(&receipt).await {
                // It comes again when its lease ends.
                tracing::warn!(%error, "a notification cannot be acknowledged");
            }
        });
    acknowledged.await;
    Ok(())
}
