//! Writing: one thread owns the one connection that writes.
//!
//! Jobs that wait together share a transaction, and so one sync of the disk: each runs in a
//! savepoint of its own, so that one failing leaves nothing behind and the others whole, and each
//! hears of its success only after the shared commit.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::connection;
use crate::store::StoreError;

/// Jobs that may wait; whoever comes then waits to be let in.
const WAITING_MAX: usize = 256;

/// Jobs that share a transaction at most: the first must not wait for ever more.
const TOGETHER_MAX: usize = 64;

/// Runs within the shared transaction, where there is one, and returns how to tell its caller.
type Job = Box<dyn FnOnce(Option<&mut Transaction<'_>>) -> Tell + Send>;

/// Tells a caller what came of their job, given how the shared transaction ended.
type Tell = Box<dyn FnOnce(&Ending) + Send>;

/// How a shared transaction ended.
enum Ending {
    Committed,
    Failed(String),
}

/// The writing thread.
pub(super) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread on an open connection.
    pub(super) fn start(path: PathBuf, connection: Connection) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&path, connection, receiver))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            jobs: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs `work` on the writing connection; when this returns `Ok`, what it wrote is durable, and
    /// when it returns an error, nothing of it is kept.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let result = match transaction {
                Some(transaction) => in_savepoint(transaction, work),
                None => Err(StoreError::Unavailable("no transaction".to_owned()).into()),
            };
            Box::new(move |ending| {
                // A caller who stopped waiting does not want to know.
                let _gone = reply.send(after(result, ending));
            })
        });
        let jobs = lock(&self.jobs).clone().ok_or_else(closed)?;
        jobs.send(job).await.map_err(|_closed| closed())?;
        answer.await.map_err(|_lost| closed())?
    }

    /// Lets no further job in, and waits until those let in are done.
    pub(super) async fn close(&self) {
        drop(lock(&self.jobs).take());
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let _joined = tokio::task::spawn_blocking(|| thread.join()).await;
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

/// These locks only guard a handle each: whoever panicked holding one left it whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(path: &std::path::Path, mut connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    let mut together = Vec::with_capacity(TOGETHER_MAX);
    while let Some(first) = jobs.blocking_recv() {
        together.push(first);
        while together.len() < TOGETHER_MAX
            && let Ok(job) = jobs.try_recv()
        {
            together.push(job);
        }
        commit_together(&mut connection, &mut together);
        if !connection.is_autocommit() {
            // A transaction that can be neither committed nor rolled back: begin afresh.
            if let Ok(fresh) = connection::writing(path) {
                connection = fresh;
            }
        }
    }
}

fn commit_together(connection: &mut Connection, together: &mut Vec<Job>) {
    let mut tells = Vec::with_capacity(together.len());
    let ended = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(mut transaction) => {
            for job in together.drain(..) {
                // On some errors SQLite rolls all back by itself: nothing may be written after.
                let alive = !transaction.is_autocommit();
                tells.push(job(alive.then_some(&mut transaction)));
            }
            transaction.commit()
        }
        Err(error) => Err(error),
    };
    tells.extend(together.drain(..).map(|job| job(None)));
    let ending = match ended {
        Ok(()) => Ending::Committed,
        Err(error) => Ending::Failed(error.to_string()),
    };
    for tell in tells {
        tell(&ending);
    }
}

fn in_savepoint<T, E: From<StoreError>>(
    transaction: &mut Transaction<'_>,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let savepoint = transaction.savepoint().map_err(StoreError::from)?;
    let value = work(&savepoint)?;
    savepoint.commit().map_err(StoreError::from)?;
    Ok(value)
}

fn after<T, E: From<StoreError>>(result: Result<T, E>, ending: &Ending) -> Result<T, E> {
    match ending {
        Ending::Committed => result,
        // What was lost is not the job's fault, nor is a refusal based on it to be trusted.
        Ending::Failed(why) => Err(StoreError::Unavailable(why.clone()).into()),
    }
}
