//! The audit trail: who was shown what, and why.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::disclosure::{Reader, ReaderHeaders};
use super::extract::{LIMIT_MAX, Params, limit};
use super::problem::{Problem, Problems};
use super::{WebState, schema};
use crate::access::Action;
use crate::store::AuditEntry;

const LIMIT_DEFAULT: usize = 100;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditParams {
    /// How many at most: 1 to 1000, 100 if it is not said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// Entries of the audit trail, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditTrail {
    /// The entries.
    #[schema(value_type = Vec<schema::AuditEntry>)]
    entries: Vec<AuditEntry>,
}

/// The newest entries of the audit trail. As they name wearers, reading them is written down too.
#[utoipa::path(get, path = "/v1/audit", operation_id = "read_audit_trail", tag = "oversight", params(AuditParams, ReaderHeaders),
    responses((status = 200, description = "the entries", body = AuditTrail), Problems))]
pub(super) async fn trail(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<AuditParams>,
) -> Result<Json<AuditTrail>, Problem> {
    reader.may(&state, Action::ReadAudit).await?;
    let limit = limit(params.limit, LIMIT_DEFAULT, LIMIT_MAX)?;
    let entries = state.store.audit_trail(limit).await?;
    let subject = format!("audit?limit={limit}");
    reader.shown(&state, "audit.read", subject).await?;
    Ok(Json(AuditTrail { entries }))
}
