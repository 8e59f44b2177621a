use std::collections::BTreeSet;

use model::Recipient;

use super::*;

fn caller(role: &str, specials: bool) -> Caller {
    Caller {
        token: None,
        name: Some("somebody".to_owned()),
        role: Some(role.parse().unwrap()),
        specials,
    }
}

fn queue(name: &str) -> Recipient {
    Recipient::new(name).unwrap()
}

/// Those of all roles that may do something, by the first letters of operator, police/kent,
/// probation/wales, desk/court, auditor and admin.
fn who_may(action: Action<'_>) -> String {
    let roles = [
        ("o", "operator"),
        ("p", "police/kent"),
        ("b", "probation/wales"),
        ("d", "desk/court"),
        ("u", "auditor"),
        ("a", "admin"),
    ];
    let may_do = |role: &&(&str, &str)| may(&caller(role.1, false), action).is_ok();
    roles.iter().filter(may_do).map(|role| role.0).collect()
}

#[test]
fn every_row_of_the_table_says_who_may() {
    let operators = queue("operators");
    let (kent, essex, court) = (queue("police/kent"), queue("police/essex"), queue("court"));
    let table = [
        (Action::ReadAlerts, "opbdua"),
        (Action::Follow, "opbda"),
        (Action::CountQueue(&operators), "oua"),
        (Action::CountQueue(&kent), "opua"),
        (Action::TakeFrom(&operators), "oa"),
        (Action::TakeFrom(&kent), "pa"),
        (Action::TakeFrom(&essex), "a"),
        (Action::TakeFrom(&court), "da"),
        (Action::PeekQueue(&operators), "oa"),
        (Action::PeekQueue(&kent), "opa"),
        (Action::RequeueNotifications, "oa"),
        (Action::ReadDeadLetters, "a"),
        (Action::RequeueDeadLetters, "a"),
        (Action::ReadTrail, "opba"),
        (Action::ReadRegistry, "opba"),
        (Action::ChangeRegistry, "oa"),
        (Action::Triage, "opbda"),
        (Action::Adjudicate, "oba"),
        (Action::ReadAudit, "ua"),
        (Action::ManageTokens, "a"),
    ];
    for (action, expected) in table {
        assert_eq!(who_may(action), expected, "{action:?}");
    }
    assert!(may(&Caller::anybody(), Action::ManageTokens).is_ok());
}

#[test]
fn the_specials_queue_is_for_tokens_that_carry_it_and_for_no_admin_without() {
    let specials = queue("specials");
    for (role, named, expected) in [
        ("desk/specials", true, true),
        ("desk/specials", false, false),
        ("admin", true, true),
        ("admin", false, false),
        ("operator", true, false),
    ] {
        let taken = may(&caller(role, named), Action::TakeFrom(&specials));
        assert_eq!(taken.is_ok(), expected, "{role}, specials: {named}");
    }
}

#[test]
fn a_denial_says_what_is_missing() {
    let operators = queue("operators");
    let denied = may(&caller("police/kent", false), Action::TakeFrom(&operators)).unwrap_err();
    assert_eq!(
        denied.to_string(),
        "role police/kent may not take from a queue (operators)"
    );
}

#[test]
fn people_are_seen_by_those_of_their_area_and_those_who_were_told() {
    let facts = Facts {
        police_force: Some("kent".to_owned()),
        probation_region: Some("wales".to_owned()),
        special: false,
        told: BTreeSet::from([queue("operators"), queue("offender-managers/essex")]),
    };
    for (role, expected) in [
        ("operator", true),
        ("admin", true),
        ("auditor", true),
        ("police/kent", true),
        ("police/essex", true),
        ("police/surrey", false),
        ("probation/wales", true),
        ("probation/kent", false),
        ("desk/offender-managers/essex", true),
        ("desk/court", false),
    ] {
        assert_eq!(caller(role, false).scope().sees(&facts), expected, "{role}");
    }
}

#[test]
fn specials_are_seen_by_nobody_whose_token_does_not_carry_it() {
    let flagged = Facts {
        police_force: Some("kent".to_owned()),
        special: true,
        ..Facts::default()
    };
    let told = Facts::default().told([queue("specials")]);
    for role in ["operator", "admin", "auditor", "desk/specials"] {
        assert!(!caller(role, false).scope().sees(&told), "{role}");
        assert!(caller(role, true).scope().sees(&told), "{role}");
    }
    assert!(!caller("admin", false).scope().sees(&flagged));
    assert!(!caller("police/kent", false).scope().sees(&flagged));
    assert!(caller("police/kent", true).scope().sees(&flagged));
    assert!(!caller("police/essex", true).scope().sees(&flagged));
}

#[test]
fn roles_read_back_as_they_are_written_and_nothing_else_is_one() {
    for text in [
        "operator",
        "police/kent",
        "probation/west-midlands",
        "desk/offender-managers/kent",
        "desk/home-office",
        "auditor",
        "admin",
    ] {
        assert_eq!(text.parse::<Role>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "root",
        "police",
        "police/",
        "police/a/b",
        "police/Kent",
        "admin/x",
        "desk/",
    ] {
        assert!(text.parse::<Role>().is_err(), "{text}");
    }
}

#[test]
fn a_token_reads_back_and_only_its_own_secret_fits() {
    let (token, other) = (Token::draw().unwrap(), Token::draw().unwrap());
    let read = Token::parse(&token.reveal()).unwrap();
    assert_eq!(read.id, token.id);
    assert!(read.hash().is(&token.hash()));
    assert!(!other.hash().is(&token.hash()));
    assert_ne!(other.id, token.id);
    // 256 bits in base64.
    assert_eq!(token.reveal().len(), 3 + 10 + 1 + 43);
    for text in [
        "",
        "tw_",
        "tw_0123456789",
        "xx_0123456789_s",
        "tw_012345678G_s",
        "tw__s",
    ] {
        assert!(Token::parse(text).is_err(), "{text}");
    }
    assert!(Token::parse(&format!("tw_0123456789_{}", "s".repeat(200))).is_err());
}
