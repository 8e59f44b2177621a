//! The samples in `fixtures/hmpps`, each with what it comes to beside it: the registry document, and what is told.
//! `UPDATE_GOLDEN=1` writes both anew, for the diff to be reviewed.

use std::collections::BTreeSet;
use std::path::Path;

use model::registry::{OrderType, RegistryDocument, RegistryKey};
use serde_json::Value;

use super::{sample, samples};
use crate::{Context, GeometryKind, MissingGeometry, Refused, Translated, is_order, translate};

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(samples()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| !name.ends_with(".registry.json"))
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort();
    names
}

fn told(result: &Result<Translated, Refused>) -> String {
    let lines: Vec<String> = match result {
        Ok(translated) => {
            let missing = translated.missing.iter().map(missing);
            missing
                .chain(translated.notes.iter().map(|note| format!("note: {note}")))
                .collect()
        }
        Err(refused) => refused
            .0
            .iter()
            .map(|fault| format!("fault: {fault}"))
            .collect(),
    };
    lines.into_iter().map(|line| line + "\n").collect()
}

fn missing(missing: &MissingGeometry) -> String {
    let MissingGeometry {
        path,
        what,
        condition,
        text,
        duration,
        ..
    } = missing;
    let what = match what {
        GeometryKind::Zone(id) => format!("zone {id}"),
        GeometryKind::Place(id) => format!("place {id}"),
    };
    let duration = duration.as_deref().unwrap_or("not said");
    format!("missing: {path}: {what} of {condition}: {text:?}, in force: {duration:?}")
}

fn compare(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, found).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{}", path.display());
}

#[test]
fn every_sample_comes_to_what_stands_beside_it() {
    for name in names() {
        let result = translate(&sample(&name), &Context::default());
        assert_eq!(result.is_err(), name.starts_with("malformed"), "{name}");
        compare(&samples().join(format!("{name}.told")), &told(&result));
        if let Ok(translated) = result {
            let document = serde_json::to_string_pretty(&translated.document).unwrap() + "\n";
            compare(&samples().join(format!("{name}.registry.json")), &document);
        }
    }
}

#[test]
fn the_registry_takes_every_sample_but_for_what_is_not_on_the_map() {
    for name in names() {
        let Ok(translated) = translate(&sample(&name), &Context::default()) else {
            continue;
        };
        let changes = registry::parse(&translated.document, Path::new("here.json")).unwrap();
        let missing: BTreeSet<RegistryKey> = translated
            .missing
            .iter()
            .map(|missing| match &missing.what {
                GeometryKind::Zone(id) => RegistryKey::Zone(id.clone()),
                GeometryKind::Place(id) => RegistryKey::Place(id.clone()),
            })
            .collect();
        let wrong = |missing: &BTreeSet<RegistryKey>| {
            let now = model::Timestamp::parse("2026-04-01T12:00:00Z").unwrap();
            let problems = registry::check([], &changes, missing, now, &registry::Meter::default());
            let errors = problems.into_iter().filter(registry::Problem::is_error);
            errors.map(|problem| problem.to_string()).collect()
        };
        let problems: Vec<String> = wrong(&missing);
        assert_eq!(problems, Vec::<String>::new(), "{name}");
        assert_eq!(
            wrong(&BTreeSet::new()).is_empty(),
            missing.is_empty(),
            "{name}"
        );
    }
}

#[test]
fn a_document_is_an_order_or_a_registry_document() {
    for name in names() {
        if let Ok(value) = serde_json::from_str::<Value>(&sample(&name)) {
            assert!(is_order(&value), "{name}");
        }
        let path = samples().join(format!("{name}.registry.json"));
        if let Ok(text) = std::fs::read_to_string(path) {
            assert!(!is_order(&serde_json::from_str(&text).unwrap()), "{name}");
        }
    }
}

#[test]
fn the_samples_have_every_type_of_order_and_every_condition() {
    let mut types = BTreeSet::new();
    let mut conditions = BTreeSet::new();
    for name in names() {
        let text = sample(&name);
        let Ok(translated) = translate(&text, &Context::default()) else {
            continue;
        };
        let RegistryDocument { orders, .. } = translated.document;
        types.extend(orders.iter().map(|order| order.order_type));
        conditions.extend(
            crate::conditions::NAMES
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| text.contains(&format!("{name:?}"))),
        );
    }
    let all = [
        OrderType::Civil,
        OrderType::Community,
        OrderType::Immigration,
        OrderType::PostRelease,
        OrderType::PreTrial,
        OrderType::Special,
        OrderType::Bail,
    ];
    assert_eq!(types, all.into_iter().collect());
    assert_eq!(conditions.len(), crate::conditions::NAMES.len());
}
