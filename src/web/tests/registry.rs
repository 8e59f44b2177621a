use serde_json::{Value, json};

use super::Service;
use super::client::Answer;

const ACTOR: (&str, &str) = ("x-actor", "clerk-7");
const REASON: (&str, &str) = ("x-reason", "order of the court");
const JSON: (&str, &str) = ("content-type", "application/json");

impl Service {
    /// As somebody who says who they are and why, with more headers.
    async fn change(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let headers = [&[ACTOR, REASON, JSON], more].concat();
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.ask(method, path, &headers, &body).await
    }

    async fn put(&self, path: &str, more: &[(&str, &str)], body: &Value) -> Answer {
        self.change("PUT", path, more, body).await
    }

    async fn do_to(&self, path: &str, body: &Value) -> Answer {
        self.change("POST", path, &[], body).await
    }

    /// A wearer with a tag, kept out of a circle.
    async fn registered(&self) {
        let answer = self.do_to("/v1/registry", &document()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

fn document() -> Value {
    json!({
        "wearers": [{"id": "W-1", "name": "Invented Person"}, {"id": "W-2"}],
        "activations": [{"device": "GPS-1", "kind": "gps", "wearer": "W-1",
            "from": "2026-01-01T00:00:00Z"}],
        "orders": [order()],
        "places": [{"id": "P-1", "lat": 52.9, "lon": -2.2, "radius_m": 50.0}],
        "zones": {"type": "FeatureCollection", "features": [{
            "type": "Feature", "id": "Z-1", "properties": {"radius_m": 150.0},
            "geometry": {"type": "Point", "coordinates": [-2.1, 52.8]}
        }]}
    })
}

fn order() -> Value {
    json!({"id": "O-1", "version": 1, "wearer": "W-1", "type": "BAIL",
    "from": "2026-01-01T00:00:00Z", "conditions": [
        {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}
    ]})
}

#[tokio::test]
async fn a_document_is_registered_in_one_go_and_read_back_as_it_was_written() {
    let service = Service::start().await;
    let rehearsed = service
        .do_to("/v1/registry?dry_run=true", &document())
        .await;
    assert_eq!(rehearsed.json()["changes"].as_array().unwrap().len(), 6);
    assert_eq!(service.get("/v1/registry").await.json()["revision"], 0);
    service.registered().await;
    assert_eq!(service.get("/v1/registry").await.json()["revision"], 6);
    let zone = service.get("/v1/registry/zone/Z-1").await;
    assert!(zone.head.contains("etag: \"1\""), "{}", zone.head);
    assert_eq!(
        zone.json()["document"]["geometry"]["coordinates"],
        json!([-2.1, 52.8])
    );
    let place = service.get("/v1/registry/place/P-1").await.json();
    assert_eq!(place["document"], document()["places"][0]);
    assert_eq!(
        (&place["actor"], &place["reason"]),
        (&json!("clerk-7"), &json!("order of the court"))
    );
    let listed = service.get("/v1/registry/wearer?limit=1").await.json();
    assert_eq!(listed["parts"][0]["id"], "W-1");
    let next = service.get("/v1/registry/wearer?after=W-1").await.json();
    assert_eq!(next["parts"][0]["id"], "W-2");
    let worn = "/v1/registry/activation/GPS-1%2FW-1%2F2026-01-01T00:00:00Z";
    assert_eq!(
        service.get(worn).await.json()["document"]["device"],
        "GPS-1"
    );
    service.get("/v1/registry/shoe/1").await.problem(404);
    service.get("/v1/registry/order/O-2").await.problem(404);
}

#[tokio::test]
async fn whoever_changes_something_says_who_they_are_and_why_and_what_they_have_seen() {
    let service = Service::start().await;
    service.registered().await;
    let path = "/v1/registry/place/P-1";
    let moved = json!({"id": "P-1", "lat": 52.91, "lon": -2.2, "radius_m": 50.0});
    let body = moved.to_string();
    let nobody = service
        .ask("PUT", path, &[JSON, ("if-match", "\"1\"")], &body)
        .await;
    assert!(nobody.problem(400).contains("x-actor"));
    let silent = [JSON, ACTOR, ("if-match", "\"1\"")];
    let silent = service.ask("PUT", path, &silent, &body).await;
    assert!(silent.problem(400).contains("x-reason"));
    let unseen = service.put(path, &[], &moved).await;
    assert!(unseen.problem(428).contains("version 1"));
    let is_new = service.put(path, &[("if-none-match", "*")], &moved).await;
    is_new.problem(412);
    let first = service.put(path, &[("if-match", "\"1\"")], &moved).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let field = &first.json()["changes"][0]["fields"][0];
    assert_eq!(field, &json!({"at": "/lat", "was": 52.9, "becomes": 52.91}));
    // Somebody else who had seen version 1, too.
    let second = service.put(path, &[("if-match", "\"1\"")], &moved).await;
    assert!(second.problem(412).contains("version 2, not 1"));
    let versions = service.get(&format!("{path}/versions")).await.json();
    assert_eq!(versions["parts"].as_array().unwrap().len(), 2);
    let before = service.get(&format!("{path}?revision=6")).await.json();
    assert_eq!(before["document"]["lat"], 52.9);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_everything_that_is_wrong() {
    let service = Service::start().await;
    let mut wrong = document();
    wrong["orders"][0]["wearer"] = json!("W-9");
    wrong["orders"][0]["conditions"][0]["zones"] = json!(["Z-8"]);
    let answer = service.do_to("/v1/registry", &wrong).await;
    answer.problem(422);
    let problems = answer.json()["problems"].to_string();
    assert!(
        problems.contains("W-9") && problems.contains("Z-8"),
        "{problems}"
    );
    assert_eq!(service.get("/v1/registry").await.json()["revision"], 0);
    let files = json!({"zones": {"file": "/etc/passwd"}});
    let answer = service.do_to("/v1/registry", &files).await;
    answer.problem(422);
    let problem = &answer.json()["problems"][0];
    assert_eq!(problem["path"], "zones.file", "{problem}");
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains("nothing here reads files"), "{message}");
}

#[tokio::test]
async fn what_is_misspelt_and_what_does_not_fit_are_told_together_with_their_lines() {
    let service = Service::start().await;
    let mut wrong = document();
    wrong["orders"][0]["wearer"] = json!("W-9");
    wrong["places"] =
        json!([{"id": "P-9", "lat": "north", "lon": -2, "radius_m": 50, "colour": 1}]);
    let text = serde_json::to_string_pretty(&wrong).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let headers = [JSON, ACTOR, ("x-reason", "by post")];
    let answer = service.ask("POST", "/v1/registry", &headers, &text).await;
    answer.problem(422);
    let answer = answer.json();
    let problems = answer["problems"].as_array().unwrap();
    let errors = problems
        .iter()
        .filter(|problem| problem["severity"] == "error");
    let told: Vec<(&str, &str)> = errors
        .map(|problem| {
            let line = usize::try_from(problem["line"].as_u64().unwrap()).unwrap();
            (problem["path"].as_str().unwrap(), lines[line - 1].trim())
        })
        .collect();
    assert!(
        told.contains(&("places[0].lat", "\"lat\": \"north\",")),
        "{answer}"
    );
    assert!(
        told.contains(&("places[0].colour", "\"colour\": 1,")),
        "{answer}"
    );
    assert!(
        told.iter()
            .any(|(path, line)| *path == "orders[0].wearer" && line.contains("W-9")),
        "{answer}"
    );
}

#[tokio::test]
async fn an_order_is_varied_suspended_resumed_and_ended_each_as_a_version() {
    let service = Service::start().await;
    service.registered().await;
    let mut varied = order();
    varied["hdc"] = json!(true);
    let answer = service.do_to("/v1/orders/O-1/vary", &varied).await;
    assert_eq!(answer.json()["changes"][0]["becomes"], 2, "{}", answer.body);
    let from = json!({"from": "2026-03-01T00:00:00Z"});
    let answer = service.do_to("/v1/orders/O-1/suspend", &from).await;
    assert_eq!(answer.json()["changes"][0]["becomes"], 3, "{}", answer.body);
    let at = json!({"at": "2026-03-05T00:00:00Z"});
    assert_eq!(
        service.do_to("/v1/orders/O-1/resume", &at).await.status,
        200
    );
    let at = json!({"at": "2026-04-01T00:00:00Z"});
    assert_eq!(service.do_to("/v1/orders/O-1/end", &at).await.status, 200);
    let order = service.get("/v1/registry/order/O-1").await.json();
    assert_eq!(order["version"], 5);
    let document = &order["document"];
    assert_eq!(document["version"], 5);
    assert_eq!(document["to"], "2026-04-01T00:00:00Z");
    assert_eq!(
        document["suspensions"],
        json!([{"from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z",
            "reason": "order of the court"}])
    );
    service
        .do_to("/v1/orders/O-9/end", &Value::Null)
        .await
        .problem(404);
}

#[tokio::test]
async fn a_device_is_activated_handed_on_and_taken_off() {
    let service = Service::start().await;
    service.registered().await;
    let next = json!({"wearer": "W-2", "at": "2026-05-01T00:00:00Z"});
    let answer = service.do_to("/v1/devices/GPS-1/reassign", &next).await;
    assert_eq!(
        answer.json()["changes"].as_array().unwrap().len(),
        2,
        "{}",
        answer.body
    );
    let at = json!({"at": "2026-06-01T00:00:00Z"});
    assert_eq!(
        service
            .do_to("/v1/devices/GPS-1/deactivate", &at)
            .await
            .status,
        200
    );
    let activations = service.get("/v1/registry/activation").await.json();
    let spans: Vec<Value> = activations["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| json!([part["document"]["wearer"], part["document"]["to"]]))
        .collect();
    assert_eq!(
        spans,
        [
            json!(["W-1", "2026-05-01T00:00:00Z"]),
            json!(["W-2", "2026-06-01T00:00:00Z"])
        ]
    );
    let worn = json!({"wearer": "W-1", "kind": "rf", "from": "2026-06-01T00:00:00Z"});
    assert_eq!(
        service
            .do_to("/v1/devices/RF-1/activate", &worn)
            .await
            .status,
        200
    );
    service
        .do_to("/v1/devices/GPS-1/deactivate", &Value::Null)
        .await
        .problem(404);
}

#[tokio::test]
async fn what_something_points_at_is_not_removed_and_what_is_missing_can_be_drawn() {
    let service = Service::start().await;
    service.registered().await;
    let seen = [("if-match", "\"1\"")];
    let pointed_at = service
        .change("DELETE", "/v1/registry/zone/Z-1", &seen, &Value::Null)
        .await;
    pointed_at.problem(422);
    assert!(
        pointed_at.body.contains("order/O-1 points at it"),
        "{}",
        pointed_at.body
    );
    let place = service
        .change("DELETE", "/v1/registry/place/P-1", &seen, &Value::Null)
        .await;
    assert_eq!(place.status, 200, "{}", place.body);
    service.get("/v1/registry/place/P-1").await.problem(404);
    let order = service
        .change("DELETE", "/v1/registry/order/O-1", &seen, &Value::Null)
        .await;
    order.problem(409);
    assert_eq!(
        service.get("/v1/registry/missing").await.json()["missing"],
        json!([])
    );
    let sent = include_str!("../../../fixtures/hmpps/licence-zones-and-attendance.json");
    let sent: Value = serde_json::from_str(sent).unwrap();
    let taken = service.do_to("/v1/registry/hmpps-orders", &sent).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    let missing = service.get("/v1/registry/missing").await.json();
    let parts = missing["missing"].as_array().unwrap();
    let zone = parts
        .iter()
        .find_map(|part| part["part"].as_str()?.strip_prefix("zone/"))
        .unwrap();
    let drawn = json!({"type": "Point", "coordinates": [-2.1, 52.8], "radius_m": 200});
    let path = format!("/v1/zones/{zone}/geometry");
    assert_eq!(service.do_to(&path, &drawn).await.status, 200);
    service.do_to(&path, &drawn).await.problem(412);
    let left = service.get("/v1/registry/missing").await.json();
    assert_eq!(left["missing"].as_array().unwrap().len(), parts.len() - 1);
}

#[tokio::test]
async fn each_look_and_each_change_is_in_the_audit_trail() {
    let service = Service::start().await;
    service.registered().await;
    service.get("/v1/registry/order/O-1").await;
    service.do_to("/v1/orders/O-1/end", &Value::Null).await;
    let audited = service.audited().await;
    let actions: Vec<(&str, &str)> = audited
        .iter()
        .map(|(_, action, subject, _)| (action.as_str(), subject.as_str()))
        .collect();
    assert_eq!(
        actions[actions.len() - 2..],
        [
            ("registry.read", "order/O-1"),
            ("registry.put", "order of W-1")
        ]
    );
    let (actor, _, _, reason) = audited.last().unwrap();
    assert_eq!(
        (actor.as_str(), reason.as_deref()),
        ("clerk-7", Some("order of the court"))
    );
    service.break_audit(true);
    service.get("/v1/registry/order/O-1").await.problem(503);
    service.break_audit(false);
}
