//! Tokens, from the command line to the API and back.

use std::process::{Command, Output};
use std::time::Duration;

use crate::harness::{Api, Mosquitto, TAGWATCH, Tagwatch, wait_until};

/// Runs `tagwatch token` on the configuration of an installation that runs.
fn token(tagwatch: &Tagwatch, arguments: &[&str]) -> Output {
    Command::new(TAGWATCH)
        .args(["token", "--config"])
        .arg(tagwatch.folder.path().join("tagwatch.toml"))
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_token_is_made_used_listed_and_revoked_while_the_installation_runs() {
    let broker = Mosquitto::start();
    let tagwatch = Tagwatch::start_asking_for_tokens(broker.port, 1, "{}");
    assert_eq!(tagwatch.api.get("/v1/alerts").0, 401);
    let create = [
        "create",
        "--name",
        "Control room 3",
        "--role",
        "police",
        "--by",
        "chief",
    ];
    assert!(!token(&tagwatch, &create).status.success());
    let create = [
        &create[..],
        &["--force", "staffordshire", "--expires", "90d"],
    ]
    .concat();
    let shown = said(&token(&tagwatch, &create));
    let shown = shown.trim();
    let api: Api = tagwatch.api.with_token(shown);
    assert_eq!(api.get("/v1/alerts").0, 200);
    assert_eq!(api.get("/v1/audit").0, 403);
    let listed = said(&token(&tagwatch, &["ls"]));
    let id = shown.split('_').nth(1).unwrap();
    assert!(listed.starts_with(id), "{listed}");
    assert!(
        listed.contains("\"Control room 3\", police/staffordshire  good until"),
        "{listed}"
    );
    assert!(
        !listed.contains("never used") && !listed.contains(shown),
        "{listed}"
    );
    said(&token(&tagwatch, &["revoke", id, "--by", "chief"]));
    assert!(!token(&tagwatch, &["revoke", id]).status.success());
    wait_until("the token is refused", || {
        std::thread::sleep(Duration::from_millis(100));
        api.get("/v1/alerts").0 == 401
    });
    let auditor = ["create", "--name", "Auditor", "--role", "auditor"];
    let auditor = said(&token(&tagwatch, &auditor));
    let (status, trail) = tagwatch.api.with_token(auditor.trim()).get("/v1/audit");
    assert_eq!(status, 200, "{trail}");
    let actions: Vec<&str> = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    for action in [
        "token.create",
        "token.revoke",
        "access.denied",
        "alerts.list",
    ] {
        assert!(actions.contains(&action), "{action}: {trail}");
    }
    assert!(!trail.to_string().contains(shown));
    assert!(!tagwatch.output().contains(shown));
}

#[test]
fn an_installation_that_asks_nobody_is_not_opened_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tagwatch.toml");
    let text = "[http]\nlisten = \"0.0.0.0:0\"\naccess = \"open\"\n";
    std::fs::write(&path, text).unwrap();
    let run = Command::new(TAGWATCH)
        .args(["run", "--config"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(!run.status.success());
    let error = String::from_utf8_lossy(&run.stderr);
    assert!(error.contains("for the loopback interface only"), "{error}");
}
