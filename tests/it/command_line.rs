//! What a person at a terminal is told.

use std::process::{Command, Output};

use crate::harness::{TAGWATCH, start_postgres};

fn tagwatch(arguments: &[&str]) -> Output {
    Command::new(TAGWATCH).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn write(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn check_config_shows_where_the_problem_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "tagwatch.toml", "[mqtt]\nhost = \"x\"\nprot = 1\n");
    let output = tagwatch(&["check-config", &path]);
    assert!(!output.status.success());
    let said = said(&output);
    assert!(
        said.contains("tagwatch.toml") && said.contains("prot"),
        "{said}"
    );
    assert!(said.contains("line 3"), "{said}");
}

#[test]
fn check_config_checks_the_files_that_the_configuration_names() {
    let folder = tempfile::tempdir().unwrap();
    let rules = write(&folder, "rules.toml", "[zone]\nbreach_scor = 9.0\n");
    let registry = write(
        &folder,
        "registry.json",
        r#"{"orders": [{"id": "O-1", "wearer": "W-1",
        "type": "BAIL", "from": "2026-01-01T00:00:00Z",
        "conditions": [{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}]}]}"#,
    );
    let text = format!("registry = [{registry:?}]\n[policies]\nrules = {rules:?}\n");
    let path = write(&folder, "tagwatch.toml", &text);
    let output = tagwatch(&["check-config", &path]);
    assert!(!output.status.success());
    let said = said(&output);
    assert!(said.contains("breach_scor"), "{said}");
    assert!(said.contains("wearer W-1 is not defined"), "{said}");
    assert!(said.contains("zone Z-1 is not defined"), "{said}");
}

#[test]
fn check_config_checks_the_sinks_with_their_secrets_and_shows_none() {
    let folder = tempfile::tempdir().unwrap();
    let short = write(&folder, "short", "whsec_c2hvcnQ=\n");
    let text = format!(
        "[[sink]]\nname = \"kent\"\nqueues = [\"police/*\"]\n[sink.to.webhook]\n\
         url = \"https://kent.example\"\nsecret = {{ file = {short:?} }}\n\
         [[sink]]\nname = \"essex\"\nqueues = [\"police/essex\"]\n[sink.to.amqp]\n\
         url = \"amqps://broker\"\npassword = {{ env = \"TAGWATCH_TEST_UNSET\" }}\n\
         [[sink]]\nname = \"desk\"\nqueues = [\"operators\"]\n[sink.to.mqtt]\n\
         host = \"broker\"\ntopic = \"em/#\"\n"
    );
    let path = write(&folder, "tagwatch.toml", &text);
    let output = tagwatch(&["check-config", &path]);
    assert!(!output.status.success());
    let said = said(&output);
    for expected in [
        "sink kent: the secret has 5 bytes, not 24 to 64",
        "sink essex: secret in variable TAGWATCH_TEST_UNSET",
        "sink desk: topic",
        "police/* and police/essex have queues in common",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("c2hvcnQ"), "{said}");
}

#[test]
fn check_config_says_of_whom_a_recipient_cannot_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let registry = write(
        &folder,
        "registry.json",
        r#"{"wearers": [{"id": "W-1", "name": "Ada Byron"}, {"id": "W-2", "police_force": "loamshire"}],
        "orders": [{"id": "O-1", "wearer": "W-1", "type": "BAIL", "from": 0, "conditions": []},
            {"id": "O-2", "wearer": "W-2", "type": "BAIL", "from": 0, "conditions": []}]}"#,
    );
    let text = format!("registry = [{registry:?}]\n");
    let path = write(&folder, "tagwatch.toml", &text);
    let output = tagwatch(&["check-config", &path]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("\"court bail: police and court\": of W-1, police/{police_force} cannot be filled: there is no police_force"),
        "{said}"
    );
    assert!(!said.contains("W-2") && !said.contains("Ada"), "{said}");
}

#[test]
fn a_case_is_explained_route_by_route() {
    let folder = tempfile::tempdir().unwrap();
    let case = write(
        &folder,
        "case.json",
        r#"{"wearer": {"id": "W-1", "police_force": "loamshire", "probation_region": "the-shires"},
        "order": {"id": "O-1", "wearer": "W-1", "type": "COMMUNITY", "from": 0, "conditions": []},
        "decision": {"alert": "6a1c0f5e-91d7-4c1b-8f4e-3b8d2a6057c9", "revision": 1, "wearer": "W-1",
            "kind": "strap_tamper", "phase": "opened", "onset": 0, "decided": 0, "late": false,
            "evidence": {"rule": "device", "policy": "1", "reason": "cut", "count": 1}}}"#,
    );
    let output = tagwatch(&["explain-route", "--case", &case]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("+ \"strap or case: operators at once\""),
        "{said}"
    );
    assert!(
        said.contains("asks for order_type IMMIGRATION, and it is COMMUNITY"),
        "{said}"
    );
    assert!(
        said.contains("told: operators, probation/the-shires; severity critical"),
        "{said}"
    );
    let json = tagwatch(&["explain-route", "--case", &case, "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["recipients"][0], "operators");
    let misspelt = write(&folder, "misspelt.json", r#"{"decison": {}}"#);
    let output = tagwatch(&["explain-route", "--case", &misspelt]);
    assert!(!output.status.success());
    assert!(self::said(&output).contains("decison"));
}

#[test]
fn check_config_is_content_with_what_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(&folder, "tagwatch.toml", "partitions = 2\n");
    let output = tagwatch(&["check-config", &path]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing wrong"));
}

#[test]
fn the_configuration_we_ship_is_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/tagwatch.toml");
    let output = tagwatch(&["check-config", path]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_readings_file_is_reported_by_line_field_and_value() {
    let folder = tempfile::tempdir().unwrap();
    let registry = write(&folder, "registry.json", "{}");
    let readings = write(
        &folder,
        "readings.jsonl",
        "{\"device\":\"D\",\"kind\":\"position\",\"t\":1,\"lat\":52.8,\"lon\":-2.1}\n\
         {\"device\":\"D\",\"kind\":\"position\",\"t\":\"noon\",\"lat\":52.8,\"lon\":-2.1}\n",
    );
    let output = tagwatch(&["replay", "--registry", &registry, "--readings", &readings]);
    let said = said(&output);
    assert!(!output.status.success());
    assert!(
        said.contains("readings.jsonl:1: device D is not known"),
        "{said}"
    );
    assert!(
        said.contains("readings.jsonl:2:") && said.contains("noon"),
        "{said}"
    );
}

#[test]
fn a_registry_document_is_reported_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let registry = write(
        &folder,
        "registry.json",
        "{\n  \"wearers\": [{\"id\": \"W-1\", \"nmae\": \"x\"}]\n}",
    );
    let readings = write(&folder, "readings.jsonl", "");
    let output = tagwatch(&["replay", "--registry", &registry, "--readings", &readings]);
    let said = said(&output);
    assert!(!output.status.success());
    assert!(
        said.contains("registry.json") && said.contains("nmae"),
        "{said}"
    );
    assert!(said.contains("registry.json:2:29:"), "{said}");
}

#[test]
fn run_refuses_documents_that_cannot_be_and_says_nothing_about_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = r#"{"wearers": [{"id": "W-1", "name": "Ada Byron", "flags": "Ada Byron"}]}"#;
    let unfitting = r#"{"orders": [{"id": "O-1", "wearer": "W-7", "type": "BAIL", "from": 0, "conditions": []}]}"#;
    for (text, person) in [(wrong, "Ada"), (unfitting, "W-7")] {
        let registry = write(&folder, "registry.json", text);
        let store = folder.path().join("tagwatch.sqlite");
        let text = format!("registry = [{registry:?}]\n[store]\npath = {store:?}\n");
        let path = write(&folder, "tagwatch.toml", &text);
        let said = said(&tagwatch(&["run", "--config", &path]));
        assert!(said.contains("errors in the registry documents"), "{said}");
        assert!(!said.contains(person), "{said}");
        let shown = self::said(&tagwatch(&["check-config", &path]));
        assert!(shown.contains(person), "{shown}");
    }
}

#[test]
fn run_refuses_to_start_without_its_configuration() {
    let output = tagwatch(&["run", "--config", "/nowhere/tagwatch.toml"]);
    assert!(!output.status.success());
    assert!(said(&output).contains("/nowhere/tagwatch.toml"));
}

#[test]
fn a_demo_does_not_go_on_where_another_ended() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "tagwatch.sqlite", "");
    let path = folder.path().display().to_string();
    let output = tagwatch(&["demo", "--for", "1s", "--folder", &path]);
    assert!(!output.status.success());
    assert!(said(&output).contains("earlier demo"), "{}", said(&output));
}

#[test]
fn migrate_says_what_it_would_apply_applies_it_and_then_has_nothing_to_apply() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = start_postgres();
    let file = folder.path().join("t.sqlite");
    let url = postgres.database().unwrap().url;
    let stores = [
        (
            format!("path = {file:?}"),
            "-- 0001_first_tables",
            "CREATE TABLE journal",
        ),
        (
            format!("url = {url:?}"),
            "-- V1__first_tables",
            "CREATE TABLE readings",
        ),
    ];
    for (store, first, sql) in stores {
        let config = write(&folder, "tagwatch.toml", &format!("[store]\n{store}\n"));
        let migrate = |more: &[&str]| {
            let output = tagwatch(&[&["migrate", "--config", &config], more].concat());
            assert!(output.status.success(), "{}", said(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        for _look in 0..2 {
            let dry = migrate(&["--dry-run"]);
            assert!(dry.contains(first) && dry.contains(sql), "{dry}");
        }
        let applied = migrate(&[]);
        assert!(
            applied.contains(first) && !applied.contains(sql),
            "{applied}"
        );
        assert_eq!(migrate(&["--dry-run"]), "-- 0 to apply\n");
    }
}
