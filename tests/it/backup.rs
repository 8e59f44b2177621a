//! A copy made while readings are taken in is one state of the store, and an installation goes on from it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tagwatch::store::{JournalInput, StoreAddress};
use testbed::Postgres;

use crate::harness::{
    Mosquitto, TAGWATCH, Tagwatch, database, fix, journal, publish, registry, start_postgres,
    topic, wait_until,
};

const WEARERS: u32 = 10;
const PARTITIONS: u16 = 2;
const JOURNALED: &str = "tagwatch_readings_total{kind=\"position\",outcome=\"journaled\"}";

/// Everybody's fixes of these minutes; from the tenth on they are in the zone.
fn fixes(minutes: std::ops::Range<u32>) -> impl ExactSizeIterator<Item = (String, String)> {
    let start_ms = chrono::Utc::now().timestamp_millis() - 40_000_000;
    (minutes.start * WEARERS..minutes.end * WEARERS).map(move |n| {
        let (minute, wearer) = (n / WEARERS, n % WEARERS);
        let north_m = if minute < 10 { 600.0 } else { 10.0 };
        let fix = fix(
            u64::from(minute) + 1,
            start_ms + i64::from(minute) * 60_000,
            north_m,
        );
        (topic(wearer as usize, PARTITIONS), fix.to_string())
    })
}

fn backup(tagwatch: &Tagwatch, to: &Path) -> Output {
    Command::new(TAGWATCH)
        .arg("backup")
        .arg("--config")
        .arg(tagwatch.folder.path().join("tagwatch.toml"))
        .arg("--to")
        .arg(to)
        .args(["--by", "keeper-3", "--reason", "every night"])
        .output()
        .unwrap()
}

fn assert_proved(store: &StoreAddress) {
    let output = Command::new(TAGWATCH)
        .args(["verify", "--store", &argument(store)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("nothing is wrong"), "{said}");
}

/// The store on a command line.
fn argument(store: &StoreAddress) -> String {
    match store {
        StoreAddress::File(path) => path.display().to_string(),
        StoreAddress::Database(url) => url.expose().to_owned(),
    }
}

fn readings(store: &StoreAddress) -> usize {
    let entries = journal(store).into_iter();
    entries
        .filter(|entry| matches!(entry.input, JournalInput::Reading(_)))
        .count()
}

#[test]
fn a_copy_made_while_readings_come_in_is_proved_and_an_installation_goes_on_from_it() {
    let mosquitto = Mosquitto::start();
    let port = mosquitto.port;
    let mut lost = Tagwatch::start(port, PARTITIONS, &registry(WEARERS as usize));
    let publishing = std::thread::spawn(move || publish(port, fixes(0..500)));
    wait_until("readings come in", || lost.metric(JOURNALED) > 0);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.sqlite");
    let output = backup(&lost, &copy);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    publishing.join().unwrap();
    let all = u64::from(500 * WEARERS);
    wait_until("everything is taken in and acknowledged", || {
        lost.metric("tagwatch_acks_total{result=\"sent\"}") == all
    });
    let copied = StoreAddress::File(copy.clone());
    assert_proved(&copied);
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "personal data stands in it");
    assert!(
        !backup(&lost, &copy).status.success(),
        "a copy is not written over"
    );
    let (_, audit) = lost.api.get("/v1/audit?limit=1");
    let entry = &audit["entries"][0];
    assert_eq!(entry["actor"], "keeper-3", "{audit}");
    assert_eq!(entry["action"], "store.backup");
    assert_eq!(entry["reason"], "every night");

    lost.kill();
    drop(lost);
    let held = readings(&copied);
    let mut restored = Tagwatch::on(&copy, port, PARTITIONS, &registry(WEARERS as usize));
    publish(port, fixes(500..510));
    let more = u64::from(10 * WEARERS);
    wait_until("it goes on", || restored.metric(JOURNALED) == more);
    assert!(restored.terminate().success(), "{}", restored.output());
    // What was acknowledged after the copy is gone: nobody has it any more.
    assert_eq!(readings(restored.store()), held + (10 * WEARERS) as usize);
    assert_proved(restored.store());
}

fn client(name: &str, arguments: &[&str]) {
    let output = Postgres::tool(name)
        .unwrap()
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
}

#[test]
fn a_dump_made_while_readings_come_in_is_proved_on_another_server_and_an_installation_goes_on_from_it()
 {
    let mosquitto = Mosquitto::start();
    let port = mosquitto.port;
    let server = start_postgres();
    let mut lost = Tagwatch::start_on(
        database(&server),
        port,
        PARTITIONS,
        &registry(WEARERS as usize),
    );
    let publishing = std::thread::spawn(move || publish(port, fixes(0..500)));
    // Acknowledged, so committed: they are to be in the dump.
    let acknowledged = "tagwatch_acks_total{result=\"sent\"}";
    wait_until("readings come in", || lost.metric(acknowledged) > 0);
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("tagwatch.dump");
    let dump = dump.to_str().unwrap();
    client("pg_dump", &["-Fc", "-f", dump, &argument(lost.store())]);
    publishing.join().unwrap();
    let all = u64::from(500 * WEARERS);
    wait_until("everything is taken in and acknowledged", || {
        lost.metric(acknowledged) == all
    });
    lost.kill();
    drop((lost, server));

    let other_server = start_postgres();
    let restored = database(&other_server);
    let url = argument(&restored);
    client("pg_restore", &["--exit-on-error", "-d", &url, dump]);
    assert_proved(&restored);
    let held = readings(&restored);
    assert!(
        held > 0,
        "the dump was made after the first were acknowledged"
    );
    let mut goes_on = Tagwatch::start_on(restored, port, PARTITIONS, &registry(WEARERS as usize));
    publish(port, fixes(500..510));
    let more = u64::from(10 * WEARERS);
    wait_until("it goes on", || goes_on.metric(JOURNALED) == more);
    assert!(goes_on.terminate().success(), "{}", goes_on.output());
    assert_eq!(readings(goes_on.store()), held + (10 * WEARERS) as usize);
    assert_proved(goes_on.store());
}
