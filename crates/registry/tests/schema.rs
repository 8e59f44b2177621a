//! `docs/schemas/registry.json` says what a registry document may hold, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use model::RegistryDocument;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema() -> Value {
    let mut schema = schemars::schema_for!(RegistryDocument);
    let title = json!("tagwatch registry document");
    schema.insert("title".to_owned(), title);
    schema.to_value()
}

fn is_valid(document: &Value) -> bool {
    jsonschema::is_valid(&schema(), document)
}

#[test]
fn the_schema_in_the_docs_is_that_of_the_types() {
    let path = root().join("docs/schemas/registry.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(
        written, text,
        "UPDATE_DOCS=1 cargo test -p registry --test schema writes it anew"
    );
}

#[test]
fn every_document_of_the_fixtures_fits_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut documents = 0;
    for case in fs::read_dir(root().join("fixtures/golden")).unwrap() {
        let Ok(text) = fs::read_to_string(case.unwrap().path().join("registry.json")) else {
            continue;
        };
        let document: Value = serde_json::from_str(&text).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(faults, Vec::<String>::new(), "{text}");
        documents += 1;
    }
    assert!(documents > 50, "{documents} documents");
}

/// A condition of every kind, each with the fields that it needs and one that it takes besides.
fn conditions() -> Vec<Value> {
    let window = json!({"days": ["Mon"], "start": "19:00", "end": "24:00"});
    let appointment = json!({"start": "2026-03-04T10:00:00Z", "end": "2026-03-04T11:00:00+00:00"});
    vec![
        json!({"id": "C", "kind": "exclusion_zone", "zones": ["Z", "set:S"], "schedule": [window]}),
        json!({"id": "C", "kind": "inclusion_zone", "zones": ["Z"]}),
        json!({"id": "C", "kind": "restriction_zone", "zones": ["Z"]}),
        json!({"id": "C", "kind": "curfew", "place": "P", "windows": [window], "release_day": null}),
        json!({"id": "C", "kind": "alcohol_abstinence", "from": "2026-03-04T10:00:00Z"}),
        json!({"id": "C", "kind": "alcohol_limit", "peak_mg_per_100ml": 80}),
        json!({"id": "C", "kind": "attendance", "place": "P", "appointments": [appointment]}),
        json!({"id": "C", "kind": "check_in", "prompts_per_day": 3, "between": ["08:00", "21:00"],
            "answer_within_s": 900, "place": null}),
        json!({"id": "C", "kind": "trail", "to": null}),
    ]
}

/// Whether a document with this condition fits the schema, and whether it can be read.
fn judged(condition: &Value) -> (bool, bool) {
    let document = json!({"orders": [{
        "id": "O", "wearer": "W", "type": "BAIL", "from": 1_700_000_000_000_u64,
        "conditions": [condition]
    }]});
    let is_read = serde_json::from_value::<RegistryDocument>(document.clone()).is_ok();
    (is_valid(&document), is_read)
}

#[test]
fn what_the_schema_says_of_conditions_is_what_is_read() {
    for condition in conditions() {
        assert_eq!(judged(&condition), (true, true), "{condition}");
        let fields: Vec<String> = condition.as_object().unwrap().keys().cloned().collect();
        for field in fields {
            let mut without = condition.clone();
            without.as_object_mut().unwrap().remove(&field);
            let (fits, is_read) = judged(&without);
            assert_eq!(fits, is_read, "without {field}: {condition}");
        }
        for other in conditions() {
            for (field, value) in other.as_object().unwrap() {
                let mut with = condition.clone();
                let fields = with.as_object_mut().unwrap();
                fields.entry(field).or_insert_with(|| value.clone());
                // A field that another kind takes may be null: it is then as if it were not there.
                if !value.is_null() {
                    let (fits, is_read) = judged(&with);
                    assert_eq!(fits, is_read, "with {field}: {condition}");
                }
            }
        }
    }
}
