//! That what is asked for often is not looked for in everything.

use rusqlite::params;

use super::*;

#[test]
fn the_newest_change_of_our_own_is_found_by_an_index() {
    let file = File::new();
    drop(SqliteStore::open(file.path()).unwrap());
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    let asked = format!("EXPLAIN QUERY PLAN {}", policy::NEWEST);
    let plan: String = connection
        .query_row(&asked, params![0, "{\"rules\":"], |row| row.get(3))
        .unwrap();
    assert!(plan.contains("USING INDEX own_changes"), "{plan}");
}
