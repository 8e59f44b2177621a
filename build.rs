//! Says what is embedded: migrations, and the full console where somebody has built it (`scripts/demo`).

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
    // They are embedded where the stores are compiled, which does not notice a new one.
    println!("cargo::rerun-if-changed=src/store/postgres/migrations");
    println!("cargo::rerun-if-changed=src/store/sqlite/migrations");
}
