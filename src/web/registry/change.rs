//! Changing the registry on somebody's behalf.

use axum::Json;
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use model::registry::RegistryKey;
use registry::Document;

use super::super::WebState;
use super::super::disclosure::Reader;
use super::super::problem::{DocumentProblem, Problem};
use super::seen;
use crate::access::Action;
use crate::registrar::{Change, FieldChange, Outcome, Proposal, Refusal, Who};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct ChangeParams {
    /// Change nothing: say what would change.
    pub(super) dry_run: bool,
}

/// What was changed, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changed {
    /// The revision of the registry. Decisions made from then on name it, or a later one.
    #[schema(example = 17)]
    revision: u64,
    /// What is different; nothing, where all was registered already.
    changes: Vec<ChangedPart>,
    /// What is not wise, and is registered all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<DocumentProblem>,
}

/// A part that is different.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedPart {
    /// Kind and id.
    #[schema(example = "order/O-1")]
    part: String,
    /// The version before; absent where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<u32>,
    /// The version now; absent where it is removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    becomes: Option<u32>,
    /// The fields that are different, of a part that was there and still is.
    fields: Vec<ChangedField>,
}

/// A field that is different.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedField {
    /// Where it is, as a JSON pointer.
    #[schema(example = "/conditions/0/place")]
    at: String,
    /// What it was; absent where it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    was: Option<serde_json::Value>,
    /// What it is; absent where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    becomes: Option<serde_json::Value>,
}

impl From<Change> for ChangedPart {
    fn from(change: Change) -> Self {
        Self {
            part: change.key.to_string(),
            was: change.was,
            becomes: change.becomes,
            fields: change.fields.into_iter().map(ChangedField::from).collect(),
        }
    }
}

impl From<FieldChange> for ChangedField {
    fn from(field: FieldChange) -> Self {
        let FieldChange { at, was, becomes } = field;
        Self { at, was, becomes }
    }
}

impl From<Outcome> for Changed {
    fn from(outcome: Outcome) -> Self {
        Self {
            revision: outcome.revision,
            changes: outcome.changes.into_iter().map(ChangedPart::from).collect(),
            warnings: outcome
                .warnings
                .into_iter()
                .map(DocumentProblem::from)
                .collect(),
        }
    }
}

/// Takes a proposal in for whoever asks, or rehearses it.
pub(super) async fn propose(
    state: &WebState,
    reader: &Reader,
    proposal: Proposal,
    params: &ChangeParams,
) -> Result<Json<Changed>, Problem> {
    propose_documents(state, reader, &Document::default(), proposal, params).await
}

/// Takes a proposal in that `documents` make, or rehearses it: everything that is wrong with them is told.
pub(super) async fn propose_documents(
    state: &WebState,
    reader: &Reader,
    documents: &Document,
    proposal: Proposal,
    params: &ChangeParams,
) -> Result<Json<Changed>, Problem> {
    reader.may(state, Action::ChangeRegistry).await?;
    let who = who(state, reader)?;
    seen::check(state, reader, &proposal).await?;
    let registrar = &state.registrar;
    let outcome = if params.dry_run {
        // What it would change is shown, and so is what is registered.
        reader
            .shown(state, "registry.rehearse", proposal.subjects())
            .await?;
        registrar
            .rehearse_documents(documents, proposal, who.at)
            .await
    } else {
        registrar.take_in_documents(documents, proposal, &who).await
    };
    outcome
        .map(|outcome| Json(outcome.into()))
        .map_err(Problem::from)
}

/// Whoever changes something says who they are, and why.
fn who(state: &WebState, reader: &Reader) -> Result<Who, Problem> {
    let (actor, reason) = reader.author()?;
    Ok(Who {
        actor,
        reason: Some(reason),
        at: state.clock.now(),
    })
}

/// Which version of a part has been seen, as `If-Match` or `If-None-Match` say.
pub(super) fn version_seen(headers: &HeaderMap) -> Result<Option<u32>, Problem> {
    let text = |name: header::HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default().trim().to_owned())
    };
    if let Some(tag) = text(header::IF_MATCH) {
        let version = tag.trim_matches('"').parse();
        return version.map(Some).map_err(|_not_a_number| {
            Problem::bad_request(format!("if-match {tag:?} is not a version such as \"3\""))
        });
    }
    match text(header::IF_NONE_MATCH).as_deref() {
        Some("*") => Ok(Some(0)),
        Some(other) => Err(Problem::bad_request(format!(
            "if-none-match {other:?} is not *"
        ))),
        None => Ok(None),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Problems(problems) => Self::refused(problems),
            Refusal::Stale { key, seen, version } => Self::stale(&key, seen, version),
            Refusal::Busy => {
                Self::unavailable("others change the registry all the time; try again")
            }
            Refusal::Store(error) => error.into(),
        }
    }
}

/// The newest version of a part that is registered and that one may see.
pub(super) async fn registered(
    state: &WebState,
    reader: &Reader,
    key: &RegistryKey,
) -> Result<crate::store::registry::Registered, Problem> {
    if !seen::sees(state, reader, key).await? {
        return Err(seen::not_registered(key));
    }
    let found = state.store.registered(std::slice::from_ref(key)).await?;
    found
        .into_iter()
        .find(|part| part.change.is_some())
        .ok_or_else(|| seen::not_registered(key))
}
