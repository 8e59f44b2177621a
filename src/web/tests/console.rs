//! The pages that need no script.

use model::Phase;

use super::{PATIENCE, Service};
use crate::config::{AccessConfig, HttpConfig, TilesConfig};
use crate::store::contract::sample;

async fn with_an_alert() -> Service {
    let service = Service::start().await;
    let routed = sample::routed("W-1", 1, 1, &["police/staffordshire"]);
    service.commit(vec![routed]).await;
    service
}

#[tokio::test]
async fn the_list_shows_who_when_and_where_to_read_on() {
    let service = with_an_alert().await;
    let page = service.get("/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.head.contains("content-type: text/html"),
        "{}",
        page.head
    );
    let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    for shown in ["W-1", "Strap tamper", &format!("href=\"/alerts/{alert}\"")] {
        assert!(page.body.contains(shown), "{shown} in {}", page.body);
    }
    let resolved = service.get("/?stage=resolved").await;
    assert!(!resolved.body.contains("W-1"), "{}", resolved.body);
}

#[tokio::test]
async fn what_a_page_shows_is_in_the_audit_trail_as_what_the_api_shows() {
    let service = with_an_alert().await;
    let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    service.get(&format!("/alerts/{alert}")).await;
    service.get("/").await;
    let audited = service.audited().await;
    let actions: Vec<_> = audited.iter().map(|entry| entry.1.as_str()).collect();
    assert_eq!(actions, ["alert.read", "alerts.list"]);
    service.break_audit(true);
    let page = service.get("/").await;
    assert_eq!(page.status, 503);
    assert!(!page.body.contains("W-1"), "{}", page.body);
}

#[tokio::test]
async fn an_alert_is_shown_with_its_evidence_and_steps() {
    let service = with_an_alert().await;
    let alert = sample::decision("W-1", 1, 1, Phase::Opened).alert;
    let remark = r#"{"action": "comment", "comment": "<b>rang</b> them"}"#;
    let who = [
        ("x-actor", "operator-17"),
        ("content-type", "application/json"),
    ];
    let path = format!("/v1/alerts/{alert}/steps");
    assert_eq!(service.ask("POST", &path, &who, remark).await.status, 201);
    let page = service.get(&format!("/alerts/{alert}")).await;
    for shown in ["operator-17", "&lt;b&gt;rang&lt;/b&gt; them", "Evidence"] {
        assert!(page.body.contains(shown), "{shown} in {}", page.body);
    }
}

#[tokio::test]
async fn nothing_but_what_is_served_here_may_run_in_a_page() {
    let service = with_an_alert().await;
    let page = service.get("/").await;
    assert!(
        page.head
            .contains("content-security-policy: default-src 'none'"),
        "{}",
        page.head
    );
    assert!(
        page.head.contains("cache-control: no-store"),
        "{}",
        page.head
    );
    assert!(
        !page.body.contains("<script") && !page.body.contains("style="),
        "{}",
        page.body
    );
    assert_eq!(service.get("/console.css").await.status, 200);
}

#[tokio::test]
async fn queues_are_shown_all_and_one_by_one() {
    let service = with_an_alert().await;
    let all = service.get("/queues").await;
    assert!(
        all.body.contains("href=\"/queues/police/staffordshire\""),
        "{}",
        all.body
    );
    assert_eq!(
        service.get("/queues/police/staffordshire").await.status,
        200
    );
    assert_eq!(service.get("/queues/police/nowhere").await.status, 404);
}

#[tokio::test]
async fn a_refusal_is_a_page_too() {
    let service = with_an_alert().await;
    let page = service.get("/alerts/nonsense").await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("<h1>Sorry"), "{}", page.body);
}

#[tokio::test]
async fn the_console_is_served_where_it_was_built_and_says_how_to_build_it_elsewhere() {
    let service = with_an_alert().await;
    let page = service.get("/console/alerts/any").await;
    assert!(
        page.head
            .contains("content-security-policy: default-src 'none'"),
        "{}",
        page.head
    );
    match page.status {
        200 => assert!(page.body.contains("type=\"module\""), "{}", page.body),
        404 => assert!(page.body.contains("scripts/demo"), "{}", page.body),
        other => panic!("{other}: {}", page.body),
    }
}

#[tokio::test]
async fn the_console_is_told_the_time_that_tags_go_by() {
    let service = with_an_alert().await;
    let settings = service.get("/console/settings").await.json();
    assert_eq!(settings["speed"], 1);
    assert_eq!(settings["installation"], "/tagwatch/test");
    assert!(settings["now"].is_string());
    assert_eq!(settings["curfew_budget"]["budget_s"], 120 * 60);
    assert_eq!(settings["curfew_budget"]["warning_s"], 90 * 60);
}

#[tokio::test]
async fn areas_are_disclosed_like_the_registry_they_come_from() {
    let service = with_an_alert().await;
    let areas = service.get("/console/areas").await.json();
    assert_eq!(areas["areas"].as_array().unwrap().len(), 0);
    assert_eq!(service.audited().await[0].1, "registry.list");
}

#[tokio::test]
async fn where_tokens_are_asked_for_the_pages_show_nothing_without_one_and_only_what_it_may_see() {
    let service = Service::asking_for_tokens().await;
    let routed = sample::routed("W-1", 1, 1, &["police/staffordshire"]);
    service.commit(vec![routed]).await;
    for (path, status) in [("/", 303), ("/queues", 303), ("/console/areas", 401)] {
        let page = service.get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert!(!page.body.contains("staffordshire"), "{}", page.body);
    }
    for path in ["/console/settings", "/console.css"] {
        assert_eq!(service.get(path).await.status, 200, "{path}");
    }
    let (_record, theirs) = service.token("police/kent", false).await;
    let page = service.get_as(&theirs, "/").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("W-1"), "{}", page.body);
    let (_record, own) = service.token("police/staffordshire", false).await;
    let page = service.get_as(&own, "/").await;
    assert!(page.body.contains("W-1"), "{}", page.body);
}

#[tokio::test]
async fn only_where_a_server_of_map_tiles_is_configured_may_pages_ask_it() {
    let config = HttpConfig {
        access: AccessConfig::Open,
        tiles: Some(TilesConfig {
            url: "https://tiles.example/{z}/{x}/{y}.png".to_owned(),
            attribution: "Somebody".to_owned(),
        }),
        ..HttpConfig::default()
    };
    let service = Service::start_with(&config, PATIENCE).await;
    let settings = service.get("/console/settings").await.json();
    assert_eq!(settings["tiles"]["attribution"], "Somebody");
    let page = service.get("/console/").await;
    if page.status == 200 {
        let allowed = "img-src 'self' data: https://tiles.example";
        assert!(page.head.contains(allowed), "{}", page.head);
    }
    let page = service.get("/").await;
    assert!(!page.head.contains("tiles.example"), "{}", page.head);
}
