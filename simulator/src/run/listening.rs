//! Recipients at work: what they learn goes into a tally.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hdrhistogram::CreationError;
use tokio::task::JoinHandle;

use super::RunError;
use crate::installation::{Installation, News, Recipients};

/// What counts in what recipients learn.
pub(super) trait Tally: Send + 'static {
    /// Counts in what came.
    fn take(&mut self, news: News) -> Result<(), CreationError>;
}

/// Recipients, and their tally. Dropping it ends them.
pub(super) struct Listening<T> {
    tally: Arc<Mutex<T>>,
    task: Option<JoinHandle<()>>,
}

impl<T: Tally> Listening<T> {
    /// Listens to an installation from now on; without one the tally learns nothing.
    pub(super) async fn start(to: Option<&Installation>, tally: T) -> Result<Self, RunError> {
        let tally = Arc::new(Mutex::new(tally));
        let task = match to {
            Some(installation) => {
                let recipients = Recipients::listen(installation).await?;
                Some(tokio::spawn(follow(recipients, Arc::clone(&tally))))
            }
            None => None,
        };
        Ok(Self { tally, task })
    }

    pub(super) fn tally(&self) -> MutexGuard<'_, T> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn follow<T: Tally>(mut recipients: Recipients, tally: Arc<Mutex<T>>) {
    while let Some(news) = recipients.next().await {
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = tally.take(news) {
            tracing::error!(%error, "a delay was not counted");
        }
    }
}

impl<T> Drop for Listening<T> {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
