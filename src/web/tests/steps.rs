//! What people do about alerts, over HTTP.

use model::Phase;
use serde_json::{Value, json};

use super::Service;
use super::client::Answer;
use crate::store::RoutedDecision;
use crate::store::contract::sample;
use crate::store::triage::Deadline;
use crate::web::schema::tests::assert_shape;
use crate::web::schema::{Alert, CloudEvent, Step, Triage};

const WHO: (&str, &str) = ("x-actor", "operator-17");
const JSON: (&str, &str) = ("content-type", "application/json");

impl Service {
    async fn step(&self, body: &Value) -> Answer {
        let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
        let path = format!("/v1/alerts/{alert}/steps");
        self.ask("POST", &path, &[WHO, JSON], &body.to_string())
            .await
    }

    async fn alert(&self) -> Value {
        let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
        self.get(&format!("/v1/alerts/{alert}")).await.json()
    }
}

async fn with_an_alert() -> Service {
    let service = Service::start().await;
    let routed = sample::routed("W-1", 1, 1, &["police/staffordshire"]);
    service.commit(vec![routed]).await;
    service
}

#[tokio::test]
async fn an_alert_is_acknowledged_remarked_on_escalated_resolved_and_taken_up_again() {
    let service = with_an_alert().await;
    let steps = [
        json!({"action": "acknowledge"}),
        json!({"action": "contact", "means": "call", "answer": "nobody", "comment": "rang for a minute"}),
        json!({"action": "comment", "comment": "the street has no signal today"}),
        json!({"action": "adjudicate", "finding": "unreasonable", "comment": "no reason given"}),
        json!({"action": "escalate", "to": ["operators"], "comment": "second pair of eyes", "seen": 4}),
        json!({"action": "resolve", "outcome": "breach_reported", "comment": "sent to the court"}),
        json!({"action": "reopen", "comment": "the court asks"}),
    ];
    for (number, step) in (1..).zip(&steps) {
        let answer = service.step(step).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let answer = answer.json();
        assert_eq!(answer["step"]["number"], number, "{answer}");
        assert_eq!(answer["step"]["actor"], "operator-17");
        assert_eq!(answer["triage"]["steps"], number);
        assert_shape::<Step>(&answer["step"]);
        assert_shape::<Triage>(&answer["triage"]);
    }
    let alert = service.alert().await;
    assert_eq!(alert["steps"].as_array().unwrap().len(), steps.len());
    assert_eq!(alert["record"]["triage"]["stage"], "acknowledged");
    assert_eq!(alert["record"]["triage"]["finding"], "unreasonable");
    assert_shape::<Alert>(&alert["record"]);
    let claim = service.post("/v1/queues/operators/claim", "").await.json();
    let event = &claim["deliveries"][0]["event"];
    assert_eq!(event["type"], "uk.em.alert.escalated", "{claim}");
    let why = json!({"step": 5, "by": "operator-17", "comment": "second pair of eyes"});
    assert_eq!(event["data"]["escalation"], why);
    assert_shape::<CloudEvent>(event);
    let audited = service.audited().await;
    let actions: Vec<&str> = audited.iter().map(|entry| entry.1.as_str()).collect();
    assert_eq!(
        actions[..7],
        [
            "alert.acknowledge",
            "alert.contact",
            "alert.comment",
            "alert.adjudicate",
            "alert.escalate",
            "alert.resolve",
            "alert.reopen"
        ]
    );
}

#[tokio::test]
async fn who_comes_second_is_told_who_has_it() {
    let service = with_an_alert().await;
    service.step(&json!({"action": "acknowledge"})).await;
    let second = service.step(&json!({"action": "acknowledge"})).await;
    assert!(
        second
            .problem(409)
            .contains("operator-17 has acknowledged it")
    );
    let unseen = json!({"action": "comment", "comment": "as agreed", "seen": 0});
    assert!(
        service
            .step(&unseen)
            .await
            .problem(409)
            .contains("1 steps by now, not 0")
    );
    assert_eq!(service.alert().await["steps"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_alert_that_grows_overdue_meanwhile_is_acknowledged_all_the_same() {
    let service = Service::start().await;
    let due = sample::at(240);
    let routed = RoutedDecision {
        deadline: Some(Deadline {
            due,
            ladder: Vec::new(),
        }),
        ..sample::routed("W-1", 1, 1, &["police/staffordshire"])
    };
    service.commit(vec![routed]).await;
    let late = service.state.store.overdue(due, 1).await.unwrap();
    service.state.desk.overdue(&late[0], due).await.unwrap();
    let seen_none = json!({"action": "acknowledge", "seen": 0});
    let answer = service.step(&seen_none).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let alert = service.alert().await;
    assert_eq!(alert["steps"][0]["action"], "overdue");
    assert_eq!(alert["steps"][1]["action"], "acknowledge");
    let never_there = json!({"action": "comment", "comment": "as agreed", "seen": 3});
    let refused = service.step(&never_there).await;
    assert!(refused.problem(409).contains("2 steps by now, not 3"));
}

#[tokio::test]
async fn a_step_that_cannot_be_meant_is_refused_with_what_it_lacks() {
    let service = with_an_alert().await;
    let refused = [
        (json!({"action": "snooze"}), "none of acknowledge"),
        (
            json!({"action": "adjudicate", "comment": "x"}),
            "needs `finding`",
        ),
        (
            json!({"action": "resolve", "outcome": "warned"}),
            "`comment` must say why",
        ),
        (
            json!({"action": "escalate", "to": [], "comment": "x"}),
            "names nobody",
        ),
        (
            json!({"action": "escalate", "to": ["The Police"], "comment": "x"}),
            "not a recipient",
        ),
        (
            json!({"action": "contact", "means": "call", "comment": "x"}),
            "needs `answer`",
        ),
        (
            json!({"action": "contact", "means": "pigeon", "answer": "nobody", "comment": "x"}),
            "pigeon",
        ),
        (
            json!({"action": "acknowledge", "outcome": "warned"}),
            "`outcome` says nothing",
        ),
        (
            json!({"action": "acknowledge", "colour": 1}),
            "unknown field",
        ),
        (
            json!({"action": "adjudicate", "finding": "reasonable_excuse", "comment": "x",
                "from": "2026-03-01T00:00:00Z"}),
            "not a breach of time",
        ),
    ];
    for (body, why) in refused {
        let problem = service.step(&body).await.problem(400);
        assert!(problem.contains(why), "{body}: {problem}");
    }
    let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    let path = format!("/v1/alerts/{alert}/steps");
    let nobody = service
        .ask("POST", &path, &[JSON], r#"{"action":"acknowledge"}"#)
        .await;
    assert!(nobody.problem(400).contains("x-actor"));
    let other = sample::decision("W-2", 1, 1, Phase::Opened).alert;
    let path = format!("/v1/alerts/{other}/steps");
    let unknown = service
        .ask("POST", &path, &[WHO, JSON], r#"{"action":"acknowledge"}"#)
        .await;
    unknown.problem(404);
    assert_eq!(service.alert().await["steps"], json!([]));
}

#[tokio::test]
async fn a_step_is_an_event_of_the_live_stream() {
    let service = with_an_alert().await;
    let mut stream = service.open_stream("/v1/alerts/stream", None).await;
    assert_eq!(stream.begins_after, 1);
    service.step(&json!({"action": "acknowledge"})).await;
    let event = stream.next().await.unwrap();
    assert_eq!((event.id, event.name.as_str()), (2, "step"));
    assert_eq!(event.data["step"]["action"], "acknowledge");
    assert_eq!(event.data["decision"]["wearer"], "W-1");
    assert_eq!(event.data["recipients"], json!(["police/staffordshire"]));
}
