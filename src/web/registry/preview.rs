//! What a change would have raised.

use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::extract::Params;
use super::super::problem::{BodyProblems, Problem, Problems};
use super::body::Text;
use super::seen;
use crate::access::Action;
use crate::registrar::Proposal;
use crate::runtime::preview::{self, Episode, Question};

/// A week, if it is not said.
const DAYS_DEFAULT: u16 = 7;

/// Five weeks of a fix a minute are judged in seconds.
const DAYS_MAX: u16 = 35;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PreviewParams {
    /// Over how many days: 1 to 35, 7 if it is not said.
    #[param(minimum = 1, maximum = 35)]
    days: Option<u16>,
}

/// What would have been otherwise.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Previewed {
    /// Wearer by wearer, those only for whom something would have been otherwise.
    wearers: Vec<PreviewedWearer>,
    /// How many wearers were judged again.
    judged: usize,
    /// How many more are concerned, and were not.
    not_judged: usize,
}

/// What would have been otherwise for one wearer.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewedWearer {
    /// The wearer.
    wearer: String,
    /// Readings judged.
    readings: usize,
    /// What would have been raised besides.
    raised: Vec<PreviewedEpisode>,
    /// What would not have been raised.
    not_raised: Vec<PreviewedEpisode>,
    /// How many episodes would have been the same.
    same: usize,
}

/// One episode as it would have been.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewedEpisode {
    /// Its first decision.
    #[schema(value_type = super::super::schema::Decision)]
    opened: model::Decision,
    /// When it was cleared, if it was.
    #[schema(value_type = Option<String>, format = DateTime)]
    cleared: Option<model::Timestamp>,
}

impl From<Episode> for PreviewedEpisode {
    fn from(episode: Episode) -> Self {
        let Episode { opened, cleared } = episode;
        Self { opened, cleared }
    }
}

/// What a registry document would have raised, had it been registered some days ago: the readings that came
/// in since are judged again, as things are registered and as the document would have them. Changes
/// nothing. Written to the audit trail.
#[utoipa::path(post, path = "/v1/registry/preview", operation_id = "preview", tag = "registry",
    params(PreviewParams, ReaderHeaders),
    request_body(content = Object, description = "a registry document: a zone, an order, a place …"),
    responses(
        (status = 200, description = "what would have been otherwise", body = Previewed),
        (status = 422, description = "it says what cannot be", body = Problem,
            content_type = "application/problem+json"),
        BodyProblems, Problems,
    ))]
pub(super) async fn preview(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<PreviewParams>,
    Text(document): Text,
) -> Result<Json<Previewed>, Problem> {
    reader.may(&state, Action::ChangeRegistry).await?;
    let days = params.days.unwrap_or(DAYS_DEFAULT);
    if !(1..=DAYS_MAX).contains(&days) {
        let detail = format!("days {days} is not between 1 and {DAYS_MAX}");
        return Err(Problem::bad_request(detail));
    }
    let document = registry::read_sent(document);
    let proposal = Proposal {
        put: document.changes().to_vec(),
        ..Proposal::default()
    };
    seen::check(&state, &reader, &proposal).await?;
    let until = state.clock.now();
    let registrar = &state.registrar;
    let rehearsed = registrar.rehearse_documents(&document, proposal.clone(), until);
    rehearsed.await?;
    let question = Question {
        proposal: &proposal,
        rules: &state.rules,
        partitions: state.partitions,
        since: until.minus(TimeDelta::days(days.into())),
        until,
    };
    let mut preview = preview::preview(&*state.store, &question).await?;
    let wearers = preview.wearers.iter().map(|one| one.wearer.clone());
    let seen = seen::seen(&state, &reader, wearers.collect()).await?;
    preview.wearers.retain(|one| seen.contains(&one.wearer));
    for wearer in &preview.wearers {
        let subject = wearer.wearer.to_string();
        reader.shown(&state, "registry.preview", subject).await?;
    }
    let episodes = |episodes: Vec<Episode>| episodes.into_iter().map(Into::into).collect();
    let wearers = preview.wearers.into_iter().map(|one| PreviewedWearer {
        wearer: one.wearer.to_string(),
        readings: one.readings,
        raised: episodes(one.raised),
        not_raised: episodes(one.not_raised),
        same: one.same,
    });
    Ok(Json(Previewed {
        wearers: wearers.collect(),
        judged: preview.judged,
        not_judged: preview.not_judged,
    }))
}
