//! The other end of a webhook, which answers as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// What it does with a request that it has read to the end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// Answers with this status and these headers.
    Answer(u16, &'static str),
    /// Closes the connection and says nothing.
    HangUp,
    /// Says nothing, for longer than anybody waits.
    Hang,
}

/// A request that was read to the end, and whether it was answered with 2xx.
pub(super) struct Request {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    pub(super) accepted: bool,
}

/// A receiver on a free port.
pub(super) struct Receiver {
    pub(super) port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    /// Starts one that does with its n-th request, from 0, what `script` says.
    pub(super) fn start(script: impl Fn(usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (all, script) = (Arc::clone(&seen), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, script) = (Arc::clone(&all), Arc::clone(&script));
                std::thread::spawn(move || converse(stream.unwrap(), &seen, &*script));
            }
        });
        Self { port, seen }
    }

    pub(super) fn seen<T>(&self, look: impl FnOnce(&[Request]) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    /// The events that it took, in order.
    pub(super) fn accepted(&self) -> Vec<Value> {
        self.seen(|requests| {
            let accepted = requests.iter().filter(|request| request.accepted);
            accepted
                .map(|request| serde_json::from_slice(&request.body).unwrap())
                .collect()
        })
    }
}

fn converse(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    script: &dyn Fn(usize) -> Act,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (head, body) = read(&mut reader)?;
        let act = {
            let mut seen = seen.lock().unwrap();
            let act = script(seen.len());
            let accepted = matches!(act, Act::Answer(200..300, _));
            seen.push(Request {
                head,
                body,
                accepted,
            });
            act
        };
        match act {
            Act::Answer(status, headers) => {
                let answer =
                    format!("HTTP/1.1 {status} As Told\r\n{headers}content-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).ok()?;
            }
            Act::HangUp => return stream.shutdown(Shutdown::Both).ok(),
            Act::Hang => std::thread::sleep(Duration::from_secs(60)),
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.trim().parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}
