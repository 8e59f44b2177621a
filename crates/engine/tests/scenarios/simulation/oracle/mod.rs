//! What must have been told, and what may have been, from what is true minute by minute. It knows
//! nothing of how the engine decides.

mod alcohol;
mod curfew;
mod zone;

use model::{Decision, DecisionKind, Phase, Timestamp};

use super::world::World;

/// What is wrong with what was told.
pub(super) fn complaints(world: &World, decisions: &[Decision]) -> Vec<String> {
    let mut complaints = zone::complaints(world, decisions);
    complaints.extend(curfew::complaints(world, decisions));
    complaints.extend(alcohol::complaints(world, decisions));
    complaints
}

/// What was told of one episode.
struct Told<'a> {
    opened: &'a Decision,
    last: &'a Decision,
    /// When it was first told that it was over.
    cleared: Option<Timestamp>,
}

impl Told<'_> {
    fn stands(&self) -> bool {
        self.last.phase != Phase::Withdrawn
    }

    /// Whether somebody was on to it between the two.
    fn was_open(&self, from: Timestamp, by: Timestamp) -> bool {
        self.opened.decided <= by && self.cleared.is_none_or(|cleared| from <= cleared)
    }
}

/// What was told of a condition, of these kinds, in the order in which it was opened.
fn told<'a>(decisions: &'a [Decision], condition: &str, kinds: &[DecisionKind]) -> Vec<Told<'a>> {
    let about = |decision: &&Decision| {
        let named = decision.condition.as_ref().map(model::ConditionId::as_str);
        kinds.contains(&decision.kind) && named == Some(condition)
    };
    let opened = decisions.iter().filter(about);
    opened
        .filter(|decision| decision.revision == 1)
        .filter_map(|opened| {
            let same = |decision: &&Decision| decision.alert == opened.alert;
            let mut all = decisions.iter().filter(same);
            let cleared = all
                .clone()
                .find(|decision| decision.phase == Phase::Cleared);
            Some(Told {
                opened,
                last: all.next_back()?,
                cleared: cleared.map(|decision| decision.decided),
            })
        })
        .collect()
}
