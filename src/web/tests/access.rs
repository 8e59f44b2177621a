//! Who is answered, and what.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::Service;
use super::client::Answer;
use crate::access::{Token, TokenRecord};
use crate::config::HttpConfig;
use crate::registrar::{Proposal, Who};
use crate::store::AuditEntry;
use crate::store::contract::sample;

fn entry(action: &str) -> AuditEntry {
    AuditEntry {
        at: sample::at(0),
        actor: "chief".to_owned(),
        action: action.to_owned(),
        subject: "token".to_owned(),
        reason: None,
    }
}

impl Service {
    /// A token of that role, as it is shown.
    pub(super) async fn token(&self, role: &str, specials: bool) -> (TokenRecord, String) {
        let token = Token::draw().unwrap();
        let record = TokenRecord {
            id: token.id.clone(),
            hash: token.hash(),
            name: format!("the {role}"),
            role: role.parse().unwrap(),
            specials,
            created: sample::at(0),
            created_by: "chief".to_owned(),
            expires: None,
            revoked: None,
            last_used: None,
        };
        self.state
            .store
            .add_token(&record, &entry("token.create"))
            .await
            .unwrap();
        (record, format!("Bearer {}", token.reveal()))
    }

    async fn ask_as(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let headers = [
            ("authorization", token),
            ("content-type", "application/json"),
            ("x-actor", "PC 42"),
            ("x-reason", "duty"),
        ];
        self.ask(method, path, &headers, body).await
    }

    pub(super) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.ask_as(token, "GET", path, "").await
    }

    /// Registers two people of Kent, one of whom only those named may see, and one of Essex.
    async fn register_people(&self) {
        let document = json!({
            "wearers": [
                {"id": "W-1", "police_force": "kent"},
                {"id": "W-2", "police_force": "essex"},
                {"id": "W-3", "police_force": "kent", "flags": ["nsd"]},
            ],
            "places": [
                {"id": "P-1", "lat": 51.3, "lon": 0.5, "radius_m": 50},
                {"id": "P-3", "lat": 51.4, "lon": 0.6, "radius_m": 50},
            ],
            "orders": [
                {"id": "O-1", "wearer": "W-1", "type": "BAIL", "from": "2026-03-01T00:00:00Z",
                 "conditions": [{"id": "C-1", "kind": "curfew", "place": "P-1",
                     "windows": [{"days": ["Mon"], "start": "19:00", "end": "07:00"}]}]},
                {"id": "O-3", "wearer": "W-3", "type": "BAIL", "from": "2026-03-01T00:00:00Z",
                 "conditions": [{"id": "C-3", "kind": "curfew", "place": "P-3",
                     "windows": [{"days": ["Mon"], "start": "19:00", "end": "07:00"}]}]},
            ],
        });
        let put = registry::read_sent(document.to_string()).into_changes();
        let proposal = Proposal {
            put,
            ..Proposal::default()
        };
        let who = Who {
            actor: "clerk".to_owned(),
            reason: None,
            at: sample::at(0),
        };
        self.state.registrar.take_in(&proposal, &who).await.unwrap();
        let decisions = vec![
            sample::routed("W-1", 1, 1, &["operators"]),
            sample::routed("W-2", 1, 1, &["police/essex"]),
            sample::routed("W-3", 1, 1, &["specials"]),
        ];
        self.commit(decisions).await;
    }
}

fn wearers(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let alerts = json["alerts"].as_array().unwrap();
    let mut wearers: Vec<_> = alerts
        .iter()
        .map(|alert| alert["wearer"].as_str().unwrap().to_owned())
        .collect();
    wearers.sort();
    wearers
}

#[tokio::test]
async fn who_shows_no_good_token_is_told_how_and_shown_nothing() {
    let service = Service::asking_for_tokens().await;
    let (_, good) = service.token("admin", false).await;
    let answer = service.get("/v1/alerts").await;
    assert!(answer.problem(401).contains("Authorization: Bearer"));
    assert!(
        answer.head.contains("www-authenticate: bearer"),
        "{}",
        answer.head
    );
    let (end, other) = if good.ends_with('A') {
        ("A", "B")
    } else {
        (&good[good.len() - 1..], "A")
    };
    let forged = format!("{}{other}", good.strip_suffix(end).unwrap());
    for token in [
        "Bearer nonsense",
        "Basic YTpi",
        "Bearer tw_0123456789_x",
        &forged,
    ] {
        service.get_as(token, "/v1/alerts").await.problem(401);
        service.get_as(token, "/v1/queues").await.problem(401);
    }
    assert_eq!(service.get_as(&good, "/v1/alerts").await.status, 200);
    assert_eq!(service.get("/healthz").await.status, 200);
    assert_eq!(service.get("/openapi.json").await.status, 200);
    let metrics = service.get("/metrics").await.body;
    assert!(
        metrics.contains("tagwatch_denied_total{action=\"sign in\"} 9"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_token_that_was_revoked_or_ran_out_opens_nothing_within_seconds() {
    let service = Service::asking_for_tokens().await;
    let (record, token) = service.token("operator", false).await;
    assert_eq!(service.get_as(&token, "/v1/alerts").await.status, 200);
    let used = service
        .state
        .store
        .token(&record.id)
        .await
        .unwrap()
        .unwrap();
    assert!(used.last_used.is_some());
    let now = service.state.clock.now();
    service
        .state
        .store
        .revoke_token(&record.id, now, &entry("token.revoke"))
        .await
        .unwrap();
    let started = std::time::Instant::now();
    while service.get_as(&token, "/v1/alerts").await.status == 200 {
        assert!(started.elapsed().as_secs() < 10, "it is still good");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let expired = Token::draw().unwrap();
    let record = TokenRecord {
        id: expired.id.clone(),
        hash: expired.hash(),
        expires: Some(sample::at(1)),
        ..record
    };
    service
        .state
        .store
        .add_token(&record, &entry("token.create"))
        .await
        .unwrap();
    let shown = format!("Bearer {}", expired.reveal());
    service.get_as(&shown, "/v1/alerts").await.problem(401);
}

#[tokio::test]
async fn alerts_one_may_not_see_are_not_there() {
    let service = Service::asking_for_tokens().await;
    service.register_people().await;
    for (role, specials, expected) in [
        ("operator", false, vec!["W-1", "W-2"]),
        ("operator", true, vec!["W-1", "W-2", "W-3"]),
        ("admin", false, vec!["W-1", "W-2"]),
        ("auditor", false, vec!["W-1", "W-2"]),
        ("police/kent", false, vec!["W-1"]),
        ("police/kent", true, vec!["W-1", "W-3"]),
        ("police/essex", false, vec!["W-2"]),
        ("desk/specials", true, vec!["W-3"]),
        ("probation/south", false, vec![]),
    ] {
        let (_, token) = service.token(role, specials).await;
        let listed = service.get_as(&token, "/v1/alerts").await;
        assert_eq!(wearers(&listed), expected, "{role}, specials: {specials}");
        for wearer in ["W-1", "W-2", "W-3"] {
            let alert = sample::decision(wearer, 1, 1, model::Phase::Opened).alert;
            let answer = service.get_as(&token, &format!("/v1/alerts/{alert}")).await;
            let status = if expected.contains(&wearer) { 200 } else { 404 };
            assert_eq!(answer.status, status, "{role}: {wearer}");
        }
    }
}

#[tokio::test]
async fn what_a_role_may_not_do_is_refused_written_down_and_counted() {
    let service = Service::asking_for_tokens().await;
    let (_, police) = service.token("police/kent", false).await;
    for (method, path) in [
        ("GET", "/v1/audit"),
        ("GET", "/v1/dead-letters"),
        ("GET", "/v1/registry/missing"),
        ("POST", "/v1/queues/operators/claim"),
        ("POST", "/v1/queues/police/essex/claim"),
        ("POST", "/v1/registry"),
        ("POST", "/v1/registry/preview"),
        ("PUT", "/v1/registry/wearer/W-1"),
        ("DELETE", "/v1/registry/place/P-1"),
    ] {
        let body = match (method, path) {
            ("POST", "/v1/registry" | "/v1/registry/preview") => r#"{"wearers":[{"id":"W-1"}]}"#,
            ("PUT", _) => r#"{"id":"W-1"}"#,
            _ => "",
        };
        let answer = service.ask_as(&police, method, path, body).await;
        let status = if method == "DELETE" { 404 } else { 403 };
        let detail = answer.problem(status);
        assert!(
            status == 404 || detail.starts_with("role police/kent may not"),
            "{detail}"
        );
    }
    let audited = service.audited().await;
    let denied: Vec<_> = audited
        .iter()
        .filter(|entry| entry.1 == "access.denied")
        .collect();
    assert_eq!(denied.len(), 8);
    assert_eq!(denied[0].0, "the police/kent: PC 42");
    assert_eq!(denied[0].2, "role police/kent may not read the audit trail");
    let metrics = service.get("/metrics").await.body;
    let counted = "tagwatch_denied_total{action=\"take from a queue\"} 2";
    assert!(metrics.contains(counted), "{metrics}");
    let auditor = service.token("auditor", false).await.1;
    assert_eq!(service.get_as(&auditor, "/v1/audit").await.status, 200);
    service
        .get_as(&auditor, "/v1/alerts/stream")
        .await
        .problem(403);
}

#[tokio::test]
async fn only_whose_queue_it_is_claims_from_it_and_settles_what_was_claimed() {
    let service = Service::asking_for_tokens().await;
    service.register_people().await;
    let (_, essex) = service.token("police/essex", false).await;
    let (_, kent) = service.token("police/kent", false).await;
    let queues = service.get_as(&essex, "/v1/queues").await.json();
    assert_eq!(queues["queues"].as_array().unwrap().len(), 1);
    assert_eq!(queues["queues"][0]["recipient"], "police/essex");
    let claim = "/v1/queues/police/essex/claim";
    let claimed = service.ask_as(&essex, "POST", claim, "").await.json();
    let receipt = claimed["deliveries"][0]["receipt"].as_str().unwrap();
    for what in ["ack", "nack"] {
        let path = format!("/v1/deliveries/{receipt}/{what}");
        service.ask_as(&kent, "POST", &path, "").await.problem(404);
    }
    let path = format!("/v1/deliveries/{receipt}/ack");
    assert_eq!(service.ask_as(&essex, "POST", &path, "").await.status, 204);
    let (_, admin) = service.token("admin", false).await;
    let specials = "/v1/queues/specials/claim";
    let detail = service
        .ask_as(&admin, "POST", specials, "")
        .await
        .problem(403);
    assert!(detail.contains("without specials"), "{detail}");
}

#[tokio::test]
async fn the_registry_shows_and_takes_what_is_about_those_one_may_see() {
    let service = Service::asking_for_tokens().await;
    service.register_people().await;
    let (_, kent) = service.token("police/kent", false).await;
    let (_, operator) = service.token("operator", false).await;
    let (_, named) = service.token("operator", true).await;
    let parts = |answer: Answer| answer.json()["parts"].as_array().unwrap().len();
    for (token, wearers, places) in [(&kent, 1, 1), (&operator, 2, 1), (&named, 3, 2)] {
        assert_eq!(
            parts(service.get_as(token, "/v1/registry/wearer").await),
            wearers
        );
        assert_eq!(
            parts(service.get_as(token, "/v1/registry/place").await),
            places
        );
    }
    for path in [
        "wearer/W-3",
        "order/O-3",
        "place/P-3",
        "wearer/W-3/versions",
    ] {
        let path = format!("/v1/registry/{path}");
        let hidden = service.get_as(&operator, &path).await.problem(404);
        let absent = service
            .get_as(&operator, &path.replace('3', "9"))
            .await
            .problem(404);
        assert_eq!(hidden.replace('3', "9"), absent);
        assert_eq!(service.get_as(&named, &path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn nobody_changes_what_is_registered_of_those_they_may_not_see() {
    let service = Service::asking_for_tokens().await;
    service.register_people().await;
    let (_, operator) = service.token("operator", false).await;
    let (_, named) = service.token("operator", true).await;
    let put = |id: &str, more: &str| format!(r#"{{"id":"{id}"{more}}}"#);
    for (path, body) in [
        ("/v1/registry/wearer/W-3", put("W-3", "")),
        (
            "/v1/registry/place/P-3",
            put("P-3", r#","lat":51,"lon":0,"radius_m":60"#),
        ),
        ("/v1/orders/O-3/end", String::new()),
        (
            "/v1/registry?dry_run=true",
            r#"{"wearers":[{"id":"W-3"}]}"#.to_owned(),
        ),
    ] {
        let method = if path.contains("registry/") {
            "PUT"
        } else {
            "POST"
        };
        service
            .ask_as(&operator, method, path, &body)
            .await
            .problem(404);
    }
    let special = put("W-7", r#","flags":["specials"]"#);
    let path = "/v1/registry/wearer/W-7";
    service
        .ask_as(&operator, "PUT", path, &special)
        .await
        .problem(403);
    assert_eq!(
        service.ask_as(&named, "PUT", path, &special).await.status,
        200
    );
    let ended = service
        .ask_as(&operator, "POST", "/v1/orders/O-1/end", "")
        .await;
    assert_eq!(ended.status, 200, "{}", ended.body);
}

#[tokio::test]
async fn the_live_stream_carries_what_one_may_see_and_goes_on_past_what_not() {
    let service = Arc::new(Service::asking_for_tokens().await);
    service.register_people().await;
    let (_, kent) = service.token("police/kent", false).await;
    let mut stream = service
        .open_stream_as("/v1/alerts/stream", Some(0), &kent)
        .await;
    assert_eq!(stream.next().await.unwrap().id, 1);
    service
        .commit(vec![sample::routed("W-2", 2, 1, &["police/essex"])])
        .await;
    service
        .commit(vec![sample::routed(
            "W-2",
            3,
            1,
            &["offender-managers/kent"],
        )])
        .await;
    assert_eq!(stream.next().await.unwrap().id, 5);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_revoked() {
    let service = Service::asking_for_tokens().await;
    let (record, token) = service.token("operator", false).await;
    let mut stream = service
        .open_stream_as("/v1/alerts/stream", Some(0), &token)
        .await;
    let now = service.state.clock.now();
    service
        .state
        .store
        .revoke_token(&record.id, now, &entry("token.revoke"))
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    service
        .commit(vec![sample::routed("W-1", 1, 1, &["operators"])])
        .await;
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn steps_leases_and_queues_are_for_those_who_may_see_whom_they_are_about() {
    let service = Service::asking_for_tokens().await;
    service.register_people().await;
    let (_, kent) = service.token("police/kent", false).await;
    let (_, essex) = service.token("police/essex", false).await;
    let (_, operator) = service.token("operator", false).await;
    let alert = |wearer| sample::decision(wearer, 1, 1, model::Phase::Opened).alert;
    let acknowledge = r#"{"action":"acknowledge"}"#;
    let steps = |wearer| format!("/v1/alerts/{}/steps", alert(wearer));
    for (token, wearer, status) in [
        (&kent, "W-1", 201),
        (&essex, "W-1", 404),
        (&kent, "W-3", 404),
        (&operator, "W-3", 404),
        (&operator, "W-2", 201),
    ] {
        let answer = service
            .ask_as(token, "POST", &steps(wearer), acknowledge)
            .await;
        assert_eq!(answer.status, status, "{wearer}: {}", answer.body);
    }
    let adjudicate = r#"{"action":"adjudicate","finding":"unreasonable","comment":"seen"}"#;
    let answer = service
        .ask_as(&kent, "POST", &steps("W-1"), adjudicate)
        .await;
    let detail = answer.problem(403);
    assert!(detail.contains("may not adjudicate"), "{detail}");
    let claimed = service
        .ask_as(&essex, "POST", "/v1/queues/police/essex/claim", "")
        .await;
    let claimed = claimed.json();
    let receipt = claimed["deliveries"][0]["receipt"].as_str().unwrap();
    let extend = format!("/v1/deliveries/{receipt}/extend");
    service
        .ask_as(&kent, "POST", &extend, "")
        .await
        .problem(404);
    assert_eq!(
        service.ask_as(&essex, "POST", &extend, "").await.status,
        200
    );
    let contents = "/v1/queues/police/essex/notifications";
    service
        .ask_as(&kent, "GET", contents, "")
        .await
        .problem(403);
    for (token, path, seen) in [
        (&essex, contents, 1),
        (&operator, contents, 1),
        (&operator, "/v1/queues/operators/notifications", 1),
        (&operator, "/v1/queues/specials/notifications", 403),
    ] {
        let answer = service.get_as(token, path).await;
        if seen == 403 {
            answer.problem(403);
        } else {
            let shown = answer.json()["notifications"].as_array().unwrap().len();
            assert_eq!(shown, seen, "{path}");
        }
    }
}

#[tokio::test]
async fn nobody_points_at_what_they_may_not_see() {
    let service = Service::asking_for_tokens().await;
    service.register_people().await;
    let (_, operator) = service.token("operator", false).await;
    let (_, named) = service.token("operator", true).await;
    let absence = r#"{"id":"A-1","condition":"C-3","from":"2026-03-02T19:00:00Z","to":"2026-03-02T21:00:00Z","reason":"a hearing","authorised_by":"PO 1"}"#;
    let order = r#"{"id":"O-9","wearer":"W-1","type":"BAIL","from":"2026-03-01T00:00:00Z","conditions":[
        {"id":"C-9","kind":"curfew","place":"P-3","windows":[{"days":["Tue"],"start":"19:00","end":"07:00"}]}]}"#;
    for (path, body, hidden) in [
        ("/v1/registry/absence/A-1", absence, "order/O-3"),
        ("/v1/registry/order/O-9", order, "place/P-3"),
    ] {
        let detail = service
            .ask_as(&operator, "PUT", path, body)
            .await
            .problem(404);
        assert_eq!(detail, format!("{hidden} is not registered"));
        let answer = service.ask_as(&named, "PUT", path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_token_that_asks_too_often_waits_and_bad_ones_never_hold_up_a_good_one() {
    let few = |count| NonZeroU32::new(count).unwrap();
    let config = HttpConfig {
        requests_per_second: few(1),
        requests_burst: few(5),
        failures_per_minute: few(3),
        ..HttpConfig::default()
    };
    let service = Service::start_with(&config, Duration::from_secs(60)).await;
    let (_, busy) = service.token("operator", false).await;
    let (_, other) = service.token("operator", false).await;
    let mut asked = 0;
    let refused = loop {
        let answer = service.get_as(&busy, "/v1/queues").await;
        if answer.status != 200 {
            break answer;
        }
        asked += 1;
        assert!(asked < 1000, "nobody is ever refused");
    };
    assert!(asked >= 5, "{asked}");
    refused.problem(429);
    let after = refused.head.split("retry-after: ").nth(1).unwrap();
    let seconds: u64 = after.lines().next().unwrap().parse().unwrap();
    assert!((1..=2).contains(&seconds), "{seconds}");
    for _ in 0..3 {
        service
            .get_as("Bearer nonsense", "/v1/queues")
            .await
            .problem(401);
    }
    service
        .get_as("Bearer nonsense", "/v1/queues")
        .await
        .problem(429);
    assert_eq!(service.get_as(&other, "/v1/queues").await.status, 200);
}

#[tokio::test]
async fn where_somebody_was_is_for_those_who_may_see_them_and_written_down() {
    let service = Service::asking_for_tokens().await;
    service.register_people().await;
    let readings = [(2, 60), (1, 0), (3, 120)].map(|(seq, second)| {
        let mut fix = sample::fix("GPS-1", Some(seq), second);
        fix.wearer = sample::wearer("W-1");
        fix
    });
    sample::commit_readings(&service.state.store, readings.to_vec()).await;
    let (_, kent) = service.token("police/kent", false).await;
    let (_, essex) = service.token("police/essex", false).await;
    let (_, auditor) = service.token("auditor", false).await;
    let path = "/v1/wearers/W-1/trail?to=2026-03-29T02:00:00Z";
    let shown = service.get_as(&kent, path).await.json();
    let positions = shown["positions"].as_array().unwrap();
    assert_eq!(positions.len(), 3);
    assert!(
        positions
            .windows(2)
            .all(|two| two[0]["t"].as_str() < two[1]["t"].as_str())
    );
    let some = service
        .get_as(&kent, &format!("{path}&limit=2"))
        .await
        .json();
    assert_eq!(
        (some["positions"].as_array().unwrap().len(), &some["cut"]),
        (2, &true.into())
    );
    let last = format!("{path}&limit=1&newest=true");
    let last = service.get_as(&kent, &last).await.json();
    assert_eq!(last["positions"][0], positions[2]);
    service.get_as(&essex, path).await.problem(404);
    service.get_as(&auditor, path).await.problem(403);
    let audited = service.audited().await;
    let looks = audited.iter().filter(|entry| entry.1 == "trail.read");
    assert_eq!(looks.count(), 3);
}
