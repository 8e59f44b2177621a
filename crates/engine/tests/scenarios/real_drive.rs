//! A real car journey against three zones: `fixtures/golden/real-drive/README.md`.

use std::path::PathBuf;

use engine::{Engine, RulesPolicy};
use model::registry::Zone;
use model::{
    Decision, DecisionKind, DeviceReading, Evidence, Phase, PolicyChange, Reading, ReceivedAt,
    RegistryDocument, Timestamp,
};
use serde_json::Value;

fn fixture(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../../fixtures/golden/real-drive").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn zones(registry: &RegistryDocument) -> Vec<Zone> {
    let zones = serde_json::to_value(registry.zones.as_ref().unwrap()).unwrap();
    geometry::read_zones(&zones).unwrap()
}

fn replay() -> Vec<Decision> {
    let registry: RegistryDocument = serde_json::from_str(&fixture("registry.json")).unwrap();
    let mut engine = Engine::new(RulesPolicy::default());
    let start = Timestamp::parse("2014-09-10T00:00:00Z").unwrap();
    let zones = zones(&registry).into_iter().map(PolicyChange::Zone);
    let worn = registry
        .activations
        .iter()
        .cloned()
        .map(PolicyChange::Activation);
    let orders = registry.orders.iter().cloned().map(PolicyChange::Order);
    for change in zones.chain(worn).chain(orders) {
        engine.handle_policy(&change, start);
    }
    for line in fixture("readings.jsonl").lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let received_at: ReceivedAt = serde_json::from_value(value["received_at"].clone()).unwrap();
        let report: DeviceReading = serde_json::from_value(value).unwrap();
        let wearer = registry.wearers[0].id.clone();
        let reading = Reading {
            wearer,
            received_at,
            report,
        };
        engine.handle_reading(&reading, received_at.0);
    }
    std::iter::from_fn(|| engine.poll_decision()).collect()
}

fn of<'a>(decisions: &'a [Decision], condition: &str) -> Vec<&'a Decision> {
    let about = |decision: &&Decision| {
        decision
            .condition
            .as_ref()
            .is_some_and(|id| id.as_str() == condition)
    };
    decisions.iter().filter(about).collect()
}

#[test]
fn the_zone_driven_through_is_one_breach_and_the_others_none() {
    let decisions = replay();
    let through = of(&decisions, "C-THROUGH");
    let breach: Vec<_> = through
        .iter()
        .filter(|decision| decision.kind == DecisionKind::ExclusionZoneEntered)
        .collect();
    assert_eq!(breach.len(), 2, "{through:#?}");
    let (opened, cleared) = (breach[0], breach[1]);
    assert_eq!(
        (opened.phase, cleared.phase),
        (Phase::Opened, Phase::Cleared)
    );
    let first_inside = first_fix_inside();
    assert!(
        opened.onset.seconds_since(first_inside).abs() <= 60.0,
        "{}",
        opened.onset
    );
    assert!(
        opened.decided.seconds_since(first_inside) <= 240.0,
        "{}",
        opened.decided
    );
    let Evidence::Zone(evidence) = &cleared.evidence else {
        panic!("not about a zone");
    };
    assert!(evidence.ended.is_some_and(|ended| ended > opened.decided));

    let glance = of(&decisions, "C-GLANCE");
    assert!(
        glance
            .iter()
            .all(|decision| decision.kind == DecisionKind::TransitPossible),
        "{glance:#?}"
    );
    assert!(of(&decisions, "C-BESIDE").is_empty());
}

/// By the plain test of a point in the rectangle of Z-THROUGH.
fn first_fix_inside() -> Timestamp {
    let text = fixture("readings.jsonl");
    let mut fixes = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let inside = |fix: &Value| {
        let (lat, lon) = (fix["lat"].as_f64().unwrap(), fix["lon"].as_f64().unwrap());
        (48.15..48.1605).contains(&lat) && (11.533..11.549).contains(&lon)
    };
    let first = fixes.find(inside).unwrap();
    serde_json::from_value(first["t"].clone()).unwrap()
}
