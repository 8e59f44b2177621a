use std::collections::BTreeSet;

use model::{PartitionId, Phase, ReadingKind, Recipient};
use serde_json::Value;

use super::Service;
use crate::metrics::ReadingOutcome;
use crate::store::contract::sample;

#[tokio::test]
async fn it_is_alive_even_when_it_is_not_ready_and_says_why() {
    let service = Service::start().await;
    assert_eq!(service.get("/readyz").await.status, 200);
    service.state.readiness.obstacle(
        PartitionId(3),
        crate::runtime::readiness::Part::Engine,
        "being recovered",
    );
    service
        .state
        .readiness
        .warn("the broker dropped 3 messages");
    let answer = service.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["warning"], "the broker dropped 3 messages");
    assert_eq!(answer.json()["reason"], "partition 3: being recovered");
    let alive = service.get("/healthz").await;
    assert_eq!(
        (alive.status, &alive.json()["status"]),
        (200, &"alive".into())
    );
}

#[tokio::test]
async fn a_warning_does_not_make_it_unready() {
    let service = Service::start().await;
    service
        .state
        .readiness
        .warn("the broker dropped 3 messages");
    let answer = service.get("/readyz").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["warning"], "the broker dropped 3 messages");
}

#[tokio::test]
async fn metrics_show_the_queues_and_nobody() {
    let service = Service::start().await;
    let routed = sample::routed("W-77", 1, 1, &["police/kent"]);
    service.state.metrics.decision(&routed.decision);
    service
        .state
        .metrics
        .notification(&Recipient::new("police/kent").unwrap());
    service
        .state
        .metrics
        .reading(ReadingKind::Position, ReadingOutcome::Journaled);
    service.commit(vec![routed]).await;
    service.get("/v1/alerts?wearer=W-77").await;
    let answer = service.get("/metrics").await;
    assert!(
        answer
            .head
            .contains("content-type: text/plain; version=0.0.4")
    );
    for line in [
        "tagwatch_queue_ready{queue=\"police/kent\"} 1",
        "tagwatch_decisions_total{kind=\"strap_tamper\",phase=\"opened\"} 1",
        "tagwatch_readings_total{kind=\"position\",outcome=\"journaled\"} 1",
        "tagwatch_store_available 1",
    ] {
        assert!(
            answer.body.contains(line),
            "{line} is not in\n{}",
            answer.body
        );
    }
    let alert = sample::decision("W-77", 1, 1, Phase::Opened)
        .alert
        .to_string();
    for id in ["W-77", "GPS-7", alert.as_str()] {
        assert!(!answer.body.contains(id), "{id} is in the metrics");
    }
}

/// Every endpoint: whoever adds one writes it down here too.
const ENDPOINTS: [&str; 40] = [
    "get /healthz",
    "get /metrics",
    "get /openapi.json",
    "get /readyz",
    "get /v1/alerts",
    "get /v1/alerts/stream",
    "get /v1/alerts/{id}",
    "post /v1/alerts/{id}/steps",
    "get /v1/audit",
    "get /v1/dead-letters",
    "get /v1/queues",
    "get /v1/registry",
    "get /v1/registry/missing",
    "get /v1/registry/{kind}",
    "get /v1/registry/{kind}/{id}",
    "get /v1/registry/{kind}/{id}/versions",
    "put /v1/registry/{kind}/{id}",
    "delete /v1/registry/{kind}/{id}",
    "post /v1/registry",
    "post /v1/registry/hmpps-orders",
    "post /v1/registry/preview",
    "get /v1/session",
    "post /v1/orders/{id}/vary",
    "post /v1/orders/{id}/suspend",
    "post /v1/orders/{id}/resume",
    "post /v1/orders/{id}/end",
    "post /v1/devices/{device}/activate",
    "post /v1/devices/{device}/deactivate",
    "post /v1/devices/{device}/reassign",
    "post /v1/zones/{id}/geometry",
    "post /v1/deliveries/{receipt}/ack",
    "post /v1/deliveries/{receipt}/extend",
    "post /v1/deliveries/{receipt}/nack",
    "get /v1/queues/{group}/notifications",
    "get /v1/queues/{group}/{name}/notifications",
    "post /v1/notifications/{id}/requeue",
    "post /v1/queues/{group}/requeue",
    "post /v1/queues/{group}/{name}/requeue",
    "post /v1/queues/{group}/claim",
    "post /v1/queues/{group}/{name}/claim",
];

#[tokio::test]
async fn the_document_lists_every_route_with_an_answer_and_its_problems() {
    let service = Service::start().await;
    let document = service.get("/openapi.json").await.json();
    let mut listed = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            listed.insert(format!("{method} {path}"));
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "operation id {id} is given twice");
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.keys().any(|status| status.starts_with('2')),
                "{path}"
            );
            assert!(operation["summary"].is_string() || operation["description"].is_string());
            let about_people = path.starts_with("/v1/");
            for status in ["400", "403", "421", "500", "503"]
                .iter()
                .filter(|_| about_people)
            {
                let problem = &responses[*status]["content"]["application/problem+json"];
                assert!(problem.is_object(), "{method} {path} has no {status}");
            }
        }
    }
    assert_eq!(listed, ENDPOINTS.map(str::to_owned).into());
}

#[tokio::test]
async fn every_route_in_the_document_is_served() {
    let service = Service::start().await;
    for endpoint in ENDPOINTS {
        let (method, path) = endpoint.split_once(' ').unwrap();
        if path.ends_with("/stream") {
            service.open_stream(path, None).await;
            continue;
        }
        let path = path.replace(['{', '}'], "");
        let answer = service.ask(&method.to_uppercase(), &path, &[], "").await;
        assert!(!answer.body.contains("there is nothing at"), "{endpoint}");
        assert_ne!(answer.status, 405, "{endpoint}");
    }
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    let service = Service::start().await;
    let document = service.get("/openapi.json").await.json();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 15, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
    let kinds = &document["components"]["schemas"]["DecisionKind"]["enum"];
    assert_eq!(
        kinds.as_array().unwrap().len(),
        model::DecisionKind::ALL.len()
    );
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.insert(reference.clone());
            }
            fields
                .values()
                .for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|value| collect_references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
