use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Service;
use crate::store::contract::sample;

const KENT: &str = "/v1/queues/police/kent/claim";

async fn with_one_notification() -> Service {
    let service = Service::start().await;
    service
        .commit(vec![sample::routed(
            "W-1",
            1,
            1,
            &["police/kent", "operators"],
        )])
        .await;
    service
}

impl Service {
    async fn claim(&self, path: &str, body: &str) -> Vec<Value> {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["deliveries"].as_array().unwrap().clone()
    }

    async fn settle(&self, delivery: &Value, verb: &str, body: &str) -> super::client::Answer {
        let receipt = delivery["receipt"].as_str().unwrap();
        self.post(&format!("/v1/deliveries/{receipt}/{verb}"), body)
            .await
    }
}

#[tokio::test]
async fn a_claim_hands_out_a_cloud_event_under_a_lease() {
    let service = with_one_notification().await;
    let body = r#"{"consumer":"desk-1","max":5,"lease_s":30}"#;
    let deliveries = service.claim(KENT, body).await;
    assert_eq!(deliveries.len(), 1);
    let delivery = &deliveries[0];
    let notification = sample::notification("W-1", 1, 1, "police/kent");
    assert_eq!(delivery["attempt"], 1);
    assert_eq!(delivery["receipt"], format!("{}:1", notification.id));
    assert!(delivery["lease_until"].is_string());
    let event = &delivery["event"];
    assert_eq!(event["id"], notification.id.to_string());
    assert_eq!(event["source"], "/tagwatch/test");
    assert_eq!(event["type"], "uk.em.alert.opened");
    assert_eq!(event["data"]["recipient"], "police/kent");
    assert!(service.claim(KENT, "").await.is_empty(), "it is leased");
}

#[tokio::test]
async fn what_is_acknowledged_does_not_come_again_and_other_queues_keep_theirs() {
    let service = with_one_notification().await;
    let deliveries = service.claim(KENT, r#"{"lease_s":1,"max":null}"#).await;
    for _ in 0..2 {
        assert_eq!(service.settle(&deliveries[0], "ack", "").await.status, 204);
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(service.claim(KENT, "").await.is_empty());
    assert_eq!(
        service.claim("/v1/queues/operators/claim", "").await.len(),
        1
    );
    let queues = service.get("/v1/queues").await.json();
    let kent = queues["queues"]
        .as_array()
        .unwrap()
        .iter()
        .find(|q| q["recipient"] == "police/kent");
    assert_eq!(kent.unwrap()["acknowledged"], 1);
    service
        .settle(&deliveries[0], "nack", "")
        .await
        .problem(409);
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again_when_the_lease_is_over() {
    let service = with_one_notification().await;
    let first = service.claim(KENT, r#"{"lease_s":1}"#).await;
    assert!(service.claim(KENT, "").await.is_empty());
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let second = service.claim(KENT, "").await;
    assert_eq!(second[0]["attempt"], 2);
    assert_eq!(second[0]["event"], first[0]["event"]);
    let refused = service.settle(&first[0], "ack", "").await;
    refused.problem(409);
    assert_eq!(refused.json()["type"], "urn:tagwatch:problem:lease-expired");
    assert_eq!(service.settle(&second[0], "ack", "").await.status, 204);
}

#[tokio::test]
async fn what_is_given_back_comes_again_when_it_was_asked_to() {
    let service = with_one_notification().await;
    let first = service.claim(KENT, "").await;
    let body = r#"{"reason":"line down","retry_after_s":1}"#;
    let answer = service.settle(&first[0], "nack", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.json()["again_at"].is_string());
    assert!(service.claim(KENT, "").await.is_empty());
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(service.claim(KENT, "").await[0]["attempt"], 2);
}

#[tokio::test]
async fn a_queue_that_never_held_anything_is_empty() {
    let service = Service::start().await;
    assert!(
        service
            .claim("/v1/queues/recall/claim", "")
            .await
            .is_empty()
    );
    assert_eq!(
        service.get("/v1/queues").await.json(),
        json!({"queues": []})
    );
    assert!(service.audited().await.is_empty(), "nothing was shown");
}

#[tokio::test]
async fn claims_and_settlements_that_make_no_sense_are_refused() {
    let service = with_one_notification().await;
    for (body, named) in [
        (r#"{"max":0}"#, "max 0"),
        (r#"{"wait_s":9}"#, "wait_s 9"),
        (r#"{"max":101}"#, "max 101"),
        (r#"{"lease_s":0}"#, "lease"),
        (r#"{"lease_s":3601}"#, "lease"),
        (r#"{"consumer":""}"#, "consumer"),
        (r#"{"lease":60}"#, "`lease`"),
        (r#"{"max":-1}"#, "-1"),
        ("[", "body"),
    ] {
        let detail = service.post(KENT, body).await.problem(400);
        assert!(detail.contains(named), "{body}: {detail}");
    }
    let detail = service
        .post("/v1/queues/Police/kent/claim", "")
        .await
        .problem(400);
    assert!(detail.contains("Police/kent"), "{detail}");
    assert_eq!(
        service.claim(KENT, "").await.len(),
        1,
        "refused claims lease nothing"
    );

    let unknown = "/v1/deliveries/7c9e6679-7425-40de-944b-e07fc1f90ae7:1/ack";
    service.post(unknown, "").await.problem(404);
    service
        .post("/v1/deliveries/nonsense/nack", "")
        .await
        .problem(404);
    let detail = service
        .post(unknown.trim_end_matches("ack"), "")
        .await
        .problem(404);
    assert!(detail.contains("/v1/deliveries/"), "{detail}");
}

#[tokio::test]
async fn a_claim_is_audited_and_given_back_when_it_cannot_be() {
    let service = with_one_notification().await;
    service.break_audit(true);
    let answer = service.post(KENT, r#"{"lease_s":3600}"#).await;
    answer.problem(503);
    assert!(!answer.body.contains("W-1"));
    service.break_audit(false);
    let headers = [("x-actor", "desk-1"), ("x-reason", "on duty")];
    let answer = service.ask("POST", KENT, &headers, "").await;
    assert_eq!(
        answer.json()["deliveries"][0]["attempt"],
        2,
        "it is not withheld for an hour"
    );
    let expected = (
        "desk-1".to_owned(),
        "queue.claim".to_owned(),
        "queue police/kent, notifications: 1".to_owned(),
        Some("on duty".to_owned()),
    );
    assert_eq!(service.audited().await, [expected]);
}

#[tokio::test]
async fn a_lease_that_is_extended_goes_on() {
    let service = with_one_notification().await;
    let deliveries = service.claim(KENT, r#"{"lease_s":1}"#).await;
    let answer = service
        .settle(&deliveries[0], "extend", r#"{"lease_s":600}"#)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.json()["lease_until"].is_string());
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(service.claim(KENT, "").await.is_empty(), "it is leased");
    let body = r#"{"lease_s":0}"#;
    let detail = service.settle(&deliveries[0], "extend", body).await;
    assert!(detail.problem(400).contains("lease of 0 s"));
    let body = r#"{"answer":"incident 4711"}"#;
    assert_eq!(
        service.settle(&deliveries[0], "ack", body).await.status,
        204
    );
    service
        .settle(&deliveries[0], "extend", "")
        .await
        .problem(409);
}

#[tokio::test]
async fn what_is_given_back_too_often_is_given_up_and_says_so() {
    let service = with_one_notification().await;
    for attempt in 1..=super::ATTEMPTS_MAX {
        let deliveries = service.claim(KENT, "").await;
        assert_eq!(deliveries[0]["attempt"], attempt);
        let body = r#"{"retry_after_s":0}"#;
        let answer = service.settle(&deliveries[0], "nack", body).await;
        let again = answer.json()["again_at"].is_string();
        assert_eq!(again, attempt < super::ATTEMPTS_MAX);
    }
    assert!(service.claim(KENT, "").await.is_empty());
    let queues = service.get("/v1/queues").await.json();
    assert_eq!(queues["queues"][1]["recipient"], "police/kent");
    assert_eq!(queues["queues"][1]["dead"], 1);
    let metrics = service.get("/metrics").await.body;
    assert!(metrics.contains(r#"tagwatch_queue_dead{queue="police/kent"} 1"#));
}

#[tokio::test]
async fn a_look_into_a_queue_claims_nothing_and_what_was_given_up_is_put_back_by_somebody_with_a_reason()
 {
    let service = with_one_notification().await;
    let contents = "/v1/queues/police/kent/notifications";
    let seen = service.get(contents).await.json();
    assert_eq!(seen["notifications"][0]["state"], "ready");
    assert_eq!(
        seen["notifications"][0]["event"]["data"]["recipient"],
        "police/kent"
    );
    for attempt in 1..=super::ATTEMPTS_MAX {
        let delivery = service.claim(KENT, "").await.remove(0);
        assert_eq!(delivery["attempt"], attempt);
        let back = r#"{"reason":"the system is down","retry_after_s":0}"#;
        assert_eq!(service.settle(&delivery, "nack", back).await.status, 200);
    }
    assert!(service.claim(KENT, "").await.is_empty());
    let dead = service.get(&format!("{contents}?dead=true")).await.json();
    let dead = &dead["notifications"][0];
    assert_eq!(
        (&dead["state"], &dead["attempt"]),
        (&json!("dead"), &json!(super::ATTEMPTS_MAX))
    );
    assert_eq!(dead["deliveries"][2]["reason"], "the system is down");
    let again = format!(
        "/v1/notifications/{}/requeue",
        dead["event"]["id"].as_str().unwrap()
    );
    service.post(&again, "").await.problem(400);
    let why = [("x-actor", "operator-17"), ("x-reason", "it is up again")];
    let put_back = service.ask("POST", &again, &why, "").await.json();
    assert_eq!(put_back["notifications"], 1);
    assert_eq!(service.claim(KENT, "").await.len(), 1);
    let group = "/v1/queues/operators/requeue";
    assert_eq!(
        service.ask("POST", group, &why, "").await.json()["notifications"],
        0
    );
    let audited = service.audited().await;
    let requeued = audited
        .iter()
        .find(|entry| entry.1 == "queue.requeue")
        .unwrap();
    assert_eq!(requeued.0, "operator-17");
    assert!(audited.iter().any(|entry| entry.1 == "queue.peek"));
}

#[tokio::test]
async fn a_claim_waits_for_something_to_come_and_is_answered_when_it_does() {
    let service = Service::start().await;
    let begun = Instant::now();
    assert!(service.claim(KENT, r#"{"wait_s":1}"#).await.is_empty());
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let waiting = service.claim(KENT, r#"{"wait_s":8}"#);
    let coming = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (elsewhere, here) = (["operators"], ["police/kent"]);
        service
            .commit(vec![sample::routed("W-1", 1, 1, &elsewhere)])
            .await;
        service
            .commit(vec![sample::routed("W-2", 1, 1, &here)])
            .await;
    };
    let (deliveries, ()) = tokio::join!(waiting, coming);
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0]["event"]["subject"], "W-2");
}

#[tokio::test]
async fn who_waits_is_given_what_another_lease_gave_up_and_is_let_go_at_the_end() {
    let service = with_one_notification().await;
    assert_eq!(service.claim(KENT, r#"{"lease_s":1}"#).await.len(), 1);
    let again = service.claim(KENT, r#"{"wait_s":8}"#).await;
    assert_eq!(again[0]["attempt"], 2);
    let waiting = service.claim(KENT, r#"{"wait_s":8}"#);
    let ending = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        service.state.shutdown.cancel();
    };
    let begun = Instant::now();
    let (deliveries, ()) = tokio::join!(waiting, ending);
    assert!(deliveries.is_empty() && begun.elapsed() < Duration::from_secs(8));
}
