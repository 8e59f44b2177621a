//! What people do about an alert.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use model::{
    AlertId, Answer, Contact, Finding, Means, Outcome, Recipient, Step, Timestamp, Triage,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alerts::visible;
use super::disclosure::{Reader, ReaderHeaders};
use super::extract::OptionalJson;
use super::problem::{BodyProblems, Problem, Problems};
use super::{WebState, schema};
use crate::access::Action;
use crate::registrar::Who;
use crate::triage::{Refused, TriageError, Wish};

/// The longest comment, in bytes: a page.
const COMMENT_BYTES_MAX: usize = 4096;

/// Recipients told in one step: all there are in a county.
const TO_MAX: usize = 16;

/// A step to be taken.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StepBody {
    /// `acknowledge`, `comment`, `contact`, `adjudicate`, `escalate`, `resolve` or `reopen`.
    #[schema(example = "adjudicate")]
    action: String,
    /// Why; needed for everything but an acknowledgement. At most 4096 bytes.
    #[schema(example = "was at the hospital: letter seen")]
    comment: Option<String>,
    /// Of a contact: how the wearer was tried to be reached.
    #[schema(value_type = Option<schema::Means>)]
    means: Option<Means>,
    /// Of a contact: who answered.
    #[schema(value_type = Option<schema::Answer>)]
    answer: Option<Answer>,
    /// To adjudicate: what it was.
    #[schema(value_type = Option<schema::Finding>)]
    finding: Option<Finding>,
    /// To adjudicate a breach of time: from when on it is excused; from its onset if it is not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// To adjudicate a breach of time: until when it is excused; as long as it lasted if it is not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// To escalate: whom to tell.
    #[schema(value_type = Option<Vec<String>>, example = json!(["police/staffordshire"]))]
    to: Option<Vec<Recipient>>,
    /// To resolve: what came of it.
    #[schema(value_type = Option<schema::Outcome>)]
    outcome: Option<Outcome>,
    /// How many steps have been seen: where other people have taken any since, this one is not taken.
    #[schema(example = 2)]
    seen: Option<u32>,
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepTaken {
    /// The step.
    #[schema(value_type = schema::Step)]
    step: Step,
    /// Where the work on the alert stands after it.
    #[schema(value_type = schema::Triage)]
    triage: Triage,
}

/// Takes a step about an alert: acknowledges it, remarks on it, keeps how the wearer was tried to be reached, says what it was, tells others, resolves it
/// or takes it up again. Steps are kept with who (`X-Actor`), when and why, and never changed. Where a breach
/// of time is excused, an absence is registered for it and the engine counts again.
#[utoipa::path(post, path = "/v1/alerts/{id}/steps", operation_id = "take_step", tag = "alerts",
    params(("id" = String, Path, description = "the alert's id", format = "uuid"), ReaderHeaders),
    request_body(content = StepBody, description = "the step"),
    responses(
        (status = 201, description = "the step is taken", body = StepTaken),
        (status = 404, description = "there is no such alert", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "it cannot be taken as things stand", body = Problem,
            content_type = "application/problem+json"),
        BodyProblems, Problems,
    ))]
pub(super) async fn take(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
    OptionalJson(body): OptionalJson<StepBody>,
) -> Result<(StatusCode, Json<StepTaken>), Problem> {
    let alert = AlertId::parse(&id)
        .map_err(|error| Problem::bad_request(format!("alert id {id:?}: {error}")))?;
    let who = Who {
        actor: reader.named()?,
        reason: comment(body.comment.clone())?,
        at: state.clock.now(),
    };
    let seen = body.seen;
    let wish = body.wish()?;
    reader.may(&state, Action::Triage).await?;
    if matches!(wish, Wish::Adjudicate { .. }) {
        reader.may(&state, Action::Adjudicate).await?;
    }
    if visible(&state, &reader, alert).await?.is_none() {
        return Err(TriageError::NoAlert(alert).into());
    }
    let (step, triage) = state.desk.take(alert, &wish, &who, seen).await?;
    Ok((StatusCode::CREATED, Json(StepTaken { step, triage })))
}

fn comment(comment: Option<String>) -> Result<Option<String>, Problem> {
    match comment {
        Some(comment) if comment.len() > COMMENT_BYTES_MAX => Err(Problem::bad_request(format!(
            "comment of {} bytes is longer than {COMMENT_BYTES_MAX}",
            comment.len()
        ))),
        Some(comment) if comment.trim().is_empty() => Ok(None),
        comment => Ok(comment),
    }
}

impl StepBody {
    fn wish(self) -> Result<Wish, Problem> {
        self.check_fields()?;
        let needs = |field: &str| Problem::bad_request(format!("{} needs `{field}`", self.action));
        Ok(match self.action.as_str() {
            "acknowledge" => Wish::Acknowledge,
            "comment" => Wish::Comment,
            "contact" => Wish::Contact(Contact {
                means: self.means.ok_or_else(|| needs("means"))?,
                answer: self.answer.ok_or_else(|| needs("answer"))?,
            }),
            "adjudicate" => Wish::Adjudicate {
                finding: self.finding.ok_or_else(|| needs("finding"))?,
                from: self.from,
                to: self.until,
            },
            "escalate" => Wish::Escalate {
                to: self.to.clone().ok_or_else(|| needs("to"))?,
            },
            "resolve" => Wish::Resolve {
                outcome: self.outcome.ok_or_else(|| needs("outcome"))?,
            },
            "reopen" => Wish::Reopen,
            other => {
                return Err(Problem::bad_request(format!(
                    "action {other:?} is none of acknowledge, comment, contact, adjudicate, escalate, resolve, reopen"
                )));
            }
        })
    }

    /// Refuses what means nothing to the action: whoever wrote it meant another.
    fn check_fields(&self) -> Result<(), Problem> {
        let there = [
            ("means", self.means.is_some(), "contact"),
            ("answer", self.answer.is_some(), "contact"),
            ("finding", self.finding.is_some(), "adjudicate"),
            ("from", self.from.is_some(), "adjudicate"),
            ("until", self.until.is_some(), "adjudicate"),
            ("to", self.to.is_some(), "escalate"),
            ("outcome", self.outcome.is_some(), "resolve"),
        ];
        for (field, there, action) in there {
            if there && self.action != action {
                let detail = format!("`{field}` says nothing to {:?}", self.action);
                return Err(Problem::bad_request(detail));
            }
        }
        match self.to.as_ref().map_or(0, Vec::len) {
            many if many > TO_MAX => Err(Problem::bad_request(format!(
                "`to` names {many}, more than {TO_MAX}"
            ))),
            _ => Ok(()),
        }
    }
}

impl From<TriageError> for Problem {
    fn from(error: TriageError) -> Self {
        match error {
            TriageError::NoAlert(_) => Self::not_found(error.to_string()),
            TriageError::Refused(Refused::NoComment | Refused::Nobody)
            | TriageError::NoTime(_)
            | TriageError::EmptyTime { .. } => Self::bad_request(error.to_string()),
            TriageError::Refused(_) | TriageError::Stale { .. } => {
                Self::not_as_things_stand(error.to_string())
            }
            TriageError::Absence(refusal) => refusal.into(),
            TriageError::Id(_) | TriageError::Busy => Self::unavailable(error.to_string()),
            TriageError::Store(error) => error.into(),
        }
    }
}
