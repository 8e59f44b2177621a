//! The imaginary county in `fixtures/county`: what it has to show, so that nobody thins it out unseen.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::registry::{DeviceKind, Duty, Order, OrderType, RegistryDocument, Wearer};
use model::{Decision, DecisionKind, Timestamp};
use routing::RoutingPolicy;
use serde_json::json;

use crate::harness::TAGWATCH;

fn county() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/county")
}

fn document() -> RegistryDocument {
    let text = std::fs::read_to_string(county().join("registry.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The words that a value has in a document.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_county_can_be_registered_as_it_is() {
    let document = registry::read(&county().join("registry.json")).unwrap();
    let now = Timestamp::parse("2026-04-01T12:00:00Z").unwrap();
    let problems = document.check(&[], &BTreeSet::new(), now);
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn check_config_finds_nothing_wrong_with_the_county() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("tagwatch.toml");
    let path = county().join("registry.json");
    std::fs::write(&config, format!("registry = [{path:?}]\n")).unwrap();
    let output = Command::new(TAGWATCH)
        .arg("check-config")
        .arg(&config)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn the_county_has_somebody_of_every_kind() {
    let RegistryDocument {
        wearers,
        orders,
        activations,
        absences,
        ..
    } = document();
    assert!((40..=60).contains(&wearers.len()), "{}", wearers.len());
    let types: BTreeSet<OrderType> = orders.iter().map(|order| order.order_type).collect();
    assert_eq!(types.len(), 7, "{types:?}");
    let mappa = || wearers.iter().filter_map(|wearer| wearer.mappa);
    assert_eq!(
        mappa().map(|mappa| mappa.level).collect::<BTreeSet<u8>>(),
        BTreeSet::from([1, 2, 3])
    );
    assert_eq!(
        mappa()
            .map(|mappa| mappa.category)
            .collect::<BTreeSet<u8>>(),
        BTreeSet::from([1, 2, 3, 4])
    );
    let flags: BTreeSet<&str> = wearers
        .iter()
        .flat_map(|wearer| &wearer.flags)
        .map(String::as_str)
        .collect();
    assert_eq!(
        flags,
        BTreeSet::from(["iom", "domestic-abuse", "nsd", "specials", "high-risk"])
    );
    let kinds: BTreeSet<DeviceKind> = activations
        .iter()
        .map(|activation| activation.kind)
        .collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    let conditions = orders.iter().flat_map(|order| &order.conditions);
    let duties: BTreeSet<&str> = conditions.map(|condition| duty(&condition.duty)).collect();
    assert_eq!(duties.len(), 9, "{duties:?}");
    assert!(orders.iter().any(|order| order.hdc));
    assert!(orders.iter().any(|order| order.version > 1), "a variation");
    assert!(orders.iter().any(|order| order.to.is_none()), "an open end");
    assert!(
        orders.iter().any(|order| !order.suspensions.is_empty()),
        "a suspended order"
    );
    assert!(!absences.is_empty());
    let handed_on = activations.iter().any(|one| {
        activations
            .iter()
            .any(|other| one.device == other.device && one.wearer != other.wearer)
    });
    assert!(handed_on, "a device that went from one wearer to another");
}

const fn duty(duty: &Duty) -> &'static str {
    match duty {
        Duty::ExclusionZone { .. } => "exclusion",
        Duty::InclusionZone { .. } => "inclusion",
        Duty::RestrictionZone { .. } => "restriction",
        Duty::Curfew { .. } => "curfew",
        Duty::AlcoholAbstinence => "abstinence",
        Duty::AlcoholLimit { .. } => "limit",
        Duty::Attendance { .. } => "attendance",
        Duty::CheckIn { .. } => "check-in",
        Duty::Trail => "trail",
    }
}

#[test]
fn the_countys_zones_have_every_shape_and_protect_somebody() {
    let text = std::fs::read_to_string(county().join("zones.geojson")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let zones = json["features"].as_array().unwrap();
    let shapes: BTreeSet<&str> = zones
        .iter()
        .map(|zone| zone["geometry"]["type"].as_str().unwrap())
        .collect();
    assert_eq!(shapes, BTreeSet::from(["Point", "Polygon", "MultiPolygon"]));
    let hole =
        |zone: &serde_json::Value| zone["geometry"]["coordinates"].as_array().unwrap().len() > 1;
    assert!(
        zones
            .iter()
            .any(|zone| zone["geometry"]["type"] == "Polygon" && hole(zone)),
        "a hole"
    );
    assert!(
        zones
            .iter()
            .any(|zone| zone["properties"]["victim"] == true)
    );
    let sharing = document()
        .orders
        .iter()
        .filter(|order| {
            order
                .conditions
                .iter()
                .any(|condition| word_of_zones(&condition.duty).contains("town-centre"))
        })
        .count();
    assert!(sharing >= 4, "the town centre is {sharing} people's");
}

fn word_of_zones(duty: &Duty) -> String {
    match duty {
        Duty::ExclusionZone { zones, .. } => zones.iter().map(|zone| format!("{zone} ")).collect(),
        Duty::InclusionZone { .. }
        | Duty::RestrictionZone { .. }
        | Duty::Curfew { .. }
        | Duty::AlcoholAbstinence
        | Duty::AlcoholLimit { .. }
        | Duty::Attendance { .. }
        | Duty::CheckIn { .. }
        | Duty::Trail => String::new(),
    }
}

/// A breach of an order, of the kind that goes furthest.
fn breach(wearer: &Wearer, order: &Order, kind: DecisionKind) -> Decision {
    let (id, order_id) = (wearer.id.as_str(), order.id.as_str());
    let template = json!({
        "alert": "de80da53-17e1-58d7-a332-4889c25ec439", "wearer": id, "order": order_id,
        "order_version": order.version, "condition": "C", "kind": kind.as_str(), "phase": "opened", "revision": 1,
        "onset": "2026-03-04T09:00:05Z", "decided": "2026-03-04T09:00:05Z", "late": false,
        "evidence": {"rule": "oversight", "policy": "shipped-1", "reason": "invented"},
    });
    serde_json::from_value(template).unwrap()
}

#[test]
fn somebody_in_the_county_reaches_every_recipient_of_the_shipped_policy() {
    let RegistryDocument {
        wearers, orders, ..
    } = document();
    let policy = RoutingPolicy::shipped();
    let mut reached = BTreeSet::new();
    for order in &orders {
        let wearer = wearers
            .iter()
            .find(|wearer| wearer.id == order.wearer)
            .unwrap();
        for kind in [
            DecisionKind::ExclusionZoneEntered,
            DecisionKind::LeftDuring,
            DecisionKind::StrapTamper,
        ] {
            let routed = policy.route(&breach(wearer, order, kind), Some(wearer), Some(order));
            assert!(!routed.unrouted, "{kind:?} of {}", order.id);
            assert_eq!(routed.unfilled, [], "{kind:?} of {}", order.id);
            reached.extend(routed.notifications.iter().map(|one| word(&one.recipient)));
        }
    }
    let shipped: toml::Table = RoutingPolicy::shipped_text().parse().unwrap();
    let routes = shipped["route"].as_array().unwrap();
    let wanted: BTreeSet<String> = routes
        .iter()
        .flat_map(|route| route["to"].as_array().unwrap())
        .map(|to| {
            to.as_str()
                .unwrap()
                .replace("{police_force}", "loamshire")
                .replace("{probation_region}", "mid-loam")
        })
        .collect();
    assert_eq!(reached, wanted);
}

#[test]
fn every_order_that_the_county_is_sent_is_translated() {
    let mut types = BTreeSet::new();
    let mut context = hmpps::Context::default();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(county().join("hmpps"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(hmpps::is_order(&serde_json::from_str(&text).unwrap()));
        let translated = hmpps::translate(&text, &context)
            .unwrap_or_else(|refused| panic!("{}: {refused}", path.display()));
        for order in translated.document.orders {
            types.insert(word(order.order_type));
            context.orders.insert(order.id.clone(), order);
        }
        for wearer in translated.document.wearers {
            assert_eq!(
                wearer.police_force.as_deref(),
                Some("loamshire"),
                "{}",
                path.display()
            );
            context.wearers.insert(wearer.id.clone(), wearer);
        }
    }
    assert!(paths.len() >= 8 && types.len() >= 6, "{types:?}");
    let varied = context
        .orders
        .values()
        .filter(|order| order.version > 1)
        .count();
    assert_eq!(varied, 1);
}

#[test]
fn the_county_and_the_orders_it_is_sent_are_imported_together_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("tagwatch.toml");
    let store = folder.path().join("county.sqlite");
    std::fs::write(&config, format!("[store]\npath = {store:?}\n")).unwrap();
    let mut files: Vec<PathBuf> = std::fs::read_dir(county().join("hmpps"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.insert(0, county().join("registry.json"));
    let import = || {
        let mut command = Command::new(TAGWATCH);
        let command = command.args(["import", "--config"]).arg(&config);
        let output = command.args(&files).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(import().contains("216 new, 0 changed"), "everything is new");
    assert!(import().contains("0 new, 0 changed"), "nothing is news");
}
