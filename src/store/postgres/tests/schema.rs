//! `docs/schema.md` says what the databases hold, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write;

use rusqlite::Connection;

use super::*;
use crate::store::SqliteStore;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema.md");

const HEAD: &str = "\
# What the stores hold
Made from the databases themselves: `UPDATE_DOCS=1 cargo test --lib what_the_page_says` writes this page anew.

Times are milliseconds since 1970-01-01T00:00:00Z, in columns whose names end in `_ms`. A body is the JSON text of what it stands for, in the
documented formats; the columns beside it repeat what is searched for.

**Expand, then contract.** While an upgrade rolls out, processes of the release before run against the new schema. A release only adds: tables,
columns that may be null or have a default, indexes. What nobody uses any more is dropped by the release after the one that stopped using it.
Not so the step to `blocks` (PostgreSQL: V7 and V8, SQLite: 13 and 14), which puts all readings into another form: end every process of the release before
first. `tagwatch migrate --config FILE --dry-run` prints what an upgrade would run.
";

/// What is only SQLite's, in words: SQLite keeps no comments. All else is explained with PostgreSQL's
/// column of the same name.
const ONLY_SQLITE: &[(&str, &str)] = &[
    (
        "partition_owners",
        "Who may write a partition: PostgreSQL's `partitions`.",
    ),
    ("schema_migrations", "Which migrations were applied."),
    ("schema_migrations.name", "its name"),
    ("schema_migrations.number", "the migration's number"),
];

/// Tables, each with its columns in their order, each column with its type and what it is.
type Tables = BTreeMap<String, (String, Vec<(String, String, String)>)>;

/// The live catalogue, without the parts of partitioned tables and what refinery keeps.
fn of_postgres(database: &Database) -> Tables {
    let rows = database.sql(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
             coalesce(obj_description(c.oid), ''), coalesce(col_description(c.oid, a.attnum), '')
         FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND c.relname <> 'refinery_schema_history'
           AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY c.relname, a.attnum",
    );
    let mut tables = Tables::new();
    for row in rows.lines() {
        let [table, column, kind, about_table, about] =
            row.split('|').collect::<Vec<_>>().try_into().unwrap();
        assert!(
            !about_table.is_empty() && !about.is_empty(),
            "{table}.{column} has no comment"
        );
        let entry = tables.entry(table.to_owned()).or_default();
        entry.0 = about_table.to_owned();
        entry
            .1
            .push((column.to_owned(), kind.to_owned(), about.to_owned()));
    }
    tables
}

fn of_sqlite(postgres: &Tables) -> Tables {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.sqlite");
    drop(SqliteStore::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let mut tables = Tables::new();
    for row in rows.unwrap() {
        let (table, column, kind): (String, String, String) = row.unwrap();
        let about = about_sqlite(&table, &column, postgres);
        let about_table = only_sqlite(&table).or_else(|| Some(postgres.get(&table)?.0.clone()));
        let entry = tables.entry(table.clone()).or_default();
        entry.0 = about_table.unwrap_or_else(|| panic!("{table} is not explained"));
        entry.1.push((column, kind, about));
    }
    tables
}

fn only_sqlite(name: &str) -> Option<String> {
    let found = ONLY_SQLITE.iter().find(|(known, _)| *known == name);
    found.map(|(_, about)| (*about).to_owned())
}

fn about_sqlite(table: &str, column: &str, postgres: &Tables) -> String {
    let theirs = match table {
        "partition_owners" => "partitions",
        other => other,
    };
    let explained = || {
        let (_, columns) = postgres.get(theirs)?;
        let found = columns.iter().find(|(name, _, _)| name == column)?;
        Some(found.2.clone())
    };
    only_sqlite(&format!("{table}.{column}"))
        .or_else(explained)
        .unwrap_or_else(|| panic!("{table}.{column} is not explained"))
}

fn page(postgres: &Tables, sqlite: &Tables) -> String {
    let mut page = HEAD.to_owned();
    for (store, tables) in [("PostgreSQL", postgres), ("SQLite", sqlite)] {
        write!(page, "\n# {store}\n").unwrap();
        for (table, (about, columns)) in tables {
            write!(
                page,
                "\n## `{table}`\n{about}\n\n| column | type | |\n|---|---|---|\n"
            )
            .unwrap();
            for (column, kind, about) in columns {
                writeln!(page, "| `{column}` | {} | {about} |", kind.to_lowercase()).unwrap();
            }
        }
    }
    page
}

#[tokio::test]
async fn what_the_page_says_is_what_the_databases_hold() {
    let database = Database::new();
    database.store().await.close().await;
    let postgres = of_postgres(&database);
    let sqlite = of_sqlite(&postgres);
    let made = page(&postgres, &sqlite);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &made).unwrap();
    }
    let kept = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        kept == made,
        "docs/schema.md is not what the databases hold: UPDATE_DOCS=1 writes it"
    );
    for (name, _) in ONLY_SQLITE {
        let (table, column) = name.split_once('.').unwrap_or((name, ""));
        let columns = &sqlite
            .get(table)
            .unwrap_or_else(|| panic!("no table {table}"))
            .1;
        let is_there = column.is_empty() || columns.iter().any(|(name, _, _)| name == column);
        assert!(is_there, "no column {name}");
    }
}
