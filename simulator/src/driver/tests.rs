//! Against a broker of a few lines that can be told to fail.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use model::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Payloads acknowledged, in order.
pub(crate) type Log = Arc<Mutex<Vec<Vec<u8>>>>;

/// One packet: its first byte and its body.
async fn packet(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let first = stream.read_u8().await.ok()?;
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let byte = stream.read_u8().await.ok()?;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((first, body))
}

/// Serves one connection; hangs up without a word after `patience` publishes.
async fn serve(mut stream: TcpStream, log: Log, patience: usize) {
    let mut publishes = 0;
    while let Some((first, body)) = packet(&mut stream).await {
        let answer: Vec<u8> = match first >> 4 {
            1 => vec![0x20, 2, 0, 0],
            3 => {
                publishes += 1;
                if publishes > patience {
                    return;
                }
                let topic = usize::from(u16::from_be_bytes([body[0], body[1]]));
                let (high, low) = (body[2 + topic], body[3 + topic]);
                log.lock().unwrap().push(body[4 + topic..].to_vec());
                vec![0x40, 2, high, low]
            }
            12 => vec![0xd0, 0],
            _ => continue,
        };
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// A broker that hangs up on each connection after `patience` publishes.
pub(crate) async fn broker(patience: usize) -> (u16, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let log = Log::default();
    let kept = log.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, log.clone(), patience));
        }
    });
    (port, kept)
}

fn upload(device: usize, number: usize, bytes: usize) -> Upload {
    let mut payload = format!("{device:03} {number:05} ").into_bytes();
    payload.resize(payload.len() + bytes, b'.');
    Upload {
        at: Timestamp::default(),
        topic: format!("em/v1/0/GPS-{device}/position"),
        payload,
        readings: 1,
    }
}

async fn publish_all(driver: &Driver, bytes: usize) -> DriverCounts {
    for number in 0..100 {
        for device in 0..5 {
            driver.publish(upload(device, number, bytes)).await.unwrap();
        }
    }
    driver.drain(Duration::from_secs(20)).await
}

#[tokio::test]
async fn everything_published_is_acknowledged_in_order_per_device() {
    let (port, log) = broker(usize::MAX).await;
    let driver = Driver::start(&DriverOptions::new("127.0.0.1", port));
    let counts = publish_all(&driver, 40_000).await;
    assert_eq!((counts.published, counts.acknowledged), (500, 500));
    assert_eq!((counts.resent, counts.reconnects, counts.late), (0, 0, 0));
    let log = log.lock().unwrap();
    for device in 0..5 {
        let prefix = format!("{device:03} ").into_bytes();
        let order: Vec<_> = log.iter().filter(|p| p.starts_with(&prefix)).collect();
        assert_eq!(order.len(), 100);
        assert!(order.is_sorted(), "device {device} out of order");
    }
}

#[tokio::test]
async fn a_broker_that_keeps_hanging_up_gets_everything_in_the_end() {
    let (port, log) = broker(90).await;
    let options = DriverOptions {
        connections: 2,
        ..DriverOptions::new("127.0.0.1", port)
    };
    let driver = Driver::start(&options);
    let counts = publish_all(&driver, 10).await;
    assert_eq!((counts.published, counts.acknowledged), (500, 500));
    assert!(counts.reconnects >= 4, "{counts:?}");
    let distinct: BTreeSet<Vec<u8>> = log.lock().unwrap().iter().cloned().collect();
    assert_eq!(distinct.len(), 500, "a message was lost");
}

#[tokio::test]
async fn without_a_broker_publishing_waits_and_nothing_is_lost() {
    let reserved = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = reserved.local_addr().unwrap().port();
    drop(reserved);
    let options = DriverOptions {
        connections: 1,
        ..DriverOptions::new("127.0.0.1", port)
    };
    let driver = Driver::start(&options);
    let flood = publish_all(&driver, 10);
    let waited = tokio::time::timeout(Duration::from_millis(600), flood).await;
    assert!(waited.is_err(), "500 messages fitted into the bounds");
    let counts = driver.counts();
    assert!(
        counts.published <= 2 * u64::try_from(WINDOW).unwrap() + 1,
        "{counts:?}"
    );
    assert_eq!(counts.acknowledged, 0);
}
