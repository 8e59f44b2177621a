//! The commands of docs/load-testing.md, in a short form, against real servers.

mod encrypted;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::{Mosquitto, Process, TAGWATCH, Tagwatch};

/// A scenario that is over soon.
const SHORT: &str = "about = \"a short load\"\nseed = 4\nwearers = 120\n\
    start = \"2026-06-03T06:00:00Z\"\npartitions = 2\n[load]\nconnections = 2\nwarm_up_s = 1\n\
    alerts_per_s = 2\n[[load.stages]]\nseconds = 5\nmessages_per_s = 20\nto_messages_per_s = 60\n";

/// The fenced block that follows `marker` in the page.
fn block(marker: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/load-testing.md");
    let page = std::fs::read_to_string(path).unwrap();
    let after = page.split(&format!("<!-- {marker} -->")).nth(1);
    let after = after.unwrap_or_else(|| panic!("no {marker} in the page"));
    let block = after.split("```bash\n").nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// Runs a script in a folder, with the programs under test before all others.
fn run(script: &str, folder: &Path) -> Output {
    let programs = Path::new(TAGWATCH).parent().unwrap().display();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    Command::new("bash")
        .args(["-eo", "pipefail", "-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap()
}

/// What a run that succeeded printed.
fn succeeds(script: &str, folder: &Path) -> String {
    let output = run(script, folder);
    let said = String::from_utf8(output.stdout).unwrap();
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}\n{why}");
    said
}

fn read(file: &Path) -> Value {
    let text = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_slice(&text).unwrap()
}

/// Whatever a busy machine did to its delays: nothing was lost, missed or false.
fn lost_nothing(report: &Value) {
    let sending = &report["sending"];
    assert_eq!(sending["unacknowledged"], 0, "{sending}");
    assert_eq!(report["taken_in"], sending["readings"], "{sending}");
    assert_eq!(report["dead_letters"], 0);
    let telling = &report["telling"];
    assert!(telling["from_publish"]["count"].as_u64().unwrap() > 0);
    for tally in telling["alerts"].as_array().unwrap() {
        assert_eq!(
            (&tally["missed"], &tally["false_alerts"]),
            (&0.into(), &0.into()),
            "{tally}"
        );
        assert!(tally["planned"].as_u64().unwrap() > 0, "{tally}");
    }
}

/// The page's blocks for these servers. A run on a busy machine may not be good for its delays alone.
fn shortened(text: &str, broker: &Mosquitto, tagwatch: &Tagwatch) -> String {
    let replaced = [
        (
            "fixtures/scenarios/national-morning.toml",
            "short.toml".to_owned(),
        ),
        (
            "mqtt://127.0.0.1:1883",
            format!("mqtt://127.0.0.1:{}", broker.port),
        ),
        ("http://127.0.0.1:8080", tagwatch.api.base().to_owned()),
        ("$(pgrep -xo tagwatch)", tagwatch.pid().to_string()),
        ("$(pgrep -xo mosquitto)", broker.process.pid().to_string()),
        ("STEP=20s", "STEP=3s".to_owned()),
        ("TO=100000", "TO=40".to_owned()),
        ("--from 200", "--from 40".to_owned()),
        ("--worse-than 25", "--worse-than 1e9".to_owned()),
        (
            "--report before",
            "--report before || test $? -eq 1".to_owned(),
        ),
        (
            "--report after",
            "--report after || test $? -eq 1".to_owned(),
        ),
        (
            "--report capacity",
            "--report capacity || test $? -eq 1".to_owned(),
        ),
    ];
    replaced
        .iter()
        .fold(text.to_owned(), |text, (long, short)| {
            assert!(
                text.contains(long) || !long.starts_with("--report"),
                "no {long:?} in {text}"
            );
            text.replace(long, short)
        })
}

#[test]
fn an_engineer_loads_an_installation_reads_compares_and_finds_its_capacity() {
    let broker = Mosquitto::start();
    let tagwatch = Tagwatch::start(broker.port, 2, "{}");
    let folder = tagwatch.folder.path().to_owned();
    std::fs::write(folder.join("short.toml"), SHORT).unwrap();
    let blocks = ["registry", "load", "compare", "capacity"].map(block);
    let said = succeeds(&shortened(&blocks.concat(), &broker, &tagwatch), &folder);
    for name in ["before", "after"] {
        let report = read(&folder.join(name).join("report.json"));
        lost_nothing(&report);
        assert_eq!(report["processes"][0]["name"], "tagwatch");
        assert!(
            report["processes"][1]["cpu_s"].as_f64().is_some(),
            "{report}"
        );
        let page = std::fs::read_to_string(folder.join(name).join("report.html")).unwrap();
        for needed in [
            "<svg",
            "strap_tamper",
            "Throughput",
            "publish to notification",
        ] {
            assert!(page.contains(needed), "no {needed} in the page of {name}");
        }
    }
    assert!(
        said.contains("B/A") && said.contains("messages/s"),
        "{said}"
    );
    let capacity = read(&folder.join("capacity/report.json"));
    let steps = capacity["steps"].as_array().unwrap();
    assert!(!steps.is_empty());
    for step in steps {
        lost_nothing(&step["report"]);
    }
}

#[test]
fn a_town_registered_with_an_empty_demo_is_judged_from_outside_twice() {
    let mut arguments = block("demo");
    for (usual, free) in [
        ("127.0.0.1:18830", "127.0.0.1:0"),
        ("127.0.0.1:8080", "127.0.0.1:0"),
    ] {
        assert!(arguments.contains(usual));
        arguments = arguments.replace(usual, free);
    }
    let words: Vec<&str> = arguments.split_whitespace().skip(1).collect();
    let mut demo = Process::start(Command::new(TAGWATCH).args(words));
    let address = |line: String| line.split_whitespace().nth(1).unwrap().to_owned();
    let broker = address(demo.wait_for_line("  broker "));
    let api = address(demo.wait_for_line("  api "));
    demo.wait_for_line("visitor");
    let folder = tempfile::tempdir().unwrap();
    let town = format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"));
    let script = block("run")
        .replace("LENGTH=45m", "LENGTH=20m")
        .replace("mqtt://127.0.0.1:18830", &broker)
        .replace("http://127.0.0.1:8080", &api)
        .replace("fixtures", &town);
    let said = succeeds(&script, folder.path());
    assert!(said.contains("exclusion_zone_entered"), "{said}");
    let report = read(&folder.path().join("town/report.json"));
    assert_eq!(report["faults"].as_array().unwrap().len(), 0, "{said}");
    let planned = |tally: &Value| tally["planned"].as_u64().unwrap();
    let alerts = report["telling"]["alerts"].as_array().unwrap();
    assert!(alerts.iter().map(planned).sum::<u64>() > 0, "{said}");
    let again = script.replace("LENGTH=20m", "LENGTH=2m");
    succeeds(&again, folder.path());
    let journaled = read(&folder.path().join("town/report.json"))["taken_in"]
        .as_u64()
        .unwrap();
    assert!(journaled > 0, "what a second run sends is new");
}

#[test]
fn what_cannot_be_run_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = format!(
        "{}/fixtures/scenarios/everyday.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    for (command, why) in [
        (
            format!("simulator load --scenario {shipped}"),
            "no [load] section",
        ),
        (
            "simulator load --broker 127.0.0.1".to_owned(),
            "no address such as mqtt://",
        ),
        (
            "simulator run --api not-an-address".to_owned(),
            "no address of an API",
        ),
        (
            "simulator load --watch-pid 2147483647".to_owned(),
            "there is no process",
        ),
        (
            "simulator run --scenario SHIPPED --broker mqtt://127.0.0.1:1"
                .replace("SHIPPED", &shipped),
            "the broker cannot be reached: I/O: Connection refused",
        ),
        (
            "simulator compare missing.json missing.json".to_owned(),
            "missing.json",
        ),
    ] {
        let output = run(&command, folder.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(why),
            "{command}: {said}"
        );
    }
}

#[test]
fn the_scenario_that_the_page_shows_is_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/load-testing.md");
    let page = std::fs::read_to_string(path).unwrap();
    let shown = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.toml"), shown).unwrap();
    let walk = r#"<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
        <trkpt lat="52.8" lon="-2.1"/><trkpt lat="52.81" lon="-2.1"/></trkseg></trk></gpx>"#;
    std::fs::write(folder.path().join("walk.gpx"), walk).unwrap();
    let said = succeeds("simulator scenario check page.toml", folder.path());
    assert!(said.contains("25000 wearers, seed 4"), "{said}");
    let listed = format!(
        "simulator scenario ls {}/fixtures/scenarios",
        env!("CARGO_MANIFEST_DIR")
    );
    for line in succeeds(&listed, folder.path()).lines() {
        let name = line.split_whitespace().next().unwrap();
        assert!(
            page.contains(&format!("| `{name}` |")),
            "the page does not tell of {name}"
        );
    }
}
