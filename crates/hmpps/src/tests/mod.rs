//! Whole orders.

mod any_json;
mod engine_tells;
mod golden;
mod knowledge;

use std::path::PathBuf;

/// Where the samples are.
fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hmpps")
}

/// The sample of this name.
fn sample(name: &str) -> String {
    std::fs::read_to_string(samples().join(format!("{name}.json"))).unwrap()
}
