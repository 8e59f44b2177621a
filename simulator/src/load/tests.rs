use super::*;
use crate::driver::tests::broker;

fn scenario(load: &str) -> Scenario {
    let head = "about = \"t\"\nseed = 7\nwearers = 30\nstart = \"2026-06-03T12:00:00Z\"\n";
    Scenario::parse(&format!("{head}[load]\nconnections = 1\n{load}")).unwrap()
}

fn arrivals(seed: u64) -> Vec<Duration> {
    let stage = |seconds, from, to| Stage {
        seconds,
        messages_per_s: from,
        to_messages_per_s: to,
    };
    let stages = vec![
        stage(10, 100, None),
        stage(5, 0, None),
        stage(10, 0, Some(400)),
    ];
    Arrivals::new(seed, stages).collect()
}

#[test]
fn arrivals_keep_to_rates_pauses_and_ramps_and_follow_from_the_seed() {
    let all = arrivals(3);
    assert!(all.is_sorted());
    assert_eq!(all, arrivals(3));
    assert_ne!(all, arrivals(4));
    let within = |from: u64, to: u64| {
        let span = Duration::from_secs(from)..Duration::from_secs(to);
        all.iter().filter(|at| span.contains(at)).count()
    };
    // Four standard deviations of a Poisson count, and more.
    assert!((870..1_130).contains(&within(0, 10)), "{}", within(0, 10));
    assert_eq!(within(10, 15), 0);
    assert!((410..590).contains(&within(15, 20)), "{}", within(15, 20));
    assert!(
        (1_340..1_660).contains(&within(20, 25)),
        "{}",
        within(20, 25)
    );
    assert_eq!(within(25, 1_000), 0);
}

#[tokio::test]
async fn a_broker_that_breaks_off_shows_in_the_delays_of_all_it_held_up() {
    let scenario = scenario("[[load.stages]]\nseconds = 1\nmessages_per_s = 200\n");
    let (port, log) = broker(60).await;
    let report = run(&scenario, &DriverOptions::new("127.0.0.1", port))
        .await
        .unwrap();
    assert_eq!(report.unacknowledged, 0);
    assert!(report.reconnects >= 1, "{report:?}");
    assert!(u64::try_from(log.lock().unwrap().len()).unwrap() >= report.sent);
    // A pause of 250 ms at 200 a second holds up some fifty, not the one that was under way.
    assert!(report.acknowledgement.p99_ms > 200.0, "{report:?}");
    assert_eq!(report.acknowledgement.count, report.sent);
}

#[tokio::test]
async fn what_is_sent_in_the_warm_up_is_not_measured() {
    let load = "warm_up_s = 1\nreadings_per_message = 3\n[[load.stages]]\nseconds = 2\nmessages_per_s = 50\n";
    let (port, log) = broker(usize::MAX).await;
    let report = run(&scenario(load), &DriverOptions::new("127.0.0.1", port))
        .await
        .unwrap();
    assert_eq!(report.readings, report.sent * 3);
    assert_eq!(report.acknowledgement.count, report.lateness.count);
    assert!(report.lateness.count < report.sent, "{report:?}");
    let payload = log.lock().unwrap().first().cloned().unwrap();
    assert_eq!(
        serde_json::from_slice::<Vec<serde_json::Value>>(&payload)
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn a_run_that_measures_nothing_is_not_valid() {
    let load = "warm_up_s = 9\n[[load.stages]]\nseconds = 1\nmessages_per_s = 20\n";
    let (port, _log) = broker(usize::MAX).await;
    let options = DriverOptions::new("127.0.0.1", port);
    let report = run(&scenario(load), &options).await.unwrap();
    assert_eq!(report.lateness.count, 0);
    assert!(!report.valid);
}
