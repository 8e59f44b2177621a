//! Peers in Python: given zones and fixes as files, they print seconds and pairs as JSON (`asking.py`).

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::json;

use super::{ASKED, Answers, NEAR, Task};

/// Beside this file.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/pipeline/peers");

/// The Python that `scripts/perf` makes.
const PYTHON: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/target/perf/python/bin/python3"
);

/// How a script ends that lacks what it is to ask: `EX_UNAVAILABLE` of sysexits.h.
const UNAVAILABLE: i32 = 69;

/// Has a script ask; where it cannot, says why in a line and answers nothing.
#[expect(clippy::print_stderr, reason = "who runs it is told who was not asked")]
pub(super) fn ask(script: &str, task: &Task) -> anyhow::Result<Option<Answers>> {
    let folder = tempfile::tempdir()?;
    let (zones, fixes) = (folder.path().join("zones"), folder.path().join("fixes"));
    let collection = json!({"type": "FeatureCollection", "features": task.features});
    fs::write(&zones, collection.to_string())?;
    let places: Vec<[f64; 2]> = task
        .fixes
        .iter()
        .map(|fix| [fix.lon.degrees(), fix.lat.degrees()])
        .collect();
    fs::write(&fixes, serde_json::to_string(&places)?)?;
    let mut command = python();
    command
        .arg(format!("{FOLDER}/{script}"))
        .args([zones, fixes]);
    command.args(["--rounds", &task.rounds.to_string()]);
    command.args(["--at-once", &ASKED.to_string()]);
    command.args(["--near", &NEAR.0.to_string()]);
    let output = match command.output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("{script} is not asked: there is no python3");
            return Ok(None);
        }
        output => output?,
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(UNAVAILABLE) {
        eprintln!("{script} is not asked: {}", said.trim());
        return Ok(None);
    }
    ensure!(
        output.status.success(),
        "{script}: {}: {said}",
        output.status
    );
    let answers = serde_json::from_slice(&output.stdout);
    Ok(Some(answers.with_context(|| script.to_owned())?))
}

/// One that leaves no compiled files beside the scripts.
fn python() -> Command {
    let made = Path::new(PYTHON).exists();
    let mut command = Command::new(if made { PYTHON } else { "python3" });
    command.arg("-B");
    command
}
