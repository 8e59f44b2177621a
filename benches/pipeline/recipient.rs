//! A recipient that claims from its queue by HTTP, as fast as there is something in it.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use model::{DecisionKind, Phase};
use serde::Deserialize;
use serde_json::{Value, json};
use tagwatch::dispatch::CloudEvent;

use super::installation::Installation;

/// The queue that a cut strap is told to, by the routing policy that we ship.
const QUEUE: &str = "operators";

/// How long it waits when the queue is empty.
const EMPTY: Duration = Duration::from_millis(5);

/// Claimed at a time: as many as may be.
const CLAIMED: u32 = 100;

/// Waits for so many alerts about cut straps.
pub(crate) struct Recipient(JoinHandle<anyhow::Result<Vec<(String, Instant)>>>);

impl Recipient {
    /// Begins to claim.
    pub(crate) fn start(tagwatch: &Installation, expected: usize, within: Duration) -> Self {
        let api = tagwatch.api();
        Self(thread::spawn(move || receive(&api, expected, within)))
    }

    /// About whom it was told, and when.
    pub(crate) fn told(self) -> anyhow::Result<Vec<(String, Instant)>> {
        self.0
            .join()
            .map_err(|_panic| anyhow!("the recipient panicked"))?
    }
}

/// What a claim answers.
#[derive(Deserialize)]
struct Claimed {
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    receipt: String,
    event: CloudEvent,
}

/// The HTTP interface of an installation.
pub(crate) struct Api {
    pub(crate) agent: ureq::Agent,
    pub(crate) address: String,
}

impl Api {
    /// Posts JSON; the answer as it is.
    fn post(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        let url = format!("{}{path}", self.address);
        let mut response = self.agent.post(url).send_json(body)?;
        Ok(response.body_mut().read_to_string()?)
    }
}

fn receive(api: &Api, expected: usize, within: Duration) -> anyhow::Result<Vec<(String, Instant)>> {
    let started = Instant::now();
    let mut told = Vec::new();
    while told.len() < expected {
        let wish = json!({"max": CLAIMED, "lease_s": 600});
        let claimed = api.post(&format!("/v1/queues/{QUEUE}/claim"), &wish)?;
        let now = Instant::now();
        let Claimed { deliveries } = serde_json::from_str(&claimed)?;
        let cuts = deliveries
            .iter()
            .filter_map(|delivery| cut(&delivery.event));
        told.extend(cuts.map(|wearer| (wearer, now)));
        for Delivery { receipt, .. } in &deliveries {
            api.post(&format!("/v1/deliveries/{receipt}/ack"), &json!({}))?;
        }
        if started.elapsed() > within {
            bail!("{} of {expected} were told", told.len());
        }
        if deliveries.is_empty() {
            thread::sleep(EMPTY);
        }
    }
    Ok(told)
}

/// Whose strap was cut, if that is what it tells.
fn cut(event: &CloudEvent) -> Option<String> {
    let decision = &event.data.decision;
    let is_it = decision.kind == DecisionKind::StrapTamper && decision.phase == Phase::Opened;
    is_it.then(|| event.subject.to_string())
}
