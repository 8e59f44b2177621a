//! Dependencies run one way.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Which of our rooms each room may use, tests aside.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    BTreeMap::from([
        ("model", BTreeSet::new()),
        ("wire", BTreeSet::from(["model"])),
        ("geometry", BTreeSet::from(["model"])),
        ("engine", BTreeSet::from(["model", "geometry"])),
        ("registry", BTreeSet::from(["model", "geometry"])),
        ("hmpps", BTreeSet::from(["model"])),
        ("routing", BTreeSet::from(["model"])),
        ("simulator", BTreeSet::from(["model", "wire"])),
        ("testbed", BTreeSet::new()),
        (
            "tagwatch",
            BTreeSet::from([
                "model",
                "wire",
                "geometry",
                "engine",
                "hmpps",
                "registry",
                "routing",
                "simulator",
            ]),
        ),
    ])
}

#[test]
fn a_room_uses_only_the_rooms_it_may() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let allowed = allowed();
    let ours: BTreeSet<String> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    assert_eq!(ours, allowed.keys().map(ToString::to_string).collect());
    for package in metadata.workspace_packages() {
        let may = &allowed[package.name.as_str()];
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let counts = dependency.kind != DependencyKind::Development && ours.contains(name);
            assert!(
                !counts || may.contains(name),
                "{} must not use {name}",
                package.name
            );
        }
    }
}

#[test]
fn the_pure_rooms_do_no_io() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    for package in metadata.workspace_packages() {
        if ["model", "wire", "geometry", "engine", "routing", "hmpps"]
            .contains(&package.name.as_str())
        {
            for dependency in &package.dependencies {
                let worldly = [
                    "tokio", "rumqttc", "rusqlite", "axum", "reqwest", "ureq", "rand",
                ]
                .contains(&dependency.name.as_str());
                let counts = dependency.kind != DependencyKind::Development;
                assert!(
                    !(worldly && counts),
                    "{} uses {}",
                    package.name,
                    dependency.name
                );
            }
        }
    }
}
