//! Searching positions.

use deadpool_postgres::Client;
use model::{DeviceId, Metres, ObservedAt, WearerId};
use tokio_postgres::Row;

use crate::store::{BoxQuery, StoreError, TRAIL_MAX, TrailPoint, TrailQuery, value};

pub(super) async fn trail(
    client: &Client,
    query: &TrailQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let statement = client
        .prepare_cached(if query.newest {
            "SELECT wearer, device, observed_ms, lat, lon, accuracy_m FROM readings
             WHERE wearer = $1 AND lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180
               AND observed_ms >= $2 AND observed_ms < $3
             ORDER BY observed_ms DESC, partition DESC, position DESC LIMIT $4"
        } else {
            "SELECT wearer, device, observed_ms, lat, lon, accuracy_m FROM readings
             WHERE wearer = $1 AND lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180
               AND observed_ms >= $2 AND observed_ms < $3
             ORDER BY observed_ms, partition, position LIMIT $4"
        })
        .await?;
    let (from, to) = (query.from.epoch_ms(), query.to.epoch_ms());
    let limit = value::limit(query.limit.min(TRAIL_MAX));
    let rows = client
        .query(&statement, &[&query.wearer.as_str(), &from, &to, &limit])
        .await?;
    let mut points: Vec<TrailPoint> = rows.iter().map(point).collect::<Result<_, _>>()?;
    if query.newest {
        points.reverse();
    }
    Ok(points)
}

pub(super) async fn passed_by(
    client: &Client,
    query: &BoxQuery,
) -> Result<Vec<TrailPoint>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT wearer, device, observed_ms, lat, lon, accuracy_m FROM readings
             WHERE lat BETWEEN $1 AND $2 AND lon BETWEEN $3 AND $4
               AND observed_ms >= $5 AND observed_ms < $6
             ORDER BY observed_ms, partition, position LIMIT $7",
        )
        .await?;
    let (south, north) = (query.south.degrees(), query.north.degrees());
    let (west, east) = (query.west.degrees(), query.east.degrees());
    let (from, to) = (query.from.epoch_ms(), query.to.epoch_ms());
    let limit = value::limit(query.limit.min(TRAIL_MAX));
    let rows = client
        .query(
            &statement,
            &[&south, &north, &west, &east, &from, &to, &limit],
        )
        .await?;
    rows.iter().map(point).collect()
}

fn point(row: &Row) -> Result<TrailPoint, StoreError> {
    Ok(TrailPoint {
        wearer: value::known(WearerId::new(row.try_get::<_, &str>(0)?))?,
        device: value::known(DeviceId::new(row.try_get::<_, &str>(1)?))?,
        observed_at: ObservedAt(value::instant(row.try_get(2)?)?),
        lat: row.try_get(3)?,
        lon: row.try_get(4)?,
        accuracy: row.try_get::<_, Option<f64>>(5)?.map(Metres),
    })
}
