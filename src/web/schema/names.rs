//! Names from closed lists. The lists are the vocabulary's own.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! names {
    ($(#[$doc:meta])* $name:ident of $vocabulary:ty, $description:literal, [$($value:expr),+ $(,)?]) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(in crate::web) struct $name($vocabulary);

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                text_of([$($value.as_str()),+], $description)
            }
        }

        impl ToSchema for $name {}
    };
}

names!(
    /// How urgent an alert is.
    Severity of model::Severity,
    "How urgent an alert is.",
    [
        model::Severity::Low,
        model::Severity::Medium,
        model::Severity::High,
        model::Severity::Critical,
    ]
);

names!(
    /// Where the episode behind an alert stands.
    AlertState of model::AlertState,
    "Where the episode behind an alert stands.",
    [
        model::AlertState::Open,
        model::AlertState::Cleared,
        model::AlertState::Withdrawn,
    ]
);

names!(
    /// A step in the life of an episode.
    Phase of model::Phase,
    "A step in the life of an episode.",
    [
        model::Phase::Opened,
        model::Phase::Updated,
        model::Phase::Cleared,
        model::Phase::Amended,
        model::Phase::Withdrawn,
    ]
);

names!(
    /// Where the work on an alert stands.
    Stage of model::Stage,
    "Where the work on an alert stands.",
    [
        model::Stage::New,
        model::Stage::Acknowledged,
        model::Stage::Resolved,
    ]
);

names!(
    /// What a breach is found to be.
    Finding of model::Finding,
    "What a breach is found to be.",
    [
        model::Finding::ReasonableExcuse,
        model::Finding::AuthorisedAbsence,
        model::Finding::EquipmentFault,
        model::Finding::Unreasonable,
    ]
);

names!(
    /// What came of an alert.
    Outcome of model::Outcome,
    "What came of an alert.",
    [
        model::Outcome::NoAction,
        model::Outcome::FalseAlert,
        model::Outcome::Contacted,
        model::Outcome::Warned,
        model::Outcome::EquipmentSeenTo,
        model::Outcome::BreachReported,
        model::Outcome::Recalled,
        model::Outcome::Arrested,
    ]
);

names!(
    /// How somebody tries to reach a wearer.
    Means of model::Means,
    "How somebody tries to reach a wearer.",
    [
        model::Means::Call,
        model::Means::Visit,
        model::Means::Message,
    ]
);

names!(
    /// Who answers when a wearer is tried to be reached.
    Answer of model::Answer,
    "Who answers when a wearer is tried to be reached.",
    [
        model::Answer::Wearer,
        model::Answer::SomebodyElse,
        model::Answer::Nobody,
    ]
);

/// What can be concluded.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::web) struct DecisionKind(model::DecisionKind);

impl PartialSchema for DecisionKind {
    fn schema() -> RefOr<Schema> {
        let names = model::DecisionKind::ALL.iter().map(|kind| kind.as_str());
        text_of(names, "What can be concluded.")
    }
}

impl ToSchema for DecisionKind {}

fn text_of(values: impl IntoIterator<Item = &'static str>, description: &str) -> RefOr<Schema> {
    let object = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(values))
        .description(Some(description));
    object.build().into()
}
