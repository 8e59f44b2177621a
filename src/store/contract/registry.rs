//! What the registry promises.

use std::num::NonZeroU16;
use std::sync::Arc;

use model::registry::RegistryKey;
use model::{ConditionId, DeviceId, PartitionId, PolicyChange, WearerId};

use super::{Site, sample};
use crate::store::registry::{
    Amended, Amendment, Edit, Interest, Registered, RegistryQuery, Share, Target,
};
use crate::store::{AuditEntry, Erasure, Store, StoreError};

fn wearer(id: &str, name: &str) -> PolicyChange {
    let text = format!(r#"{{"id":"{id}","name":"{name}"}}"#);
    PolicyChange::Wearer(serde_json::from_str(&text).unwrap())
}

fn place(radius_m: u32) -> PolicyChange {
    let text = format!(r#"{{"id":"P-1","lat":52.8,"lon":-2.1,"radius_m":{radius_m}}}"#);
    PolicyChange::Place(serde_json::from_str(&text).unwrap())
}

fn order() -> PolicyChange {
    let text = r#"{"id":"O-1","wearer":"W-1","type":"BAIL","from":"2026-03-01T00:00:00Z",
        "conditions":[{"id":"C-1","kind":"exclusion_zone","zones":["Z-1","set:schools"]},
            {"id":"C-2","kind":"curfew","place":"P-1","windows":[]}]}"#;
    PolicyChange::Order(serde_json::from_str(text).unwrap())
}

fn activation() -> PolicyChange {
    let text = r#"{"device":"GPS-1","kind":"gps","wearer":"W-1","from":"2026-03-01T00:00:00Z"}"#;
    PolicyChange::Activation(serde_json::from_str(text).unwrap())
}

fn about(change: &PolicyChange) -> Option<WearerId> {
    if let PolicyChange::Wearer(wearer) = change {
        return Some(wearer.id.clone());
    }
    let targets = Target::of(change).into_iter();
    let mut wearers = targets.filter_map(|target| {
        if let Target::Part(RegistryKey::Wearer(id)) = target {
            Some(id)
        } else {
            None
        }
    });
    wearers.next()
}

fn edit(version: u32, change: PolicyChange) -> Edit {
    let key = change.key().unwrap();
    let wearer = about(&change);
    Edit {
        key,
        version,
        wearer,
        change: Some(change),
    }
}

fn amendment(base: u64, edits: Vec<Edit>) -> Amendment {
    Amendment {
        base,
        at: sample::at(0),
        actor: "clerk".to_owned(),
        reason: Some("by post".to_owned()),
        edits,
        meter: registry::Meter::default(),
    }
}

fn query(kind: &'static str) -> RegistryQuery {
    RegistryQuery {
        kind,
        wearer: None,
        share: None,
        after: None,
        visible_to: None,
        limit: 100,
    }
}

fn changes(registered: Vec<Registered>) -> Vec<PolicyChange> {
    registered
        .into_iter()
        .filter_map(|part| part.change)
        .collect()
}

async fn put(store: &Arc<dyn Store>, base: u64, edits: Vec<Edit>) -> u64 {
    match store.amend(&amendment(base, edits)).await.unwrap() {
        Amended::At(revision) => revision,
        Amended::Behind(newest) => panic!("the registry is at {newest}"),
    }
}

pub(crate) async fn an_amendment_is_taken_in_whole_and_its_parts_are_found_again(site: &impl Site) {
    let store = site.open().await;
    assert_eq!(store.registry_revision().await.unwrap(), 0);
    let edits = vec![
        edit(1, place(50)),
        edit(1, wearer("W-1", "A")),
        edit(1, order()),
    ];
    assert_eq!(put(&store, 0, edits).await, 3);
    drop(store);
    let store = site.open().await;
    assert_eq!(store.registry_revision().await.unwrap(), 3);
    let keys = [
        RegistryKey::new("order", "O-1").unwrap(),
        RegistryKey::new("order", "O-2").unwrap(),
    ];
    let found = store.registered(&keys).await.unwrap();
    let expected = Registered {
        key: RegistryKey::new("order", "O-1").unwrap(),
        version: 1,
        revision: 3,
        at: sample::at(0),
        actor: "clerk".to_owned(),
        reason: Some("by post".to_owned()),
        change: Some(order()),
    };
    assert_eq!(found, [expected]);
}

pub(crate) async fn who_checked_against_an_older_registry_changes_nothing(site: &impl Site) {
    let store = site.open().await;
    put(&store, 0, vec![edit(1, place(50))]).await;
    let late = amendment(0, vec![edit(1, wearer("W-1", "A"))]);
    assert_eq!(store.amend(&late).await.unwrap(), Amended::Behind(1));
    assert_eq!(store.registry_revision().await.unwrap(), 1);
    assert_eq!(store.registry_at(1, &query("wearer")).await.unwrap(), []);
}

pub(crate) async fn what_was_registered_as_of_a_revision_is_found_later(site: &impl Site) {
    let store = site.open().await;
    put(
        &store,
        0,
        vec![edit(1, place(50)), edit(1, wearer("W-1", "A"))],
    )
    .await;
    put(&store, 2, vec![edit(2, place(60))]).await;
    put(&store, 3, vec![edit(3, place(70))]).await;
    let places = query("place");
    for (revision, radius_m) in [(1, 50), (2, 50), (3, 60), (4, 70), (9, 70)] {
        let found = store.registry_at(revision, &places).await.unwrap();
        assert_eq!(changes(found), [place(radius_m)], "as of {revision}");
    }
    assert_eq!(store.registry_at(0, &places).await.unwrap(), []);
    let key = RegistryKey::new("place", "P-1").unwrap();
    let versions = store.registry_history(&key).await.unwrap();
    let versions: Vec<(u32, u64)> = versions.iter().map(|v| (v.version, v.revision)).collect();
    assert_eq!(versions, [(1, 1), (2, 3), (3, 4)]);
}

pub(crate) async fn a_partition_hears_of_its_own_wearers_and_of_what_concerns_all(
    site: &impl Site,
) {
    let store = site.open().await;
    let partitions = NonZeroU16::new(3).unwrap();
    let mut edits = vec![edit(1, place(50))];
    edits.extend((0..30).map(|number| edit(1, wearer(&format!("W-{number}"), "A"))));
    put(&store, 0, edits).await;
    let mut heard = 0;
    for partition in (0..3).map(PartitionId) {
        let share = Share {
            partition,
            partitions,
        };
        let interest = Interest::Partition(share);
        let all = store.registry_after(0, interest, 100).await.unwrap();
        for part in &all {
            if let Some(PolicyChange::Wearer(wearer)) = &part.change {
                assert_eq!(PartitionId::of(&wearer.id, partitions), partition);
            }
        }
        heard += all.len();
        let wearers = RegistryQuery {
            share: Some(share),
            ..query("wearer")
        };
        let registered = store.registry_at(99, &wearers).await.unwrap();
        assert_eq!(registered.len(), all.len() - 1);
        let (first, rest) = all.split_first().unwrap();
        assert_eq!(first.change, Some(place(50)));
        let page = store
            .registry_after(first.revision, interest, 2)
            .await
            .unwrap();
        assert_eq!(page, rest[..2]);
    }
    assert_eq!(heard, 30 + 3);
    let places = store.registry_after(0, Interest::Kind("place"), 100);
    assert_eq!(changes(places.await.unwrap()), [place(50)]);
}

pub(crate) async fn a_part_that_was_removed_is_gone_and_its_versions_are_kept(site: &impl Site) {
    let store = site.open().await;
    put(&store, 0, vec![edit(1, place(50))]).await;
    let key = RegistryKey::new("place", "P-1").unwrap();
    let removal = Edit {
        key: key.clone(),
        version: 2,
        wearer: None,
        change: None,
    };
    put(&store, 1, vec![removal]).await;
    assert_eq!(store.registry_at(2, &query("place")).await.unwrap(), []);
    let newest = store.registered(std::slice::from_ref(&key)).await.unwrap();
    assert_eq!((newest[0].version, &newest[0].change), (2, &None));
    let heard = store
        .registry_after(1, Interest::Kind("place"), 10)
        .await
        .unwrap();
    assert_eq!(heard, newest);
    put(&store, 2, vec![edit(3, place(80))]).await;
    let versions = store.registry_history(&key).await.unwrap();
    assert_eq!(versions.len(), 3);
    let found = store.registry_at(3, &query("place")).await.unwrap();
    assert_eq!(changes(found), [place(80)]);
}

pub(crate) async fn what_points_at_a_part_is_found(site: &impl Site) {
    let store = site.open().await;
    let edits = vec![
        edit(1, place(50)),
        edit(1, wearer("W-1", "A")),
        edit(1, activation()),
        edit(1, order()),
    ];
    put(&store, 0, edits).await;
    let part = |kind, id| Target::Part(RegistryKey::new(kind, id).unwrap());
    let referring = async |targets: &[Target]| changes(store.referring(targets).await.unwrap());
    for target in [
        part("place", "P-1"),
        part("zone", "Z-1"),
        part("zone_set", "schools"),
        Target::Condition(ConditionId::new("C-2").unwrap()),
    ] {
        assert_eq!(referring(std::slice::from_ref(&target)).await, [order()]);
    }
    let device = Target::Device(DeviceId::new("GPS-1").unwrap());
    assert_eq!(referring(&[device]).await, [activation()]);
    let both = [part("wearer", "W-1"), part("place", "P-1")];
    assert_eq!(referring(&both).await, [activation(), order()]);
    // A version that points elsewhere does not point there any more.
    let PolicyChange::Order(mut varied) = order() else {
        unreachable!("it is an order");
    };
    varied.conditions.clear();
    put(&store, 4, vec![edit(2, PolicyChange::Order(varied))]).await;
    assert_eq!(referring(&[part("place", "P-1")]).await, []);
}

pub(crate) async fn a_list_goes_on_after_an_id(site: &impl Site) {
    let store = site.open().await;
    let ids = ["W-a", "W-B", "W-10", "W-9", "W-é"];
    let edits = ids.iter().map(|id| edit(1, wearer(id, "A"))).collect();
    put(&store, 0, edits).await;
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let mut wanted = RegistryQuery {
        limit: 2,
        ..query("wearer")
    };
    let mut seen = Vec::new();
    loop {
        let page = store.registry_at(9, &wanted).await.unwrap();
        let Some(last) = page.last() else {
            break;
        };
        wanted.after = Some(last.key.id());
        seen.extend(page.iter().map(|part| part.key.id()));
    }
    assert_eq!(seen, sorted);
    let of_one = RegistryQuery {
        wearer: Some(sample::wearer("W-9")),
        ..query("wearer")
    };
    assert_eq!(store.registry_at(9, &of_one).await.unwrap().len(), 1);
}

pub(crate) async fn each_change_is_in_the_audit_trail(site: &impl Site) {
    let store = site.open().await;
    put(
        &store,
        0,
        vec![edit(1, wearer("W-1", "A")), edit(1, order())],
    )
    .await;
    let trail = store.audit_trail(10).await.unwrap();
    let subjects: Vec<&str> = trail.iter().map(|entry| entry.subject.as_str()).collect();
    assert_eq!(subjects, ["order of W-1", "wearer of W-1"]);
    assert_eq!(
        trail[0],
        AuditEntry {
            at: sample::at(0),
            actor: "clerk".to_owned(),
            action: "registry.put".to_owned(),
            subject: "order of W-1".to_owned(),
            reason: Some("by post".to_owned()),
        }
    );
}

pub(crate) async fn nothing_of_an_amendment_that_fails_stays(site: &impl Site) {
    let store = site.open().await;
    // The same part twice: not two changes of different parts.
    let edits = vec![
        edit(1, wearer("W-1", "A")),
        edit(1, place(50)),
        edit(1, place(60)),
    ];
    let twice = store.amend(&amendment(0, edits)).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
    assert_eq!(store.registry_revision().await.unwrap(), 0);
    assert_eq!(store.registry_at(9, &query("wearer")).await.unwrap(), []);
    assert_eq!(store.audit_trail(10).await.unwrap(), []);
}

pub(crate) async fn erasing_takes_a_part_out_in_all_its_versions_and_gives_no_revision_twice(
    site: &impl Site,
) {
    let store = site.open().await;
    put(
        &store,
        0,
        vec![edit(1, wearer("W-2", "B")), edit(1, wearer("W-1", "A"))],
    )
    .await;
    put(&store, 2, vec![edit(2, wearer("W-1", "A2"))]).await;
    let key = RegistryKey::new("wearer", "W-1").unwrap();
    let erasure = Erasure {
        wearer: sample::wearer("W-1"),
        changes: Vec::new(),
        parts: vec![key.clone()],
        devices: Vec::new(),
        epochs: Vec::new(),
        checkpoints: Vec::new(),
        audit: AuditEntry {
            at: sample::at(0),
            actor: "clerk".to_owned(),
            action: "wearer.erase".to_owned(),
            subject: "W-1".to_owned(),
            reason: None,
        },
    };
    assert_eq!(store.erase(&erasure).await.unwrap().registered, 2);
    assert_eq!(store.registry_history(&key).await.unwrap(), []);
    let left = store.registry_at(9, &query("wearer")).await.unwrap();
    assert_eq!(changes(left), [wearer("W-2", "B")]);
    assert_eq!(put(&store, 3, vec![edit(1, place(50))]).await, 4);
}
