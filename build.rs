//! Has the full console embedded where somebody has built it (`scripts/demo`); never builds it. Has new
//! migrations noticed.

use std::path::Path;

fn main() {
    // While it is not built, its appearance is what must be noticed.
    let built = "console/dist";
    let watched = if Path::new(built).exists() {
        built
    } else {
        "console"
    };
    println!("cargo::rerun-if-changed={watched}");
    // What embeds them does not notice a new one. SQLite's are named one by one.
    println!("cargo::rerun-if-changed=src/store/postgres/migrations");
}
