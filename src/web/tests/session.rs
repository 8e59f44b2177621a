//! Signing in with a browser.

use super::Service;
use super::client::Answer;
use crate::store::contract::sample;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn location(answer: &Answer) -> &str {
    let line = answer
        .head
        .lines()
        .find(|line| line.starts_with("location:"));
    line.unwrap().trim_start_matches("location: ")
}

impl Service {
    /// Signs in as PC 42, and gives the session's cookie.
    async fn sign_in(&self, token: &str) -> String {
        let token = token.trim_start_matches("Bearer ");
        let form = format!("token={token}&actor=PC+42&next=%2Fqueues");
        let answer = self.ask("POST", "/sign-in", &[FORM], &form).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(location(&answer), "/queues");
        let set = answer
            .head
            .lines()
            .find(|line| line.starts_with("set-cookie:"));
        for needed in ["httponly", "samesite=strict", "secure", "path=/"] {
            assert!(set.unwrap().contains(needed), "{set:?}");
        }
        answer.cookie.unwrap()
    }
}

#[tokio::test]
async fn a_page_sends_whom_nobody_knows_to_the_door_and_a_program_is_told_so() {
    let service = Service::asking_for_tokens().await;
    let answer = service.get("/?stage=resolved").await;
    assert_eq!(answer.status, 303);
    assert_eq!(location(&answer), "/sign-in?next=%2f%3fstage%3dresolved");
    let page = service.get("/sign-in?next=%2F%3Fstage%3Dresolved").await;
    assert!(
        page.body.contains("name=\"token\" type=\"password\""),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("value=\"/?stage=resolved\""),
        "{}",
        page.body
    );
    assert!(!page.body.contains("/sign-out"), "{}", page.body);
    service.get("/v1/alerts").await.problem(401);
    let form = "token=tw_0123456789_x&actor=PC+42";
    let refused = service.ask("POST", "/sign-in", &[FORM], form).await;
    assert!(
        refused.body.contains("unknown, revoked or past its time"),
        "{}",
        refused.body
    );
    assert!(refused.cookie.is_none(), "{}", refused.head);
}

#[tokio::test]
async fn who_signed_in_sees_what_their_token_shows_and_is_named_in_the_audit_trail() {
    let service = Service::asking_for_tokens().await;
    service
        .commit(vec![sample::routed("W-1", 1, 1, &["police/kent"])])
        .await;
    let (_, kent) = service.token("police/kent", false).await;
    let cookie = service.sign_in(&kent).await;
    let with = [("cookie", cookie.as_str()), ("x-actor", "somebody else")];
    let page = service.ask("GET", "/", &with, "").await;
    assert!(page.body.contains("W-1"), "{}", page.body);
    let session = service.ask("GET", "/v1/session", &with, "").await.json();
    assert_eq!(
        (&session["actor"], &session["role"]),
        (&"PC 42".into(), &"police/kent".into())
    );
    service
        .ask("GET", "/v1/audit", &with, "")
        .await
        .problem(403);
    let audited = service.audited().await;
    let actors: Vec<_> = audited
        .iter()
        .map(|entry| (entry.0.as_str(), entry.1.as_str()))
        .collect();
    assert!(
        actors.contains(&("the police/kent: PC 42", "session.begin")),
        "{actors:?}"
    );
    assert!(
        actors.contains(&("the police/kent: PC 42", "alerts.list")),
        "{actors:?}"
    );
}

#[tokio::test]
async fn what_changes_something_shows_the_secret_of_the_session_or_is_not_done() {
    let service = Service::asking_for_tokens().await;
    service
        .commit(vec![sample::routed("W-1", 1, 1, &["operators"])])
        .await;
    let (_, operator) = service.token("operator", false).await;
    let cookie = service.sign_in(&operator).await;
    let with = [("cookie", cookie.as_str())];
    let session = service.ask("GET", "/v1/session", &with, "").await.json();
    let csrf = session["csrf"].as_str().unwrap();
    let claim = "/v1/queues/operators/claim";
    service.ask("POST", claim, &with, "").await.problem(403);
    let wrong = [("cookie", cookie.as_str()), ("x-csrf-token", "guessed")];
    service.ask("POST", claim, &wrong, "").await.problem(403);
    let right = [("cookie", cookie.as_str()), ("x-csrf-token", csrf)];
    assert_eq!(service.ask("POST", claim, &right, "").await.status, 200);
    let forged = [("cookie", cookie.as_str()), FORM];
    let stays = service
        .ask("POST", "/sign-out", &forged, "csrf=guessed")
        .await;
    assert_eq!(stays.status, 403);
    let leaves = service
        .ask("POST", "/sign-out", &forged, &format!("csrf={csrf}"))
        .await;
    assert_eq!((leaves.status, location(&leaves)), (303, "/sign-in"));
    service
        .ask("GET", "/v1/session", &with, "")
        .await
        .problem(401);
}

#[tokio::test]
async fn a_session_ends_with_its_token() {
    let service = Service::asking_for_tokens().await;
    let (record, operator) = service.token("operator", false).await;
    let cookie = service.sign_in(&operator).await;
    let with = [("cookie", cookie.as_str())];
    assert_eq!(
        service.ask("GET", "/v1/queues", &with, "").await.status,
        200
    );
    let now = service.state.clock.now();
    let why = crate::store::AuditEntry {
        at: now,
        actor: "chief".to_owned(),
        action: "token.revoke".to_owned(),
        subject: "token".to_owned(),
        reason: None,
    };
    service
        .state
        .store
        .revoke_token(&record.id, now, &why)
        .await
        .unwrap();
    while service.ask("GET", "/v1/queues", &with, "").await.status == 200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(service.ask("GET", "/", &with, "").await.status, 303);
}
