//! What orders point at and nobody has put on the map.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use model::PolicyChange;
use model::registry::RegistryKey;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::WebState;
use super::super::disclosure::{Reader, ReaderHeaders};
use super::super::problem::{Problem, Problems};
use super::seen;
use crate::access::Action;
use crate::registrar;
use crate::store::registry::Target;

/// Zones and places that are missing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MissingList {
    /// Each with the orders that point at it.
    missing: Vec<Missing>,
}

/// A zone or place that is not registered.
#[derive(Debug, Serialize, ToSchema)]
struct Missing {
    /// Kind and id under which to register it.
    #[schema(example = "zone/Z-1")]
    part: String,
    /// The orders of which something cannot be watched meanwhile.
    #[schema(example = json!(["O-1"]))]
    orders: Vec<String>,
}

/// Zones and places that orders point at and that are not registered. Written to the audit trail.
#[utoipa::path(get, path = "/v1/registry/missing", operation_id = "list_missing", tag = "registry",
    params(ReaderHeaders),
    responses((status = 200, description = "what is missing", body = MissingList), Problems))]
pub(super) async fn list(
    State(state): State<WebState>,
    reader: Reader,
) -> Result<Json<MissingList>, Problem> {
    reader.may(&state, Action::ChangeRegistry).await?;
    let mut everything = registrar::everything(&*state.store).await?;
    let wearers = everything.iter().filter_map(PolicyChange::wearer);
    let seen = seen::seen(&state, &reader, wearers.cloned().collect()).await?;
    everything.retain(|change| change.wearer().is_none_or(|wearer| seen.contains(wearer)));
    reader.shown(&state, "registry.missing", "orders").await?;
    let missing = missing(&everything)
        .into_iter()
        .map(|(key, orders)| Missing {
            part: key.to_string(),
            orders,
        })
        .collect();
    Ok(Json(MissingList { missing }))
}

fn missing(everything: &[PolicyChange]) -> BTreeMap<RegistryKey, Vec<String>> {
    let registered: std::collections::BTreeSet<RegistryKey> =
        everything.iter().filter_map(PolicyChange::key).collect();
    let mut missing: BTreeMap<RegistryKey, Vec<String>> = BTreeMap::new();
    for change in everything {
        let PolicyChange::Order(order) = change else {
            continue;
        };
        for target in Target::of(change) {
            if let Target::Part(key) = target
                && !registered.contains(&key)
            {
                missing.entry(key).or_default().push(order.id.to_string());
            }
        }
    }
    missing
}
