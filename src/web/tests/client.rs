//! As much of an HTTP client as the tests need.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::Service;

/// A test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Answer {
    pub(super) status: u16,
    /// In small letters.
    pub(super) head: String,
    /// What a cookie was set to, by its name: `name=value`.
    pub(super) cookie: Option<String>,
    pub(super) body: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    /// The detail of a problem of that status.
    #[track_caller]
    pub(super) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(
            self.head.contains("content-type: application/problem+json"),
            "{}",
            self.head
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["type"].is_string() && problem["title"].is_string());
        problem["detail"].as_str().unwrap().to_owned()
    }
}

impl Service {
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    pub(super) async fn post(&self, path: &str, body: &str) -> Answer {
        let json = [("content-type", "application/json")];
        let headers = if body.is_empty() { &[][..] } else { &json[..] };
        self.ask("POST", path, headers, body).await
    }

    /// Sends headers as they are; `host` among them replaces the usual one.
    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "host") {
            request += &format!("host: {}\r\n", self.address);
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        let read = socket.read_to_string(&mut text);
        tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head[9..12].parse().unwrap(),
            head: head.to_ascii_lowercase(),
            cookie: cookie(head),
            body: body.to_owned(),
        }
    }

    /// Opens the live stream. Asked for in HTTP/1.0, it comes without chunks.
    pub(super) async fn open_stream(&self, path: &str, last_event_id: Option<u64>) -> LiveReader {
        self.open_stream_as(path, last_event_id, "").await
    }

    /// The same, with that `Authorization`.
    pub(super) async fn open_stream_as(
        &self,
        path: &str,
        last_event_id: Option<u64>,
        authorization: &str,
    ) -> LiveReader {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let resume =
            last_event_id.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
        let request = format!(
            "GET {path} HTTP/1.0\r\nhost: {}\r\n{resume}authorization: {authorization}\r\n\r\n",
            self.address
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut reader = LiveReader {
            socket: BufReader::new(socket),
            begins_after: 0,
        };
        let head = reader.block().await.unwrap();
        assert!(head[0].contains("200"), "{head:?}");
        assert!(
            head.iter()
                .any(|line| line == "content-type: text/event-stream")
        );
        let greeting = reader.block().await.unwrap();
        let begins_after = greeting[0].strip_prefix("id: ").unwrap();
        reader.begins_after = begins_after.parse().unwrap();
        assert_eq!(greeting[1], "retry: 1000");
        reader
    }
}

fn cookie(head: &str) -> Option<String> {
    let set = |line: &str| line.to_ascii_lowercase().starts_with("set-cookie: ");
    let line = head.lines().find(|line| set(line))?;
    let value = line.split_once(": ")?.1;
    value.split(';').next().map(str::to_owned)
}

/// The other end of a live stream.
pub(super) struct LiveReader {
    socket: BufReader<TcpStream>,
    /// What it would resume after if it lost its connection before the first event.
    pub(super) begins_after: u64,
}

#[derive(Debug)]
pub(super) struct Received {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) data: Value,
}

impl LiveReader {
    /// The next event; `None` when the stream has ended.
    pub(super) async fn next(&mut self) -> Option<Received> {
        let lines = self.block().await?;
        let field = |name: &str| {
            let found = lines.iter().find_map(|line| line.strip_prefix(name));
            found.unwrap_or_else(|| panic!("no {name:?} in {lines:?}"))
        };
        Some(Received {
            id: field("id: ").parse().unwrap(),
            name: field("event: ").to_owned(),
            data: serde_json::from_str(field("data: ")).unwrap(),
        })
    }

    /// The number of the next event; `None` when the stream has ended, or was cut.
    pub(super) async fn next_before_the_cut(&mut self) -> Option<u64> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.socket.read_line(&mut line);
            let read = tokio::time::timeout(PATIENCE, read).await.unwrap();
            if read.map_or(true, |length| length == 0) {
                return None;
            }
            if line == "\n" {
                let id = lines
                    .iter()
                    .find_map(|line: &String| line.strip_prefix("id: "));
                return Some(id.unwrap().trim_end().parse().unwrap());
            }
            lines.push(line);
        }
    }

    /// The lines up to the next empty one.
    async fn block(&mut self) -> Option<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.socket.read_line(&mut line);
            let length = tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
            if length == 0 {
                return None;
            }
            let line = line.trim_end().to_owned();
            if line.is_empty() {
                return Some(lines);
            }
            lines.push(line);
        }
    }
}
