//! What people do about alerts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::{Answer, Finding, Means, Outcome, Stage};

/// The work on an alert, after its newest step.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct Triage {
    /// Where it stands.
    stage: Stage,
    /// How many steps there are.
    #[schema(example = 2)]
    steps: u32,
    /// Who acknowledged it.
    #[schema(example = "operator-17")]
    acknowledged_by: Option<String>,
    /// When they did.
    #[schema(format = DateTime, example = "2026-03-29T01:01:10Z")]
    acknowledged: Option<String>,
    /// What it was found to be.
    finding: Option<Finding>,
    /// The time for which the wearer is excused.
    excused: Option<Excused>,
    /// What came of it.
    outcome: Option<Outcome>,
    /// Whether nobody had acknowledged it by its notify-by time.
    late: bool,
    /// The rung of the policy's ladder that it has come to; 0: none.
    #[schema(example = 0)]
    rung: u32,
}

/// A time for which a wearer is excused.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct Excused {
    /// The absence that was registered for it.
    #[schema(example = "excused-1b7f7b0e-7a55-5b4e-9d5b-0a4c6d0e8a11")]
    absence: String,
    /// From when.
    #[schema(format = DateTime)]
    from: String,
    /// Until when.
    #[schema(format = DateTime)]
    to: String,
}

/// One step. Steps are never changed: a later one says otherwise.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct Step {
    /// Counts the steps about an alert from 1.
    #[schema(example = 1)]
    number: u32,
    /// When.
    #[schema(format = DateTime, example = "2026-03-29T01:01:10Z")]
    at: String,
    /// By whom; `tagwatch` where nobody did anything in time.
    #[schema(example = "operator-17")]
    actor: String,
    /// Why, in their words.
    #[schema(example = "was at the hospital: letter seen")]
    comment: Option<String>,
    /// `acknowledge`, `comment`, `contact`, `adjudicate`, `escalate`, `overdue`, `resolve` or `reopen`.
    #[schema(example = "adjudicate")]
    action: String,
    /// Of a contact: how the wearer was tried to be reached.
    means: Option<Means>,
    /// Of a contact: who answered.
    answer: Option<Answer>,
    /// Of an adjudication: what it was found to be.
    finding: Option<Finding>,
    /// Of an adjudication: the time for which the wearer is excused.
    excused: Option<Excused>,
    /// Of an escalation, or of what is overdue: who was told.
    #[schema(example = json!(["police/staffordshire"]))]
    to: Option<Vec<String>>,
    /// Of what is overdue: the rung of the ladder that it went up to; 0 where there was none left.
    rung: Option<u32>,
    /// Of a resolution: what came of it.
    outcome: Option<Outcome>,
}

/// Why somebody further up is told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct Escalation {
    /// The step that told them.
    #[schema(example = 1)]
    step: u32,
    /// Who did; `tagwatch` where nobody had acknowledged it in time.
    #[schema(example = "tagwatch")]
    by: String,
    /// Why, in their words.
    comment: Option<String>,
    /// By when somebody should have acknowledged it, where that is why.
    #[schema(format = DateTime, example = "2026-03-29T01:03:31Z")]
    overdue_since: Option<String>,
}

/// What a breach report needs besides the decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct Report {
    /// The order, in short, in the version under which it was decided.
    #[schema(value_type = Object, example = json!({"id": "O-1", "version": 1, "type": "POST_RELEASE", "from": "2026-03-01T00:00:00Z", "to": null}))]
    order: serde_json::Value,
    /// The condition, as in a registry document.
    #[schema(value_type = Option<Object>)]
    condition: Option<serde_json::Value>,
    /// Whole minutes for which it was broken, as far as it is known.
    #[schema(example = 42)]
    minutes: i64,
    /// Alerts about the same condition in the four weeks before, newest first.
    history: Vec<Earlier>,
}

/// An alert of before.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::web) struct Earlier {
    /// The alert.
    #[schema(format = "uuid")]
    alert: String,
    /// What was concluded.
    kind: super::names::DecisionKind,
    /// When it began.
    #[schema(format = DateTime)]
    onset: String,
    /// Where it stands.
    state: super::names::AlertState,
    /// What it was found to be.
    finding: Option<Finding>,
    /// What came of it.
    outcome: Option<Outcome>,
}
