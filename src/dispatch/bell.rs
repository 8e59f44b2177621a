//! Wakes those who wait for something in a queue.

use std::sync::Arc;
use std::time::Duration;

use model::Recipient;
use tokio::sync::broadcast::{self, error::RecvError};

/// How often somebody who waits looks all the same: a lease may have run out, or another process put something there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Rings that a listener may be behind; one who is further behind looks.
const RINGS_KEPT: usize = 256;

/// Rings when something is put into queues by this process.
#[derive(Debug, Clone)]
pub struct Bell(broadcast::Sender<Arc<[Recipient]>>);

impl Default for Bell {
    fn default() -> Self {
        Self(broadcast::Sender::new(RINGS_KEPT))
    }
}

impl Bell {
    /// Something has been put into the queues of these recipients.
    pub fn ring(&self, recipients: impl IntoIterator<Item = Recipient>) {
        if self.0.receiver_count() == 0 {
            return;
        }
        let recipients: Arc<[Recipient]> = recipients.into_iter().collect();
        if !recipients.is_empty() {
            // Whoever listened may have gone away meanwhile.
            let _listeners = self.0.send(recipients);
        }
    }

    /// Listens for what is put into a queue from now on.
    #[must_use]
    pub fn listen(&self, queue: Recipient) -> Listener {
        Listener {
            queue,
            rings: self.0.subscribe(),
        }
    }
}

/// Waits for something in one queue.
#[derive(Debug)]
pub struct Listener {
    queue: Recipient,
    rings: broadcast::Receiver<Arc<[Recipient]>>,
}

impl Listener {
    /// Until something has been put into the queue, or may have been.
    pub async fn heard(&mut self) {
        tokio::select! {
            () = self.rung() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }

    async fn rung(&mut self) {
        loop {
            match self.rings.recv().await {
                Ok(recipients) if !recipients.contains(&self.queue) => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::time::timeout;

    use super::*;

    fn queue(name: &str) -> Recipient {
        Recipient::new(name).unwrap()
    }

    #[tokio::test]
    async fn a_listener_hears_of_their_queue_from_when_they_listen_and_looks_once_a_second() {
        let bell = Bell::default();
        bell.ring([queue("operators")]);
        let mut listener = bell.listen(queue("operators"));
        bell.ring([queue("police/kent")]);
        let begun = Instant::now();
        listener.heard().await;
        assert!(begun.elapsed() >= LOOK_EVERY, "nothing was for them");
        bell.ring([queue("police/kent"), queue("operators")]);
        let at_once = timeout(LOOK_EVERY / 2, listener.heard()).await;
        assert!(at_once.is_ok());
    }

    #[tokio::test]
    async fn one_who_is_too_far_behind_looks() {
        let bell = Bell::default();
        let mut listener = bell.listen(queue("operators"));
        for _ in 0..=RINGS_KEPT {
            bell.ring([queue("police/kent")]);
        }
        let at_once = timeout(LOOK_EVERY / 2, listener.heard()).await;
        assert!(at_once.is_ok());
    }
}
