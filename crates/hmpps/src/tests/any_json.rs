//! Whatever is sent, nothing panics, and what is refused says why.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::sample;
use crate::{Context, translate};

const SAMPLES: [&str; 6] = [
    "bail-curfew-and-zones",
    "community-alcohol-and-attendance",
    "licence-zones-and-attendance",
    "hdc-licence",
    "wearers-and-orders-one-after-another",
    "revocation",
];

/// The paths of everything in a document.
fn pointers(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                pointers(value, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(entries) => {
            for (index, value) in entries.iter().enumerate() {
                pointers(value, &format!("{path}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?".prop_map(Value::from),
        "[0-9]{2}:[0-9]{2}(:[0-9]{2})?".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{ "condition": "AML" }, 7])),
        Just(json!("262142-12-31 23:59:59")),
        Just(json!("9999-12-31 23:59:59")),
        Just(json!("1969-12-31 23:59:59")),
        Just(json!("Gym\nSunday 00:00-23:59\nHere")),
        Just(json!("PFA: ")),
        Just(json!("x".repeat(200))),
    ]
}

proptest! {
    #[test]
    fn a_sample_with_anything_anywhere_is_translated_or_refused_with_reasons(
        name in prop::sample::select(SAMPLES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), anything()), 1..4),
    ) {
        let mut value: Value = serde_json::from_str(&sample(name)).unwrap();
        for (index, new) in changes {
            let mut found = Vec::new();
            pointers(&value, "", &mut found);
            let path: &String = index.get(found.as_slice());
            *value.pointer_mut(path).unwrap() = new;
        }
        match translate(&value.to_string(), &Context::default()) {
            Ok(translated) => {
                let json = serde_json::to_string(&translated.document).unwrap();
                let again: model::registry::RegistryDocument = serde_json::from_str(&json).unwrap();
                prop_assert_eq!(again, translated.document);
            }
            Err(refused) => prop_assert!(!refused.0.is_empty()),
        }
    }

    #[test]
    fn any_text_at_all_is_refused_with_reasons(text in "\\PC{0,60}") {
        prop_assert!(!translate(&text, &Context::default()).unwrap_err().0.is_empty());
    }
}
