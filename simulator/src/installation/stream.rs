//! The live stream of decisions, followed across breaks.

use std::time::{Duration, Instant};

use eventsource_stream::Eventsource as _;
use futures_util::StreamExt as _;
use model::{Decision, Recipient};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::recipient::{Heard, News};
use super::{Installation, InstallationError};

/// Pause before it is opened again.
const PAUSE: Duration = Duration::from_millis(250);

/// The name of an event that is something a person did.
const STEP: &str = "step";

#[derive(Deserialize)]
struct LiveEvent {
    recipients: Vec<Recipient>,
    decision: Decision,
}

/// Follows the stream from after `last` until nobody listens; opened again where it breaks off, after
/// the last event that came.
pub(super) async fn follow(of: Installation, mut last: String, news: mpsc::Sender<News>) {
    loop {
        match of.stream(Some(&last)).await {
            Ok(answer) => {
                let mut events = answer.bytes_stream().eventsource();
                while let Some(Ok(event)) = events.next().await {
                    let at = Instant::now();
                    if !event.id.is_empty() {
                        last = event.id;
                    }
                    let Some(heard) = heard(&event.event, &event.data, at) else {
                        continue;
                    };
                    if news.send(News::Heard(Box::new(heard))).await.is_err() {
                        return;
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the live stream cannot be opened"),
        }
        if news.is_closed() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The number of the newest event, which the stream says first: in an event without data, that a
/// reader of events passes over.
pub(super) async fn newest(of: &Installation) -> Result<String, InstallationError> {
    let mut answer = of.stream(None).await?;
    let mut said = String::new();
    while !said.contains("\n\n") {
        let Some(chunk) = answer.chunk().await.map_err(|error| of.broken(error))? else {
            break;
        };
        said.push_str(&String::from_utf8_lossy(&chunk));
    }
    let id = said.lines().find_map(|line| line.strip_prefix("id:"));
    Ok(id.unwrap_or("0").trim().to_owned())
}

fn heard(name: &str, data: &str, at: Instant) -> Option<Heard> {
    if name == STEP || data.is_empty() {
        return None;
    }
    match serde_json::from_str::<LiveEvent>(data) {
        Ok(LiveEvent {
            recipients,
            decision,
        }) => Some(Heard {
            decision,
            recipients,
            at,
        }),
        Err(error) => {
            tracing::warn!(%error, "an event of the live stream cannot be read");
            None
        }
    }
}
