//! Thresholds that differ by cohort.

use model::{DecisionKind, Phase};
use serde_json::json;

use crate::script::{Script, curfew_evidence};

const RULES: &str = "
version = \"x\"
[[cohort]]
name = \"high-risk\"
when = { flags = [\"high-risk\"], order_type = [\"POST_RELEASE\"] }
[cohort.curfew]
grace_s = 60
";

fn away_at_the_start(flags: &[&str]) -> crate::script::Story {
    Script::curfew()
        .change(json!({"rules": {"toml": RULES}}))
        .change(json!({"wearer": {"id": "W-1", "flags": flags}}))
        .stay("18:30", "19:20", 2000.0, 0.0)
        .run()
}

#[test]
fn a_cohort_is_judged_by_its_own_thresholds_and_the_evidence_names_them() {
    let story = away_at_the_start(&["high-risk", "iom"]);
    let opened = story.the(DecisionKind::OutPastStart, Phase::Opened);
    assert_eq!(opened.decided, story.at("19:01"));
    let evidence = curfew_evidence(opened);
    assert_eq!(
        (evidence.policy.as_str(), evidence.grace_s),
        ("x/high-risk", 60)
    );
}

#[test]
fn everybody_else_is_judged_by_those_of_everybody() {
    let story = away_at_the_start(&["iom"]);
    let opened = story.the(DecisionKind::OutPastStart, Phase::Opened);
    assert_eq!(opened.decided, story.at("19:15"));
    assert_eq!(curfew_evidence(opened).policy, "x");
}

#[test]
fn who_leaves_a_cohort_is_judged_as_everybody_from_then_on() {
    let story = Script::curfew()
        .change(json!({"rules": {"toml": RULES}}))
        .change(json!({"wearer": {"id": "W-1", "flags": ["high-risk"]}}))
        .stay("18:30", "18:50", 2000.0, 0.0)
        .change(json!({"wearer": {"id": "W-1", "flags": []}}))
        .stay("18:50", "19:20", 2000.0, 0.0)
        .run();
    let opened = story.the(DecisionKind::OutPastStart, Phase::Opened);
    assert_eq!(opened.decided, story.at("19:15"));
}
