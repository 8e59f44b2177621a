use chrono::TimeDelta;

use super::*;
use crate::World;

const SHORT: &str =
    "about = \"a test\"\nseed = 7\nwearers = 20\nstart = \"2026-06-03T12:00:00Z\"\n";

const OUTAGE: &str = "[[outages]]\nafter_min = 20\nminutes = 30\neast_m = 0\nnorth_m = 0\n";

fn refused(more: &str) -> String {
    Scenario::parse(&format!("{SHORT}{more}"))
        .unwrap_err()
        .to_string()
}

#[test]
fn every_shipped_scenario_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/scenarios");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        Scenario::read(&entry.unwrap().path()).unwrap();
        read += 1;
    }
    assert_eq!(read, 7);
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_column() {
    let unknown = refused("wearer = 3\n");
    assert!(unknown.contains("line 5, column 1"), "{unknown}");
    assert!(unknown.contains("unknown field `wearer`"), "{unknown}");
    let no_probability = refused("[link]\nduplicates = 1.5\n");
    assert!(
        no_probability.contains("line 6, column 14"),
        "{no_probability}"
    );
    let backwards = refused("[link]\nloss_s = [9, 3]\n");
    assert!(backwards.contains("line 6, column 10"), "{backwards}");
}

#[test]
fn what_cannot_be_is_refused_with_what_could() {
    let cell = |minutes: &str, radius: &str| {
        refused(&format!(
            "[[outages]]\nafter_min = 20\nminutes = {minutes}\neast_m = 0\nnorth_m = 0\nradius_m = {radius}\n"
        ))
    };
    for (found, line, what) in [
        (
            cell("0", "100"),
            "line 7, column 11",
            "it lasts minutes from 1 to 1440",
        ),
        (
            cell("30", "-5"),
            "line 10, column 12",
            "a cell has a radius in metres from 1 to 50000",
        ),
        (
            cell("30", "nan"),
            "line 10, column 12",
            "NaN: a cell has a radius",
        ),
        (
            refused("[load]\nconnections = 0\nstages = []\n"),
            "line 6, column 15",
            "a load has connections from 1 to 4000",
        ),
        (
            refused("[load]\nconnections = 1\nstages = [{ seconds = 5, messages_per_s = 0 }]\n"),
            "line 7, column 10",
            "with messages to send",
        ),
    ] {
        assert!(found.contains(line) && found.contains(what), "{found}");
    }
    let nobody = SHORT.replace("wearers = 20", "wearers = 0");
    let found = Scenario::parse(&nobody).unwrap_err().to_string();
    assert!(found.contains("line 3, column 11"), "{found}");
}

#[test]
fn a_scenario_that_says_no_more_is_the_usual_world() {
    let scenario = Scenario::parse(SHORT).unwrap();
    let usual = WorldConfig::new(7, 20, scenario.start, NonZeroU16::MIN);
    assert_eq!(scenario.world(scenario.start), usual);
}

#[test]
fn an_outage_holds_uploads_back_loses_none_and_gives_alerts_their_time() {
    let world = |more: &str| {
        let quiet = "[link]\nloss_probability = 0\nduplicates = 0\n";
        let text = format!("{SHORT}{quiet}{more}");
        let scenario = Scenario::parse(&text).unwrap();
        World::new(scenario.world(scenario.start))
    };
    let everywhere = format!("{OUTAGE}radius_m = 20000\n");
    let (mut calm, mut cut) = (world(""), world(&everywhere));
    let start = calm.config().start;
    let minute = |minutes| start.plus(TimeDelta::minutes(minutes));
    let (sent, held) = (calm.flush(minute(90)), cut.flush(minute(90)));
    let readings = |uploads: &[crate::Upload]| uploads.iter().map(|u| u.readings).sum::<usize>();
    assert_eq!(readings(&sent), readings(&held));
    let down = |upload: &&crate::Upload| minute(20) <= upload.at && upload.at < minute(50);
    assert!(sent.iter().any(|upload| down(&upload)));
    assert!(!held.iter().any(|upload| down(&upload)));
    let due = |world: &World| -> Vec<Timestamp> {
        world
            .plan()
            .iter()
            .filter_map(|breach| breach.must_alert_by)
            .collect()
    };
    assert_eq!(calm.plan().len(), cut.plan().len());
    assert_ne!(due(&calm), due(&cut));
}

#[test]
fn an_outage_elsewhere_changes_nothing() {
    let elsewhere =
        format!("{SHORT}{OUTAGE}radius_m = 1\n").replace("east_m = 0", "east_m = 40000");
    let uploads = |text: &str| {
        let scenario = Scenario::parse(text).unwrap();
        let mut world = World::new(scenario.world(scenario.start));
        world.flush(scenario.start.plus(TimeDelta::minutes(60)))
    };
    assert_eq!(uploads(SHORT), uploads(&elsewhere));
}

#[test]
fn a_way_of_ones_own_is_walked_and_nothing_is_planned_of_who_walks_it() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/tracks/round.geojson");
    let folder = std::env::temp_dir().join(format!("scenario-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(shipped, folder.join("round.geojson")).unwrap();
    let file = folder.join("walk.toml");
    let tracks = "[[tracks]]\nwearer = 1\nfile = \"round.geojson\"\n";
    std::fs::write(&file, format!("{SHORT}{tracks}")).unwrap();
    let read = Scenario::read(&file);
    std::fs::remove_dir_all(&folder).unwrap();
    let scenario = read.unwrap();
    let mut world = World::new(scenario.world(scenario.start));
    let walker = "W-000001";
    assert!(
        world
            .plan()
            .iter()
            .all(|breach| breach.wearer.as_str() != walker)
    );
    assert!(
        world
            .plan()
            .iter()
            .any(|breach| breach.wearer.as_str() == "W-000002")
    );
    let mut fixes = 0;
    for upload in world.flush(scenario.start.plus(TimeDelta::minutes(20))) {
        if !upload.topic.ends_with("GPS-000001/position") {
            continue;
        }
        let readings: serde_json::Value = serde_json::from_slice(&upload.payload).unwrap();
        for fix in readings.as_array().unwrap_or(&vec![readings.clone()]) {
            if fix["src"] == "gps" && fix["acc"].as_f64().unwrap() > 4.0 {
                let (lat, lon) = (fix["lat"].as_f64().unwrap(), fix["lon"].as_f64().unwrap());
                // The round is 223 m high and 270 m wide about the middle.
                assert!(
                    (lat - 52.8).abs() < 0.004 && (lon + 2.1).abs() < 0.008,
                    "{fix}"
                );
                fixes += 1;
            }
        }
    }
    assert!(fixes > 10, "{fixes}");
    let missing = "[[tracks]]\nwearer = 0\nfile = \"x\"\n";
    assert!(
        refused(missing).contains("line 6, column 10"),
        "{}",
        refused(missing)
    );
}
