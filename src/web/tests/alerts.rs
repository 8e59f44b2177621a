use model::Phase;

use super::Service;
use crate::store::contract::sample;
use crate::web::schema;
use crate::web::schema::tests::assert_shape;

async fn with_three_alerts() -> Service {
    let service = Service::start().await;
    let cleared = sample::decision("W-2", 1, 2, Phase::Cleared);
    service
        .commit(vec![
            sample::routed("W-1", 1, 1, &["operators"]),
            sample::routed("W-2", 1, 1, &["operators"]),
            sample::address(cleared, &["operators"]),
            sample::routed("W-3", 1, 1, &["operators"]),
        ])
        .await;
    service
}

#[tokio::test]
async fn alerts_are_listed_by_state_kind_and_wearer() {
    let service = with_three_alerts().await;
    for (query, wearers) in [
        ("", &["W-1", "W-2", "W-3"][..]),
        ("?state=open", &["W-1", "W-3"]),
        ("?state=cleared&kind=strap_tamper", &["W-2"]),
        ("?kind=late_return", &[]),
        ("?wearer=W-3", &["W-3"]),
    ] {
        let json = service.get(&format!("/v1/alerts{query}")).await.json();
        let alerts = json["alerts"].as_array().unwrap();
        let mut found: Vec<_> = alerts
            .iter()
            .map(|a| a["wearer"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        assert_eq!(found, wearers, "{query}");
    }
    let one = service.get("/v1/alerts?limit=1").await.json();
    assert_eq!(one["alerts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_alert_comes_with_every_decision_about_it() {
    let service = with_three_alerts().await;
    let decision = sample::decision("W-2", 1, 1, Phase::Opened);
    let answer = service.get(&format!("/v1/alerts/{}", decision.alert)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("cache-control: no-store"));
    assert!(answer.head.contains("x-content-type-options: nosniff"));
    let json = answer.json();
    assert_eq!(json["record"]["state"], "cleared");
    let phases: Vec<_> = json["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|decision| decision["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases, ["opened", "cleared"]);
    assert_eq!(
        json["decisions"][0],
        serde_json::to_value(&decision).unwrap()
    );
}

#[tokio::test]
async fn what_is_answered_has_the_shape_the_document_says() {
    let service = with_three_alerts().await;
    let list = service.get("/v1/alerts").await.json();
    for alert in list["alerts"].as_array().unwrap() {
        assert_shape::<schema::Alert>(alert);
    }
    let claimed = service.post("/v1/queues/operators/claim", "").await.json();
    for delivery in claimed["deliveries"].as_array().unwrap() {
        assert_shape::<schema::CloudEvent>(&delivery["event"]);
    }
    let queues = service.get("/v1/queues").await.json();
    assert_shape::<Vec<schema::Queue>>(&queues["queues"]);
    let audit = service.get("/v1/audit").await.json();
    assert_shape::<Vec<schema::AuditEntry>>(&audit["entries"]);
}

#[tokio::test]
async fn an_alert_that_is_not_there_is_not_found_and_one_that_cannot_be_is_refused() {
    let service = with_three_alerts().await;
    let missing = sample::decision("W-9", 1, 1, Phase::Opened)
        .alert
        .to_string();
    let detail = service
        .get(&format!("/v1/alerts/{missing}"))
        .await
        .problem(404);
    assert!(detail.contains(&missing));
    let detail = service.get("/v1/alerts/W-1").await.problem(400);
    assert!(detail.contains("\"W-1\""), "{detail}");
}

#[tokio::test]
async fn malformed_queries_are_refused_by_name() {
    let service = Service::start().await;
    for (query, named) in [
        ("?state=closed", "closed"),
        ("?kind=loitering", "loitering"),
        ("?wearer=", "wearer"),
        ("?wearer=a%20b", "a b"),
        ("?limit=0", "limit 0"),
        ("?limit=1001", "limit 1001"),
        ("?limit=many", "limit"),
        ("?wearers=W-1", "wearers"),
    ] {
        let answer = service.get(&format!("/v1/alerts{query}")).await;
        let detail = answer.problem(400);
        assert!(detail.contains(named), "{query}: {detail}");
    }
}
