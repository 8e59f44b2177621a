//! Alerts, as they stand and with all that was decided about them.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::{Path, State};
use model::{AlertId, AlertState, Decision, DecisionKind, Stage, Step, WearerId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::disclosure::{Reader, ReaderHeaders};
use super::extract::{LIMIT_MAX, Params, limit};
use super::problem::{Problem, Problems};
use super::{WebState, schema};
use crate::access::{Action, Scope};
use crate::store::{AlertQuery, AlertRecord};

const LIMIT_DEFAULT: usize = 100;

/// Which alerts are wanted. What is left out means any.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AlertParams {
    /// Only those in this state.
    #[param(value_type = Option<schema::AlertState>)]
    pub(super) state: Option<AlertState>,
    /// Only those of this kind.
    #[param(value_type = Option<schema::DecisionKind>)]
    pub(super) kind: Option<DecisionKind>,
    /// Only those on which the work stands there: `new` are those that nobody has acknowledged.
    #[param(value_type = Option<schema::Stage>)]
    pub(super) stage: Option<Stage>,
    /// Only those listed under this alert, such as the members of an incident.
    #[param(value_type = Option<String>)]
    pub(super) listed_under: Option<AlertId>,
    /// Only those of this wearer.
    #[param(value_type = Option<String>, example = "W-000123")]
    pub(super) wearer: Option<WearerId>,
    /// How many at most: 1 to 1000, 100 if it is not said.
    #[param(minimum = 1, maximum = 1000)]
    pub(super) limit: Option<usize>,
}

/// Alerts, most recently changed first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlertList {
    /// The alerts.
    #[schema(value_type = Vec<schema::Alert>)]
    pub(super) alerts: Vec<AlertRecord>,
}

/// One alert, and all that was decided about it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AlertHistory {
    /// The alert as it stands.
    #[schema(value_type = schema::Alert)]
    pub(super) record: AlertRecord,
    /// All decisions about it, oldest first.
    #[schema(value_type = Vec<schema::Decision>)]
    pub(super) decisions: Vec<Decision>,
    /// What people have done about it, in order.
    #[schema(value_type = Vec<schema::Step>)]
    pub(super) steps: Vec<Step>,
}

/// Alerts that match, most recently changed first. Written to the audit trail.
#[utoipa::path(get, path = "/v1/alerts", operation_id = "list_alerts", tag = "alerts", params(AlertParams, ReaderHeaders),
    responses((status = 200, description = "the alerts", body = AlertList), Problems))]
pub(super) async fn list(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<AlertParams>,
) -> Result<Json<AlertList>, Problem> {
    reader.may(&state, Action::ReadAlerts).await?;
    let query = params.into_query(reader.scope())?;
    let alerts = state.store.alerts(&query).await?;
    reader
        .shown(&state, "alerts.list", describe(&query))
        .await?;
    Ok(Json(AlertList { alerts }))
}

/// One alert with all decisions about it. Written to the audit trail.
#[utoipa::path(get, path = "/v1/alerts/{id}", operation_id = "read_alert", tag = "alerts",
    params(("id" = String, Path, description = "the alert's id", format = "uuid"), ReaderHeaders),
    responses(
        (status = 200, description = "the alert", body = AlertHistory),
        (status = 404, description = "there is no such alert", body = Problem,
            content_type = "application/problem+json"),
        Problems,
    ))]
pub(super) async fn one(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Json<AlertHistory>, Problem> {
    let alert = AlertId::parse(&id)
        .map_err(|error| Problem::bad_request(format!("alert id {id:?}: {error}")))?;
    reader.may(&state, Action::ReadAlerts).await?;
    let record = visible(&state, &reader, alert).await?;
    let record = record.ok_or_else(|| Problem::not_found(format!("there is no alert {alert}")))?;
    let decisions = state.store.decisions(alert).await?;
    reader
        .shown(&state, "alert.read", alert.to_string())
        .await?;
    let steps = state.store.steps(alert).await?;
    Ok(Json(AlertHistory {
        record,
        decisions,
        steps,
    }))
}

/// The alert, if it is there and one may see it.
pub(super) async fn visible(
    state: &WebState,
    reader: &Reader,
    alert: AlertId,
) -> Result<Option<AlertRecord>, Problem> {
    let record = state.store.alert(alert).await?;
    let scope = reader.scope();
    if scope.is_all() {
        return Ok(record);
    }
    let facts = state.store.alert_facts(&[alert]).await?;
    Ok(record.filter(|_there| facts.iter().all(|facts| scope.sees(facts))))
}

impl AlertParams {
    fn into_query(self, scope: Scope) -> Result<AlertQuery, Problem> {
        Ok(AlertQuery {
            wearer: self.wearer,
            state: self.state,
            kind: self.kind,
            visible_to: Some(scope),
            stage: self.stage,
            listed_under: self.listed_under,
            limit: limit(self.limit, LIMIT_DEFAULT, LIMIT_MAX)?,
        })
    }
}

/// The query as the audit trail keeps it, always in the same order.
fn describe(query: &AlertQuery) -> String {
    let mut text = String::from("alerts?");
    if let Some(wearer) = &query.wearer {
        let _ = write!(text, "wearer={wearer}&");
    }
    if let Some(state) = query.state {
        let _ = write!(text, "state={}&", state.as_str());
    }
    if let Some(kind) = query.kind {
        let _ = write!(text, "kind={kind}&");
    }
    if let Some(stage) = query.stage {
        let _ = write!(text, "stage={}&", stage.as_str());
    }
    if let Some(under) = query.listed_under {
        let _ = write!(text, "listed_under={under}&");
    }
    let _ = write!(text, "limit={}", query.limit);
    text
}
