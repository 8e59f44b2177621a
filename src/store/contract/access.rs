//! What the store promises about tokens, and about who may see whom.

use std::sync::Arc;

use model::PolicyChange;

use super::{Site, sample};
use crate::access::{Caller, Scope, Token, TokenRecord};
use crate::store::registry::{Amendment, Edit, RegistryQuery};
use crate::store::{AlertQuery, AuditEntry, Store, StoreError};

fn note(action: &str) -> AuditEntry {
    AuditEntry {
        at: sample::at(0),
        actor: "chief".to_owned(),
        action: action.to_owned(),
        subject: "token".to_owned(),
        reason: None,
    }
}

fn drawn(name: &str, role: &str) -> TokenRecord {
    let token = Token::draw().unwrap();
    TokenRecord {
        id: token.id.clone(),
        hash: token.hash(),
        name: name.to_owned(),
        role: role.parse().unwrap(),
        specials: true,
        created: sample::at(0),
        created_by: "chief".to_owned(),
        expires: Some(sample::at(3600)),
        revoked: None,
        last_used: None,
    }
}

pub(crate) async fn a_token_is_kept_revoked_once_and_each_is_in_the_audit_trail(site: &impl Site) {
    let store = site.open().await;
    let token = drawn("Control room 3", "police/staffordshire");
    let later = TokenRecord {
        created: sample::at(1),
        ..drawn("Desk", "desk/offender-managers/kent")
    };
    for token in [&later, &token] {
        store.add_token(token, &note("token.create")).await.unwrap();
    }
    let again = store.add_token(&token, &note("token.create")).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    assert_eq!(store.token(&token.id).await.unwrap(), Some(token.clone()));
    let unknown = drawn("x", "admin").id;
    assert_eq!(store.token(&unknown).await.unwrap(), None);
    assert_eq!(store.tokens().await.unwrap(), [token.clone(), later]);
    let revoke = async |seconds| {
        let entry = note("token.revoke");
        store
            .revoke_token(&token.id, sample::at(seconds), &entry)
            .await
            .unwrap()
    };
    assert!(revoke(60).await);
    assert!(!revoke(120).await);
    for seconds in [90, 30] {
        store
            .token_used(&token.id, sample::at(seconds))
            .await
            .unwrap();
    }
    let kept = store.token(&token.id).await.unwrap().unwrap();
    assert_eq!(kept.revoked, Some(sample::at(60)));
    assert_eq!(kept.last_used, Some(sample::at(90)));
    let trail = store.audit_trail(10).await.unwrap();
    let actions: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["token.revoke", "token.create", "token.create"]);
}

fn profile(id: &str, rest: &str) -> PolicyChange {
    let text = format!(r#"{{"id":"{id}","name":"a\u0000b"{rest}}}"#);
    PolicyChange::Wearer(serde_json::from_str(&text).unwrap())
}

fn place(id: &str) -> PolicyChange {
    let text = format!(r#"{{"id":"{id}","lat":52.8,"lon":-2.1,"radius_m":50}}"#);
    PolicyChange::Place(serde_json::from_str(&text).unwrap())
}

fn order(id: &str, wearer: &str, place: &str) -> PolicyChange {
    let text = format!(
        r#"{{"id":"{id}","wearer":"{wearer}","type":"BAIL","from":"2026-03-01T00:00:00Z",
        "conditions":[{{"id":"C-{id}","kind":"curfew","place":"{place}","windows":[]}}]}}"#
    );
    PolicyChange::Order(serde_json::from_str(&text).unwrap())
}

/// People of two forces and of none, some of whom only those named may see; and alerts about each.
async fn people(site: &impl Site) -> Arc<dyn Store> {
    let store = site.open().await;
    let changes = [
        profile(
            "W-1",
            r#","police_force":"kent","probation_region":"south""#,
        ),
        profile(
            "W-2",
            r#","police_force":"essex","probation_region":"east","flags":["iom"]"#,
        ),
        profile("W-3", r#","police_force":"kent","flags":["nsd"]"#),
        place("P-1"),
        place("P-2"),
        place("P-3"),
        place("P-4"),
        order("O-1", "W-1", "P-1"),
        order("O-2", "W-2", "P-2"),
        order("O-3", "W-3", "P-3"),
    ];
    let edits = changes.into_iter().map(|change| Edit {
        key: change.key().unwrap(),
        version: 1,
        wearer: change.wearer().cloned(),
        change: Some(change),
    });
    let amendment = Amendment {
        base: 0,
        at: sample::at(0),
        actor: "clerk".to_owned(),
        reason: None,
        edits: edits.collect(),
        meter: registry::Meter::default(),
    };
    store.amend(&amendment).await.unwrap();
    let routed = vec![
        sample::routed("W-1", 1, 1, &["police/kent"]),
        sample::routed("W-1", 2, 1, &["operators"]),
        sample::routed("W-1", 2, 2, &["probation/north"]),
        sample::routed("W-2", 1, 1, &["offender-managers/kent", "operators"]),
        sample::routed("W-3", 1, 1, &["operators"]),
        sample::routed("W-4", 1, 1, &["specials"]),
        sample::routed("W-5", 1, 1, &["court", "police/essex"]),
    ];
    sample::commit_decisions(&store, routed).await;
    store
}

fn scopes() -> Vec<(String, Scope)> {
    let roles = [
        "operator",
        "police/kent",
        "police/essex",
        "probation/south",
        "probation/north",
        "desk/court",
        "desk/specials",
        "auditor",
    ];
    let both = |role: &str| {
        [false, true].map(|specials| {
            let caller = Caller {
                token: None,
                name: None,
                role: Some(role.parse().unwrap()),
                specials,
            };
            (format!("{role}, specials: {specials}"), caller.scope())
        })
    };
    roles.into_iter().flat_map(both).collect()
}

pub(crate) async fn a_list_of_alerts_holds_what_the_rules_say_one_may_see(site: &impl Site) {
    let store = people(site).await;
    let query = |visible_to, limit| AlertQuery {
        visible_to,
        limit,
        ..AlertQuery::default()
    };
    let every = store.alerts(&query(None, 100)).await.unwrap();
    assert_eq!(every.len(), 6);
    let ids: Vec<_> = every.iter().map(|record| record.alert).collect();
    let facts = store.alert_facts(&ids).await.unwrap();
    for (who, scope) in scopes() {
        let may: Vec<_> = ids
            .iter()
            .zip(&facts)
            .filter(|(_, facts)| scope.sees(facts))
            .collect();
        let listed = store
            .alerts(&query(Some(scope.clone()), 100))
            .await
            .unwrap();
        let listed: Vec<_> = listed.iter().map(|record| record.alert).collect();
        let expected: Vec<_> = may.iter().map(|(id, _)| **id).collect();
        assert_eq!(listed, expected, "{who}");
        // A page is full where there is enough to fill it.
        let page = store.alerts(&query(Some(scope), 1)).await.unwrap();
        assert_eq!(page.len(), expected.len().min(1), "{who}");
    }
}

pub(crate) async fn a_list_of_the_registry_holds_what_the_rules_say_one_may_see(site: &impl Site) {
    let store = people(site).await;
    let list = async |kind, visible_to| {
        let query = RegistryQuery {
            kind,
            wearer: None,
            share: None,
            after: None,
            visible_to,
            limit: 100,
        };
        let found = store.registry_at(u64::MAX >> 1, &query).await.unwrap();
        found.iter().map(|part| part.key.id()).collect::<Vec<_>>()
    };
    let wearers = ["W-1", "W-2", "W-3"].map(sample::wearer);
    let facts = store.wearer_facts(&wearers).await.unwrap();
    for (who, scope) in scopes() {
        let may = |n: &&usize| scope.sees(&facts[**n - 1]);
        let seen: Vec<usize> = [1, 2, 3].iter().filter(may).copied().collect();
        let named = |letter: &str| {
            seen.iter()
                .map(|n| format!("{letter}-{n}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            list("wearer", Some(scope.clone())).await,
            named("W"),
            "{who}"
        );
        assert_eq!(
            list("order", Some(scope.clone())).await,
            named("O"),
            "{who}"
        );
        let mut places = named("P");
        if scope.whose == crate::access::Whose::Everybody {
            places.push("P-4".to_owned());
        }
        assert_eq!(list("place", Some(scope.clone())).await, places, "{who}");
    }
    assert_eq!(list("place", None).await.len(), 4);
}

pub(crate) async fn what_decides_who_sees_an_alert_is_the_newest_profile_and_all_who_were_told(
    site: &impl Site,
) {
    let store = people(site).await;
    let alert = sample::decision("W-1", 2, 1, model::Phase::Opened).alert;
    let facts = store.alert_facts(&[alert]).await.unwrap().remove(0);
    assert_eq!(facts.police_force.as_deref(), Some("kent"));
    let told: Vec<&str> = facts.told.iter().map(model::Recipient::as_str).collect();
    assert_eq!(told, ["operators", "probation/north"]);
    let unknown = store.wearer_facts(&[sample::wearer("W-9")]).await.unwrap();
    assert_eq!(unknown, [crate::access::Facts::default()]);
}
