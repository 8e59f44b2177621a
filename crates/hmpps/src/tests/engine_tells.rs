//! What is not on the map is told of by the engine: nobody is taken for watched who is not.

use std::collections::BTreeSet;
use std::path::Path;

use engine::{Engine, RulesPolicy};
use model::{ConditionId, DecisionKind, Phase, Timestamp};

use super::sample;
use crate::{Context, translate};

#[test]
fn every_condition_that_misses_a_zone_or_a_place_is_told_of_as_soon_as_it_is_known() {
    for name in [
        "bail-curfew-and-zones",
        "community-alcohol-and-attendance",
        "community-curfew-at-a-second-address",
        "licence-zones-and-attendance",
        "wearers-and-orders-one-after-another",
    ] {
        let translated = translate(&sample(name), &Context::default()).unwrap();
        let mut engine = Engine::new(RulesPolicy::default());
        let now = Timestamp::parse("2026-01-02T00:00:00Z").unwrap();
        for change in registry::parse(&translated.document, Path::new("here")).unwrap() {
            engine.handle_policy(&change, now);
        }
        let decisions = std::iter::from_fn(|| engine.poll_decision());
        let told: BTreeSet<ConditionId> = decisions
            .filter(|decision| decision.kind == DecisionKind::GeometryMissing)
            .filter(|decision| decision.phase == Phase::Opened)
            .filter_map(|decision| decision.condition)
            .collect();
        let missing = translated
            .missing
            .into_iter()
            .map(|missing| missing.condition);
        assert_eq!(told, missing.collect(), "{name}");
    }
}
