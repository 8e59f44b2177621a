use model::Phase;

use super::Service;
use crate::store::contract::sample;
use crate::store::{DeadLetter, DeadLetterReason};

#[tokio::test]
async fn dead_letters_are_shown_newest_first_as_text_or_base64_and_cut() {
    let service = Service::start().await;
    let text = DeadLetter {
        payload: vec![b'{'; 5000],
        reason: DeadLetterReason::PayloadTooLarge,
        ..sample::dead_letter("second")
    };
    let letters = vec![sample::dead_letter("first"), text];
    service.state.store.bury(letters).await.unwrap();
    let json = service.get("/v1/dead-letters").await.json();
    let [second, first] = json["dead_letters"].as_array().unwrap().as_slice() else {
        panic!("{json}");
    };
    assert_eq!(second["detail"], "second");
    assert_eq!(second["payload"].as_str().unwrap().len(), 4096);
    assert_eq!(
        (&second["payload_bytes"], &second["payload_cut"]),
        (&5000.into(), &true.into())
    );
    assert_eq!(second["payload_encoding"], "utf8");
    assert_eq!(second["reason"], "payload_too_large");
    assert_eq!(first["payload_encoding"], "base64");
    assert_eq!(
        (&first["payload"], &first["payload_cut"]),
        (&"AJ+Slv8=".into(), &false.into())
    );
    let one = service.get("/v1/dead-letters?limit=1").await.json();
    assert_eq!(one["dead_letters"].as_array().unwrap().len(), 1);
    service.get("/v1/dead-letters?limit=101").await.problem(400);
}

#[tokio::test]
async fn every_read_is_written_down_with_who_and_why() {
    let service = Service::start().await;
    service
        .commit(vec![sample::routed("W-1", 1, 1, &["operators"])])
        .await;
    let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    let headers = [("x-actor", "Siân"), ("x-reason", "handover")];
    service
        .ask(
            "GET",
            "/v1/alerts?limit=5&wearer=W-1&state=open",
            &headers,
            "",
        )
        .await;
    service.get(&format!("/v1/alerts/{alert}")).await;
    service.get("/v1/dead-letters").await;
    let trail = service.get("/v1/audit").await.json();
    assert_eq!(trail["entries"].as_array().unwrap().len(), 3);
    assert_eq!(trail["entries"][0]["action"], "dead_letters.list");
    let entry = |actor: &str, action: &str, subject: &str, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        (
            actor.to_owned(),
            action.to_owned(),
            subject.to_owned(),
            reason,
        )
    };
    let expected = [
        entry(
            "Siân",
            "alerts.list",
            "alerts?wearer=W-1&state=open&limit=5",
            Some("handover"),
        ),
        entry("anonymous", "alert.read", &alert.to_string(), None),
        entry(
            "anonymous",
            "dead_letters.list",
            "dead-letters?limit=20",
            None,
        ),
        entry("anonymous", "audit.read", "audit?limit=100", None),
    ];
    assert_eq!(service.audited().await, expected);
}

#[tokio::test]
async fn nothing_is_shown_when_the_audit_trail_cannot_be_written() {
    let service = Service::start().await;
    service
        .commit(vec![sample::routed("W-1", 1, 1, &["operators"])])
        .await;
    service
        .state
        .store
        .bury(vec![sample::dead_letter("W-1")])
        .await
        .unwrap();
    let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    service.break_audit(true);
    for path in [
        "/v1/alerts".to_owned(),
        format!("/v1/alerts/{alert}"),
        "/v1/alerts/stream".to_owned(),
        "/v1/dead-letters".to_owned(),
    ] {
        let answer = service.get(&path).await;
        let detail = answer.problem(503);
        assert!(detail.contains("audit trail"), "{path}: {detail}");
        assert!(answer.head.contains("retry-after: 1"));
        assert!(!answer.body.contains("W-1"), "{path}");
    }
}

#[tokio::test]
async fn names_that_would_spoil_the_audit_trail_are_refused() {
    let service = Service::start().await;
    let long = "x".repeat(129);
    for (name, value) in [
        ("x-actor", long.as_str()),
        ("x-reason", &"y".repeat(513)),
        ("x-actor", "a\tb"),
    ] {
        let answer = service.ask("GET", "/v1/alerts", &[(name, value)], "").await;
        assert!(answer.problem(400).contains(name));
    }
}
