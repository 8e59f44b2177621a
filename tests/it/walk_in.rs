//! The README's own walk into a zone, with Debian's MQTT client, word for word.

use std::process::Command;

use serde_json::Value;

use crate::harness::{Api, Process, TAGWATCH};

/// The fenced block that follows `marker` in the README.
fn readme_block(marker: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let after = readme
        .split(marker)
        .nth(1)
        .unwrap_or_else(|| panic!("no {marker} in the README"));
    let block = after
        .split("```bash\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    block.to_owned()
}

/// A demo at life's own speed, with what it printed about itself.
fn demo() -> (Process, u16, String) {
    let mut demo = Process::start(Command::new(TAGWATCH).args([
        "demo",
        "--speed",
        "1",
        "--wearers",
        "5",
        "--mqtt",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
    ]));
    let broker = demo.wait_for_line("broker");
    let port = broker.rsplit(':').next().unwrap().parse().unwrap();
    let api = demo.wait_for_line("  api ");
    let api = api.split_whitespace().nth(1).unwrap().to_owned();
    demo.wait_for_line("visitor");
    (demo, port, api)
}

/// Runs a block of the README in a shell, with the addresses of this demo.
fn run(block: &str, port: u16, api: &str) -> String {
    let script = block
        .replace("MQTT_PORT=18830", &format!("MQTT_PORT={port}"))
        .replace("API=http://127.0.0.1:8080", &format!("API={api}"));
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_strangers_client_walks_in_and_both_queues_are_told_and_told_again() {
    let (mut demo, port, api) = demo();
    run(&readme_block("<!-- walk in -->"), port, &api);
    demo.wait_for_line("exclusion_zone_entered");
    let claimed = run(&readme_block("<!-- claim -->"), port, &api);
    let answers: Vec<Value> = claimed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [police, probation, again] = answers.as_slice() else {
        panic!("{claimed}")
    };
    let alert = |answer: &Value| {
        let deliveries = answer["deliveries"].as_array().unwrap();
        assert_eq!(deliveries.len(), 1, "{answer}");
        let data = &deliveries[0]["event"]["data"];
        assert_eq!(
            data["decision"]["kind"], "exclusion_zone_entered",
            "{answer}"
        );
        assert_eq!(data["decision"]["wearer"], "W-VISITOR", "{answer}");
        data["decision"]["alert"].as_str().unwrap().to_owned()
    };
    assert_eq!(alert(police), alert(probation), "one alert, two queues");
    assert_eq!(
        alert(police),
        alert(again),
        "never acknowledged, so it comes again"
    );
    assert_eq!(police["deliveries"][0]["attempt"], 1);
    assert_eq!(again["deliveries"][0]["attempt"], 2);
    let (status, alerts) =
        Api::new(&api).get("/v1/alerts?wearer=W-VISITOR&kind=exclusion_zone_entered");
    assert_eq!(status, 200);
    assert_eq!(alerts["alerts"].as_array().unwrap().len(), 1, "{alerts}");
    assert!(!demo.output().contains("panicked"), "{}", demo.output());
}

#[test]
fn a_demo_ends_with_its_verdict_and_a_clean_exit() {
    let mut demo = Process::start(Command::new(TAGWATCH).args([
        "demo",
        "--for",
        "45s",
        "--wearers",
        "30",
        "--seed",
        "2",
        "--mqtt",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
    ]));
    let status = demo.wait();
    let output = demo.output();
    assert!(status.success(), "{output}");
    for row in [
        "readings",
        "breaches planned",
        "alerted",
        "missed",
        "false",
        "median",
        "p99",
    ] {
        assert!(output.contains(row), "no {row:?} in\n{output}");
    }
    assert!(output.contains("police/staffordshire"), "{output}");
}
