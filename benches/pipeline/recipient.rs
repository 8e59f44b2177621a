//! A recipient that claims from its queue by HTTP as soon as there is something in it, and acknowledges meanwhile.

use std::sync::mpsc::{self, Receiver, Sender};
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

/// Seconds that a claim waits for something to come: as many as it may.
const WAIT_S: u32 = 8;

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
    thread::scope(|scope| {
        let (kept, receipts) = mpsc::channel();
        let acknowledging = scope.spawn(|| acknowledge(api, receipts));
        let told = claim(api, (expected, within), &kept);
        drop(kept);
        let acknowledged = acknowledging.join();
        acknowledged.map_err(|_panic| anyhow!("the recipient panicked"))??;
        told
    })
}

/// Claims until so many are told; receipts go to whoever acknowledges.
fn claim(
    api: &Api,
    (expected, within): (usize, Duration),
    kept: &Sender<String>,
) -> anyhow::Result<Vec<(String, Instant)>> {
    let started = Instant::now();
    let mut told = Vec::new();
    while told.len() < expected {
        let wish = json!({"max": CLAIMED, "lease_s": 600, "wait_s": WAIT_S});
        let claimed = api.post(&format!("/v1/queues/{QUEUE}/claim"), &wish)?;
        let now = Instant::now();
        let Claimed { deliveries } = serde_json::from_str(&claimed)?;
        let cuts = deliveries
            .iter()
            .filter_map(|delivery| cut(&delivery.event));
        told.extend(cuts.map(|wearer| (wearer, now)));
        for Delivery { receipt, .. } in deliveries {
            kept.send(receipt)?;
        }
        if started.elapsed() > within {
            bail!("{} of {expected} were told", told.len());
        }
    }
    Ok(told)
}

fn acknowledge(api: &Api, receipts: Receiver<String>) -> anyhow::Result<()> {
    for receipt in receipts {
        api.post(&format!("/v1/deliveries/{receipt}/ack"), &json!({}))?;
    }
    Ok(())
}

/// Whose strap was cut, if that is what it tells.
fn cut(event: &CloudEvent) -> Option<String> {
    let decision = &event.data.decision;
    let is_it = decision.kind == DecisionKind::StrapTamper && decision.phase == Phase::Opened;
    is_it.then(|| event.subject.to_string())
}
