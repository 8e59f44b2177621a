//! What the full console asks for besides the API.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use engine::{Cohort, RulesPolicy};
use model::{DecisionKind, PolicyChange, Timestamp, WearerId};
use serde::{Deserialize, Serialize};

use super::super::WebState;
use super::super::disclosure::Reader;
use super::super::extract::{LIMIT_MAX, Params};
use super::super::problem::Problem;
use super::words::title;
use crate::access::Action;
use crate::config::TilesConfig;
use crate::store::registry::RegistryQuery;

/// How this installation presents itself.
#[derive(Debug, Serialize)]
pub(super) struct Settings {
    /// Its name.
    installation: String,
    /// The time that its tags and alerts go by.
    now: Timestamp,
    /// How many seconds of that pass in a second: 1, except in a demo.
    speed: i64,
    /// Every kind of alert.
    kinds: Vec<Kind>,
    /// How much time out of curfew may be used up, where orders have a budget, the same for all.
    curfew_budget: Option<CurfewBudget>,
    /// Where maps get their pictures from.
    tiles: Option<TilesConfig>,
}

/// The budget of time out of curfew, as the rules that are judged by have it.
#[derive(Debug, Serialize)]
struct CurfewBudget {
    /// Seconds that may be used up in a period.
    budget_s: i64,
    /// Seconds at which it is warned of, where it is.
    warning_s: Option<i64>,
    /// Local days to a period; nought for as long as the condition lasts.
    period_days: u32,
    /// Whether only orders of home detention curfew have one.
    hdc_only: bool,
}

/// A kind of alert.
#[derive(Debug, Serialize)]
struct Kind {
    name: DecisionKind,
    /// As people read it.
    title: String,
}

/// How this installation presents itself. Holds nothing about a wearer.
pub(super) async fn settings(State(state): State<WebState>) -> Json<Settings> {
    let clock = state.tags_clock;
    Json(Settings {
        installation: state.installation,
        now: clock.now(),
        speed: clock.in_real(Duration::from_secs(1)).num_seconds(),
        kinds: DecisionKind::ALL.iter().copied().map(Kind::of).collect(),
        curfew_budget: CurfewBudget::of(&state.rules),
        tiles: state.tiles.as_deref().cloned(),
    })
}

/// Which page of areas is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AreaParams {
    /// Those of wearers whose id comes after this one.
    after: Option<String>,
}

/// Wearers' areas, by wearer; up to a thousand.
#[derive(Debug, Serialize)]
pub(super) struct Areas {
    areas: Vec<Area>,
}

/// Where a wearer is looked after: what alerts are filtered by, and no more of the person than that.
#[derive(Debug, Serialize)]
struct Area {
    wearer: WearerId,
    police_force: Option<String>,
    probation_region: Option<String>,
}

/// Where wearers are looked after. Written to the audit trail.
pub(super) async fn areas(
    State(state): State<WebState>,
    reader: Reader,
    Params(params): Params<AreaParams>,
) -> Result<Json<Areas>, Problem> {
    reader.may(&state, Action::ReadRegistry).await?;
    let subject = format!(
        "areas?after={}",
        params.after.as_deref().unwrap_or_default()
    );
    let query = RegistryQuery {
        kind: "wearer",
        wearer: None,
        share: None,
        after: params.after,
        visible_to: Some(reader.scope()),
        limit: LIMIT_MAX,
    };
    let revision = state.store.registry_revision().await?;
    let found = state.store.registry_at(revision, &query).await?;
    reader.shown(&state, "registry.list", subject).await?;
    let areas = found.into_iter().filter_map(|part| Area::of(part.change?));
    Ok(Json(Areas {
        areas: areas.collect(),
    }))
}

impl Kind {
    fn of(name: DecisionKind) -> Self {
        Self {
            name,
            title: title(name),
        }
    }
}

impl CurfewBudget {
    /// None where a cohort has a budget of its own: an order's is not known here then.
    fn of(rules: &RulesPolicy) -> Option<Self> {
        let own = |cohort: &Cohort| cohort.curfew.keys().any(|field| field.starts_with("atv_"));
        if rules.cohort.iter().any(own) {
            return None;
        }
        let rules = &rules.curfew;
        Some(Self {
            budget_s: rules.atv_budget(true)?.num_seconds(),
            warning_s: rules.atv_warning(true).map(|warning| warning.num_seconds()),
            period_days: rules.atv_period_days,
            hdc_only: rules.atv_hdc_only,
        })
    }
}

impl Area {
    fn of(registered: PolicyChange) -> Option<Self> {
        let PolicyChange::Wearer(wearer) = registered else {
            return None;
        };
        Some(Self {
            wearer: wearer.id,
            police_force: wearer.police_force,
            probation_region: wearer.probation_region,
        })
    }
}
