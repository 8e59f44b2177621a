//! PostGIS: a table with GiST indices on a private server, and prepared statements.

use std::time::Instant;

use anyhow::Context;
use model::GeoPoint;
use testbed::{Durability, Postgres};
use tokio_postgres::{Client, NoTls, Statement};

use super::{ASKED, Answer, Answers, NEAR, Pair, Task};

const TABLE: &str = "CREATE EXTENSION postgis;
    CREATE TABLE zones (number bigint, area geometry(Polygon, 4326), on_earth geography(Polygon, 4326))";

const INSERT: &str = "INSERT INTO zones
    SELECT n, area, area::geography FROM (
        SELECT n, ST_SetSRID(ST_GeomFromGeoJSON(text), 4326) AS area
        FROM unnest($1::text[]) WITH ORDINALITY AS given (text, n)) AS made";

const INDICES: &str = "CREATE INDEX zones_area ON zones USING gist (area);
    CREATE INDEX zones_on_earth ON zones USING gist (on_earth)";

const FIXES: &str = "unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS fix (lon, lat, n)";

const FIX: &str = "ST_SetSRID(ST_MakePoint(lon, lat), 4326)";

/// Asks it; an error where it cannot be had.
pub(super) async fn ask(task: &Task) -> anyhow::Result<Answers> {
    let server = Postgres::start(Durability::Synced, "jit = off")?;
    let url = server.database()?.url;
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client
        .batch_execute(TABLE)
        .await
        .context("PostGIS cannot be had: postgresql-15-postgis-3")?;
    let shapes: Vec<String> = task
        .features
        .iter()
        .filter_map(|feature| Some(feature.get("geometry")?.to_string()))
        .collect();
    client.execute(INSERT, &[&shapes]).await?;
    client.batch_execute(INDICES).await?;
    // Not within what several statements at once are: a transaction.
    client.batch_execute("VACUUM ANALYZE zones").await?;
    let version: String = client
        .query_one("SELECT PostGIS_Lib_Version()", &[])
        .await?
        .try_get(0)?;
    let contained = format!("ST_Contains(area, {FIX})");
    let near = format!("ST_DWithin(on_earth, {FIX}::geography, {:?})", NEAR.0);
    let answers = Answers {
        name: format!("PostGIS {version}"),
        contained: answer(&client, task, &contained).await?,
        near: answer(&client, task, &near).await?,
    };
    drop(client);
    connection.await??;
    Ok(answers)
}

async fn answer(client: &Client, task: &Task, condition: &str) -> anyhow::Result<Answer> {
    let sql = format!("SELECT n, number FROM {FIXES} JOIN zones ON {condition}");
    let statement = client.prepare(&sql).await?;
    let (mut seconds, mut pairs) = (Vec::new(), Vec::new());
    for round in 0..=task.rounds {
        let begun = Instant::now();
        pairs = find(client, &statement, &task.fixes).await?;
        if round > 0 {
            seconds.push(begun.elapsed().as_secs_f64());
        }
    }
    Ok(Answer { seconds, pairs })
}

async fn find(
    client: &Client,
    statement: &Statement,
    fixes: &[GeoPoint],
) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for (chunk, before) in fixes.chunks(ASKED).zip((0..).step_by(ASKED)) {
        let lon: Vec<f64> = chunk.iter().map(|fix| fix.lon.degrees()).collect();
        let lat: Vec<f64> = chunk.iter().map(|fix| fix.lat.degrees()).collect();
        for row in client.query(statement, &[&lon, &lat]).await? {
            let (n, number): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            pairs.push((
                before + usize::try_from(n - 1)?,
                usize::try_from(number - 1)?,
            ));
        }
    }
    Ok(pairs)
}
