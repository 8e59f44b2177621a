//! Jobs that share a transaction, and a disk that is full.

use std::sync::mpsc;

use super::*;

/// A writer over a table of numbers.
struct Numbers {
    site: File,
    writer: Arc<Writer>,
}

impl Numbers {
    fn new() -> Self {
        let site = File::new();
        let connection = connection::writing(&site.path()).unwrap();
        connection
            .execute_batch("CREATE TABLE numbers (n INTEGER PRIMARY KEY, filling BLOB)")
            .unwrap();
        let writer = Arc::new(Writer::start(site.path(), connection).unwrap());
        Self { site, writer }
    }

    /// Holds the writer up until something is sent, so that what follows shares a transaction.
    fn hold(&self) -> mpsc::Sender<()> {
        let (go, wait) = mpsc::channel::<()>();
        let writer = Arc::clone(&self.writer);
        tokio::spawn(async move {
            let job = move |_: &rusqlite::Connection| {
                let _released = wait.recv();
                Ok::<(), StoreError>(())
            };
            writer.write(job).await
        });
        go
    }

    fn add(&self, n: i64, filling: usize) -> tokio::task::JoinHandle<Result<(), StoreError>> {
        let writer = Arc::clone(&self.writer);
        tokio::spawn(async move {
            let job = move |connection: &rusqlite::Connection| {
                connection.execute("INSERT INTO numbers VALUES (?1, NULL)", [n])?;
                connection.execute(
                    "UPDATE numbers SET filling = zeroblob(?2) WHERE n = ?1",
                    (n, i64::try_from(filling).unwrap()),
                )?;
                Ok(())
            };
            writer.write(job).await
        })
    }

    fn pragma(&self, text: &'static str) -> tokio::task::JoinHandle<Result<(), StoreError>> {
        let writer = Arc::clone(&self.writer);
        tokio::spawn(async move {
            let job = move |connection: &rusqlite::Connection| {
                connection.query_row(text, [], |_row| Ok(()))?;
                Ok(())
            };
            writer.write(job).await
        })
    }

    fn kept(&self) -> Vec<i64> {
        let connection = connection::reading(&self.site.path()).unwrap();
        let mut statement = connection
            .prepare("SELECT n FROM numbers ORDER BY n")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

#[tokio::test]
async fn a_job_that_fails_leaves_those_beside_it_whole() {
    let numbers = Numbers::new();
    let go = numbers.hold();
    tokio::task::yield_now().await;
    let jobs = [1, 2, 1, 3].map(|n| numbers.add(n, 0));
    tokio::task::yield_now().await;
    go.send(()).unwrap();
    let mut outcomes = Vec::new();
    for job in jobs {
        outcomes.push(job.await.unwrap().is_ok());
    }
    assert_eq!(outcomes, [true, true, false, true]);
    assert_eq!(numbers.kept(), [1, 2, 3]);
}

#[tokio::test]
async fn a_full_disk_is_unavailable_until_there_is_room_again() {
    let numbers = Numbers::new();
    numbers.add(1, 0).await.unwrap().unwrap();
    let limit = numbers.pragma("PRAGMA max_page_count = 20");
    limit.await.unwrap().unwrap();
    let full = numbers.add(2, 1 << 20).await.unwrap();
    assert!(matches!(full, Err(StoreError::Unavailable(_))), "{full:?}");
    assert_eq!(numbers.kept(), [1]);

    let limit = numbers.pragma("PRAGMA max_page_count = 100000");
    limit.await.unwrap().unwrap();
    numbers.add(2, 1 << 20).await.unwrap().unwrap();
    assert_eq!(numbers.kept(), [1, 2]);
}

#[tokio::test]
async fn what_shares_a_transaction_with_a_full_disk_is_kept_or_reported() {
    let numbers = Numbers::new();
    let limit = numbers.pragma("PRAGMA max_page_count = 20");
    limit.await.unwrap().unwrap();
    let go = numbers.hold();
    tokio::task::yield_now().await;
    let jobs = [(1, 0), (2, 1 << 20), (3, 0)].map(|(n, filling)| numbers.add(n, filling));
    tokio::task::yield_now().await;
    go.send(()).unwrap();
    let mut told = Vec::new();
    for (n, job) in (1..).zip(jobs) {
        match job.await.unwrap() {
            Ok(()) => told.push(n),
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
        }
    }
    assert!(!told.contains(&2));
    assert_eq!(numbers.kept(), told);
}

#[tokio::test]
async fn while_another_process_writes_nothing_is_written_and_all_is_told() {
    let numbers = Numbers::new();
    let other = rusqlite::Connection::open(numbers.site.path()).unwrap();
    let quick = numbers.pragma("PRAGMA busy_timeout = 1");
    quick.await.unwrap().unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let jobs = [1, 2].map(|n| numbers.add(n, 0));
    for job in jobs {
        let refusal = job.await.unwrap();
        assert!(matches!(refusal, Err(StoreError::Unavailable(_))));
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(numbers.kept(), [0_i64; 0]);
    numbers.add(3, 0).await.unwrap().unwrap();
    assert_eq!(numbers.kept(), [3]);
}

#[tokio::test]
async fn what_a_caller_no_longer_waits_for_is_done_all_the_same() {
    let numbers = Numbers::new();
    let go = numbers.hold();
    tokio::task::yield_now().await;
    let job = numbers.add(1, 0);
    tokio::task::yield_now().await;
    job.abort();
    go.send(()).unwrap();
    numbers.add(2, 0).await.unwrap().unwrap();
    assert_eq!(numbers.kept(), [1, 2]);
}
