use super::*;
use crate::driver::DriverOptions;
use crate::driver::tests::broker;
use crate::load::Straps;
use crate::report::{Comparison, Report, page, table};
use crate::scenario::Scenario;

fn plan(load: &str) -> LoadPlan {
    let head = "about = \"t\"\nseed = 7\nwearers = 30\nstart = \"2026-06-03T12:00:00Z\"\n";
    let scenario = Scenario::parse(&format!("{head}[load]\nconnections = 1\n{load}")).unwrap();
    LoadPlan::of(&scenario).unwrap()
}

async fn run(load_section: &str, port: u16) -> Report {
    let rig = Rig {
        broker: DriverOptions::new("127.0.0.1", port),
        installation: None,
        watched: vec![format!("{}=simulator", std::process::id()).parse().unwrap()],
        shows_progress: false,
    };
    load(&plan(load_section), &mut Straps::new([]), &rig)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_broker_that_breaks_off_shows_in_the_delays_of_all_it_held_up() {
    let (port, log) = broker(60).await;
    let report = run("[[load.stages]]\nseconds = 1\nmessages_per_s = 200\n", port).await;
    let sending = &report.sending;
    assert_eq!(sending.unacknowledged, 0);
    assert!(sending.reconnects >= 1, "{sending:?}");
    assert!(u64::try_from(log.lock().unwrap().len()).unwrap() >= sending.messages);
    // A pause of 250 ms at 200 a second holds up some fifty, not the one that was under way.
    assert!(sending.acknowledgement.p99_ms > 200.0, "{sending:?}");
    assert_eq!(sending.acknowledgement.count, sending.messages);
}

#[tokio::test]
async fn what_is_sent_in_the_warm_up_is_not_measured() {
    let load = "warm_up_s = 1\nreadings_per_message = 3\n[[load.stages]]\nseconds = 2\nmessages_per_s = 50\n";
    let (port, log) = broker(usize::MAX).await;
    let report = run(load, port).await;
    let sending = &report.sending;
    assert_eq!(sending.readings, sending.messages * 3);
    assert_eq!(sending.acknowledgement.count, sending.lateness.count);
    assert!(sending.lateness.count < sending.messages, "{sending:?}");
    let payload = log.lock().unwrap().first().cloned().unwrap();
    let readings: Vec<serde_json::Value> = serde_json::from_slice(&payload).unwrap();
    assert_eq!(readings.len(), 3);
}

#[tokio::test]
async fn a_run_that_measures_nothing_is_not_good() {
    let load = "warm_up_s = 9\n[[load.stages]]\nseconds = 1\nmessages_per_s = 20\n";
    let (port, _log) = broker(usize::MAX).await;
    let report = run(load, port).await;
    assert_eq!(report.sending.lateness.count, 0);
    assert!(!report.is_good());
    assert!(table(&report).contains("nothing was measured"));
}

#[tokio::test]
async fn a_report_is_read_back_as_it_was_shown_whole_and_compared() {
    let load = "[[load.stages]]\nseconds = 3\nmessages_per_s = 40\n";
    let (port, _log) = broker(usize::MAX).await;
    let report = run(load, port).await;
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    let page = page(&report);
    for needed in [
        "<!DOCTYPE html>",
        "Throughput",
        "<svg",
        "Processor time",
        "simulator",
    ] {
        assert!(page.contains(needed), "no {needed}");
    }
    assert!(!page.contains("<script") && !page.contains("<link"));

    let mut worse = report.clone();
    worse.sending.acknowledgement.p99_ms = report.sending.acknowledgement.p99_ms * 2.0 + 1.0;
    worse.sending.unacknowledged = 1;
    let comparison = Comparison::of(&report, &worse, false).unwrap();
    let named = comparison.worse_than(10.0);
    assert_eq!(named, ["not acknowledged", "due to acknowledged, p99 ms"]);
    let same = Comparison::of(&report, &report, false).unwrap();
    assert!(same.worse_than(0.0).is_empty());
    assert!(same.table().contains("1.00"));

    worse.asked.seed = 8;
    let refused = Comparison::of(&report, &worse, false).unwrap_err();
    assert!(refused.to_string().contains("seeds"), "{refused}");
    assert!(Comparison::of(&report, &worse, true).is_ok());
}
