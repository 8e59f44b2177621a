//! Where a wearer was.

use axum::Json;
use axum::extract::{Path, State};
use chrono::TimeDelta;
use model::{DeviceId, Metres, ObservedAt, Timestamp, WearerId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::WebState;
use super::disclosure::{Reader, ReaderHeaders};
use super::extract::{Params, limit};
use super::problem::{Problem, Problems};
use super::registry::seen;
use crate::access::Action;
use crate::store::{TRAIL_MAX, TrailPoint, TrailQuery};

/// What is shown where no beginning is named.
const A_DAY: TimeDelta = TimeDelta::days(1);

/// A day of a fix a minute.
const LIMIT_DEFAULT: usize = 1_440;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TrailParams {
    /// Observed at or after this instant; a day before the end if it is not said.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Observed before this instant; the present if it is not said.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// How many positions at most: 1 to 20000, 1440 if it is not said.
    #[param(minimum = 1, maximum = 20_000)]
    limit: Option<usize>,
    /// Where there are more than that, the newest of them rather than the oldest: with `limit=1`, where the
    /// wearer was last. False if it is not said.
    #[serde(default)]
    newest: bool,
}

/// Where a wearer was.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Trail {
    /// The positions, in the order observed.
    positions: Vec<Position>,
    /// Whether there are more than these: later ones, or with `newest` earlier ones.
    cut: bool,
}

/// A position as it was reported.
#[derive(Debug, Serialize, ToSchema)]
struct Position {
    /// When the wearer was there.
    #[schema(value_type = String, format = DateTime)]
    t: ObservedAt,
    /// Which device said so.
    #[schema(value_type = String, example = "GPS-7")]
    device: DeviceId,
    /// WGS 84 latitude, in degrees.
    #[schema(example = 52.8)]
    lat: f64,
    /// WGS 84 longitude, in degrees.
    #[schema(example = -2.1)]
    lon: f64,
    /// The accuracy that the device reported, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, example = 8.0)]
    acc: Option<Metres>,
}

/// Where a wearer was, as devices reported it: what the rules made of it is in the alerts. Written to the audit trail.
#[utoipa::path(get, path = "/v1/wearers/{id}/trail", operation_id = "trail", tag = "alerts",
    params(("id" = String, Path, example = "W-000123"), TrailParams, ReaderHeaders),
    responses(
        (status = 200, description = "the positions", body = Trail),
        (status = 404, description = "there is no such wearer", body = Problem,
            content_type = "application/problem+json"),
        Problems,
    ))]
pub(super) async fn trail(
    State(state): State<WebState>,
    reader: Reader,
    Path(id): Path<String>,
    Params(params): Params<TrailParams>,
) -> Result<Json<Trail>, Problem> {
    reader.may(&state, Action::ReadTrail).await?;
    let wearer = WearerId::new(&id)
        .map_err(|error| Problem::bad_request(format!("wearer id {id:?}: {error}")))?;
    seen::check_wearer(&state, &reader, &wearer).await?;
    let to = params.to.unwrap_or_else(|| state.tags_clock.now());
    let from = params.from.unwrap_or_else(|| to.minus(A_DAY));
    let wanted = limit(params.limit, LIMIT_DEFAULT, TRAIL_MAX)?;
    let query = TrailQuery {
        wearer,
        from,
        to,
        limit: wanted,
        newest: params.newest,
    };
    let points = state.store.trail(&query).await?;
    let subject = format!("trail of {} from {from} to {to}", query.wearer);
    reader.shown(&state, "trail.read", subject).await?;
    Ok(Json(Trail {
        cut: points.len() == wanted,
        positions: points.into_iter().map(Position::of).collect(),
    }))
}

impl Position {
    fn of(point: TrailPoint) -> Self {
        Self {
            t: point.observed_at,
            device: point.device,
            lat: point.lat,
            lon: point.lon,
            acc: point.accuracy,
        }
    }
}
