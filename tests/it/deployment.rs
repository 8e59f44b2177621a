//! The files that a deployment starts from, as far as they can be checked without an engine for
//! containers.

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Where Docker's client is at hand, it reads the compose file itself; it needs no engine for that.
#[test]
fn the_compose_file_publishes_on_loopback_only_and_mounts_what_exists() {
    let compose = read("docker-compose.yml");
    for line in compose.lines().filter(|line| line.contains("ports:")) {
        assert!(line.contains("\"127.0.0.1:"), "{line}");
    }
    let mounts = compose
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- ./"));
    let mut mounted = 0;
    for mount in mounts {
        let path = mount.split(':').next().unwrap();
        assert!(root().join(path).exists(), "{path}");
        mounted += 1;
    }
    assert!(mounted >= 3);
    let compose = |arguments: &[&str]| {
        Command::new("docker")
            .arg("compose")
            .args(arguments)
            .env("TAGWATCH_POSTGRES_PASSWORD", "x")
            .current_dir(root())
            .output()
    };
    if compose(&["version"]).is_ok_and(|output| output.status.success()) {
        let output = compose(&["config", "--quiet"]).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}

#[test]
fn the_dockerfile_copies_what_exists_and_runs_a_command_that_exists() {
    let dockerfile = read("Dockerfile");
    for line in dockerfile
        .lines()
        .filter(|line| line.starts_with("COPY deploy/"))
    {
        let path = line.split_whitespace().nth(1).unwrap();
        assert!(root().join(path).exists(), "{path}");
    }
    assert!(
        dockerfile.contains("USER tagwatch"),
        "it must not run as root"
    );
    assert!(dockerfile.contains("\"run\", \"--config\""));
}

/// The paths of all fields, `mqtt.host` and the like.
fn fields(table: &toml::Table, above: &str) -> Vec<String> {
    let path = |name: &String| format!("{above}{name}");
    table
        .iter()
        .flat_map(|(name, value)| match value {
            toml::Value::Table(inner) if !inner.is_empty() => {
                fields(inner, &format!("{}.", path(name)))
            }
            _ => vec![path(name)],
        })
        .collect()
}

#[test]
fn every_field_of_the_configuration_is_documented() {
    let documented = read("docs/configuration.md");
    let defaults = toml::Table::try_from(tagwatch::config::Config::default()).unwrap();
    let mut missing = fields(&defaults, "");
    missing.retain(|field| !documented.contains(field.as_str()));
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_reason_for_a_dead_letter_is_documented() {
    let documented = read("docs/dead-letters.md");
    for reason in tagwatch::store::DeadLetterReason::ALL {
        let row = format!("| `{}` |", reason.as_str());
        assert!(documented.contains(&row), "{row}");
    }
}
