//! The live stream of decisions, as server-sent events.
//!
//! All viewers are fed from one reader of the store (see `feed`), each at their own pace: a slow one holds up
//! nobody, misses nothing, and costs one page of events; one who reads nothing at all is cut off.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use model::{Decision, Recipient, Severity, Step};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use utoipa::{IntoParams, ToSchema};

use super::disclosure::{Reader, ReaderHeaders};
use super::extract::Params;
use super::feed::Told;
use super::problem::{Problem, Problems};
use super::{WebState, schema};
use crate::access::{Action, Caller, Scope};
use crate::metrics::LiveStreamClient;
use crate::store::{StoreError, StreamEvent};

/// A comment is sent after this long without an event, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The most readers at once, twice those of a national installation: each holds a connection and points to up
/// to a page of events.
static PLACES: Semaphore = Semaphore::const_new(2048);

/// The name of an event that is a step about an alert, beside those of the phases.
const STEP: &str = "step";

/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamParams {
    /// Begin after this event; the header `Last-Event-ID` outranks it. Without either the stream
    /// begins with what is new from now on.
    after: Option<u64>,
}

/// What one event of the stream carries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LiveEvent<'a> {
    /// How urgent the alert is.
    #[schema(value_type = schema::Severity)]
    severity: Severity,
    /// Whose queues it went to.
    #[schema(value_type = Vec<String>, example = json!(["police/staffordshire"]))]
    recipients: &'a [Recipient],
    /// The decision; of a step the newest one about the alert.
    #[schema(value_type = schema::Decision)]
    decision: &'a Decision,
    /// The step that somebody took, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Step>)]
    step: Option<&'a Step>,
}

/// Every decision as it is committed and every step taken about an alert, as server-sent events: `id` counts
/// the events, `event` is the phase (`opened`, `updated`, …) or `step`, and `data` a LiveEvent in JSON. Opening it is written to the audit
/// trail.
#[utoipa::path(get, path = "/v1/alerts/stream", operation_id = "stream_alerts", tag = "alerts",
    params(
        StreamParams,
        ("Last-Event-ID" = Option<u64>, Header, description = "resume after this event"),
        ReaderHeaders,
    ),
    responses(
        (status = 200, description = "the stream", body = LiveEvent,
            content_type = "text/event-stream"),
        (status = 409, description = "the stream has not got that far", body = Problem,
            content_type = "application/problem+json"),
        Problems,
    ))]
pub(super) async fn stream(
    State(state): State<WebState>,
    reader: Reader,
    headers: HeaderMap,
    Params(params): Params<StreamParams>,
) -> Result<Response, Problem> {
    reader.may(&state, Action::Follow).await?;
    let newest = state.store.newest_event().await?;
    let after = last_event_id(&headers)?.or(params.after).unwrap_or(newest);
    if after > newest {
        // Waiting until the numbers catch up would silently leave events out.
        return Err(Problem::stream_position(after, newest));
    }
    let place = PLACES
        .try_acquire()
        .map_err(|_full| Problem::unavailable("too many live streams are being read"))?;
    let subject = format!("alerts/stream?after={after}");
    reader.shown(&state, "stream.open", subject).await?;
    let live = Live::new(state, reader.caller().clone(), after, place);
    // Told where it begins, a reader that loses its connection before the first event resumes there.
    let greeting = Event::default().id(after.to_string()).retry(RETRY);
    let greeting = stream::iter([greeting]);
    let events = stream::unfold(live, Live::next);
    let all = stream::StreamExt::chain(greeting, events);
    let infallible = stream::StreamExt::map(all, Ok::<_, Infallible>);
    Ok(Sse::new(infallible).into_response())
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number
        .map(Some)
        .ok_or_else(|| Problem::bad_request("header last-event-id is not the number of an event"))
}

/// One reader of the stream.
struct Live {
    state: WebState,
    scope: Scope,
    caller: Caller,
    last: u64,
    page: VecDeque<Arc<Told>>,
    changes: watch::Receiver<u64>,
    keep_alive: Duration,
    _counted: LiveStreamClient,
    _place: SemaphorePermit<'static>,
}

/// What ended a wait.
enum Woken {
    News,
    Quiet,
    Over,
}

impl Live {
    fn new(state: WebState, caller: Caller, after: u64, place: SemaphorePermit<'static>) -> Self {
        Self {
            scope: caller.scope(),
            caller,
            last: after,
            page: VecDeque::new(),
            changes: state.feed.changes(),
            keep_alive: KEEP_ALIVE,
            _counted: state.metrics.live_stream_client(),
            _place: place,
            state,
        }
    }

    /// The next event or keep-alive; `None` ends the stream, and the reader resumes by itself.
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if self.state.shutdown.is_cancelled() {
                return None;
            }
            if let Some(told) = self.page.pop_front() {
                return Some((written(&told.event)?, self));
            }
            // Seen before the feed is asked, so that what comes meanwhile wakes the wait.
            self.changes.mark_unchanged();
            if !self.turn_page().await? {
                match self.wait().await {
                    Woken::News => {}
                    Woken::Quiet => return Some((Event::default().comment("quiet"), self)),
                    Woken::Over => return None,
                }
            }
        }
    }

    /// Whether there was more; `None` ends the stream.
    async fn turn_page(&mut self) -> Option<bool> {
        let turned = self.try_to_turn().await;
        turned.unwrap_or_else(|error| {
            tracing::error!(%error, "a live stream ends: the store did not answer");
            None
        })
    }

    /// As [`turn_page`](Self::turn_page): the stream of a token that was revoked meanwhile ends.
    async fn try_to_turn(&mut self) -> Result<Option<bool>, StoreError> {
        let (access, now) = (&self.state.access, self.state.clock.now());
        if !access.lets_in_still(&self.caller, now).await? {
            return Ok(None);
        }
        let Some(page) = self.state.feed.after(self.last, &self.scope).await? else {
            return Ok(Some(false));
        };
        self.page = page.visible;
        self.last = page.end;
        Ok(Some(true))
    }

    async fn wait(&mut self) -> Woken {
        tokio::select! {
            changed = self.changes.changed() => match changed {
                Ok(()) => Woken::News,
                // Nothing feeds it any more: the process is on its way out.
                Err(_closed) => Woken::Over,
            },
            () = self.state.shutdown.cancelled() => Woken::Over,
            () = tokio::time::sleep(self.keep_alive) => Woken::Quiet,
        }
    }
}

fn written(event: &StreamEvent) -> Option<Event> {
    let live = LiveEvent {
        severity: event.severity,
        recipients: &event.recipients,
        decision: &event.decision,
        step: event.step.as_ref(),
    };
    let name = match &event.step {
        Some(_) => STEP,
        None => event.decision.phase.as_str(),
    };
    let written = Event::default()
        .id(event.id.to_string())
        .event(name)
        .json_data(live);
    written
        .inspect_err(|error| tracing::error!(%error, "a live stream ends: an event has no JSON"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::sample;
    use crate::web::tests::Service;

    #[tokio::test]
    async fn a_quiet_stream_is_kept_alive_and_finds_what_nobody_woke_anybody_for() {
        let service = Service::start().await;
        let place = PLACES.acquire().await.unwrap();
        let mut live = Live::new(service.state.clone(), Caller::anybody(), 0, place);
        live.keep_alive = Duration::from_millis(20);
        let (event, mut live) = live.next().await.unwrap();
        assert!(format!("{event:?}").contains("quiet"), "{event:?}");
        let routed = sample::routed("W-1", 1, 1, &["operators"]);
        sample::commit_decisions(&service.state.store, vec![routed]).await;
        live.keep_alive = KEEP_ALIVE;
        let (event, live) = live.next().await.unwrap();
        assert!(format!("{event:?}").contains("id: 1"), "{event:?}");
        assert_eq!(live.last, 1);
    }
}
