//! How the recipients' queues stand.

use axum::extract::{Path, State};
use maud::{Markup, html};
use model::Recipient;

use super::super::WebState;
use super::super::disclosure::Reader;
use super::super::problem::Problem;
use super::super::queues as api;
use super::layout::{Page, Refusal};
use super::words::london;
use crate::store::QueueStatus;

/// All queues.
pub(super) async fn list(state: State<WebState>, reader: Reader) -> Result<Page, Refusal> {
    let queues = api::list(state, reader).await?.0.queues;
    let content = html! {
        @if queues.is_empty() { p { "No queue has held anything yet." } } @else { (table(&queues)) }
    };
    Ok(Page::new("Queues", content))
}

/// A queue with a name of one part.
pub(super) async fn of_group(
    state: State<WebState>,
    reader: Reader,
    Path(group): Path<String>,
) -> Result<Page, Refusal> {
    one(state, reader, group).await
}

/// A queue with a name of two parts.
pub(super) async fn named(
    state: State<WebState>,
    reader: Reader,
    Path((group, name)): Path<(String, String)>,
) -> Result<Page, Refusal> {
    one(state, reader, format!("{group}/{name}")).await
}

async fn one(state: State<WebState>, reader: Reader, name: String) -> Result<Page, Refusal> {
    let wanted = Recipient::new(name).map_err(|error| Problem::bad_request(error.to_string()))?;
    let mut queues = api::list(state, reader).await?.0.queues;
    queues.retain(|queue| queue.recipient == wanted);
    if queues.is_empty() {
        return Err(Problem::not_found(format!("queue {wanted} never held anything")).into());
    }
    Ok(Page::new(
        format!("Queue {wanted}"),
        html! {
            (table(&queues))
            p {
                "What it holds: " code { "tagwatch queue peek " (wanted) } ", and with " code { "--dead" }
                " what was given up."
            }
        },
    ))
}

fn table(queues: &[QueueStatus]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "Queue" }
                @for title in ["Waiting", "Handed out", "Late", "Given up", "Acknowledged"] {
                    th.number scope="col" { (title) }
                }
                th scope="col" { "Oldest" }
            } }
            tbody { @for queue in queues { (row(queue)) } }
        }
    }
}

fn row(queue: &QueueStatus) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "/queues/" (queue.recipient) } { (queue.recipient) } }
            td.number { (queue.ready) }
            td.number { (queue.leased) }
            td.number { (worrying(queue.late)) }
            td.number { (worrying(queue.dead)) }
            td.number { (queue.acknowledged) }
            td { @match queue.oldest_unacknowledged { Some(oldest) => (london(oldest)), None => "–" } }
        }
    }
}

/// A count that ought to be none.
fn worrying(count: u64) -> Markup {
    html! { @if count > 0 { strong.over { (count) } } @else { "0" } }
}
