use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use model::{Evidence, Phase};

use super::Service;
use super::client::LiveReader;
use crate::config::{AccessConfig, HttpConfig};
use crate::store::RoutedDecision;
use crate::store::contract::sample;

const STREAM: &str = "/v1/alerts/stream";

#[tokio::test]
async fn a_stream_begins_with_what_is_new_and_carries_the_decision() {
    let service = Service::start().await;
    service
        .commit(vec![sample::routed("W-1", 1, 1, &["operators"])])
        .await;
    let mut stream = service.open_stream(STREAM, None).await;
    let routed = sample::routed("W-2", 1, 1, &["operators", "police/kent"]);
    service.commit(vec![routed.clone()]).await;
    let event = stream.next().await.unwrap();
    assert_eq!((event.id, event.name.as_str()), (2, "opened"));
    assert_eq!(event.data["severity"], "critical");
    assert_eq!(
        event.data["recipients"],
        serde_json::json!(["operators", "police/kent"])
    );
    let decision = serde_json::to_value(&routed.decision).unwrap();
    assert_eq!(event.data["decision"], decision);
}

#[tokio::test]
async fn a_stream_resumes_after_the_event_named_and_the_header_outranks_the_parameter() {
    let service = Service::start().await;
    let routed = |ordinal| sample::routed("W-1", ordinal, 1, &["operators"]);
    service.commit((1..=5).map(routed).collect()).await;
    let mut by_parameter = service.open_stream("/v1/alerts/stream?after=3", None).await;
    assert_eq!(by_parameter.next().await.unwrap().id, 4);
    let mut by_header = service
        .open_stream("/v1/alerts/stream?after=0", Some(4))
        .await;
    assert_eq!(by_header.next().await.unwrap().id, 5);
    let mut from_the_first = service.open_stream(STREAM, Some(0)).await;
    assert_eq!(from_the_first.next().await.unwrap().id, 1);
}

#[tokio::test]
async fn a_reader_that_loses_its_connection_again_and_again_sees_every_event_once() {
    const EVENTS: u32 = 150;
    let service = Arc::new(Service::start().await);
    let mut stream = service.open_stream(STREAM, Some(0)).await;
    let writer = Arc::clone(&service);
    let writing = tokio::spawn(async move {
        for ordinal in 1..=EVENTS {
            let routed = sample::routed("W-1", ordinal, 1, &["operators"]);
            writer.commit(vec![routed]).await;
        }
    });
    let mut seen = Vec::new();
    while seen.len() < EVENTS as usize {
        seen.push(stream.next().await.unwrap().id);
        if seen.len() % 7 == 0 {
            stream = service.open_stream(STREAM, seen.last().copied()).await;
        }
    }
    writing.await.unwrap();
    let every: Vec<u64> = (1..=EVENTS.into()).collect();
    assert_eq!(seen, every);
}

#[tokio::test]
async fn a_reader_that_loses_its_connection_before_the_first_event_resumes_where_it_began() {
    let service = Service::start().await;
    let routed = |ordinal| vec![sample::routed("W-1", ordinal, 1, &["operators"])];
    service.commit(routed(1)).await;
    let first = service.open_stream(STREAM, None).await;
    let begins_after = first.begins_after;
    drop(first);
    service.commit(routed(2)).await;
    let mut second = service.open_stream(STREAM, Some(begins_after)).await;
    assert_eq!(second.next().await.unwrap().id, 2);
}

#[tokio::test]
async fn a_reader_that_does_not_read_holds_up_nobody_and_misses_nothing() {
    const EVENTS: u32 = 1500;
    let service = Service::start().await;
    let mut stalled = service.open_stream(STREAM, None).await;
    let mut reading = service.open_stream(STREAM, None).await;
    service.commit(more_than_sockets_hold(EVENTS)).await;
    read_all(&mut reading, EVENTS.into()).await;
    assert_eq!(service.get("/healthz").await.status, 200);
    read_all(&mut stalled, EVENTS.into()).await;
}

fn more_than_sockets_hold(events: u32) -> Vec<RoutedDecision> {
    let routed = (1..=events).map(|ordinal| {
        let mut decision = sample::decision("W-1", ordinal, 1, Phase::Opened);
        if let Evidence::Device(evidence) = &mut decision.evidence {
            evidence.reason = "x".repeat(8000);
        }
        sample::address(decision, &["operators"])
    });
    routed.collect()
}

async fn read_all(reader: &mut LiveReader, events: u64) {
    for expected in 1..=events {
        assert_eq!(reader.next().await.unwrap().id, expected);
    }
}

#[tokio::test]
async fn a_position_from_another_installation_is_refused_rather_than_waited_for() {
    let service = Service::start().await;
    let detail = service.get("/v1/alerts/stream?after=7").await.problem(409);
    assert!(detail.contains("event 7"), "{detail}");
    let resume = [("last-event-id", "seven")];
    service.ask("GET", STREAM, &resume, "").await.problem(400);
}

#[tokio::test]
async fn opening_a_stream_is_audited_and_readers_are_counted_while_they_read() {
    let service = Service::start().await;
    let stream = service.open_stream(STREAM, None).await;
    let audited = service.audited().await;
    assert_eq!(audited.len(), 1);
    assert_eq!(
        (audited[0].1.as_str(), audited[0].2.as_str()),
        ("stream.open", "alerts/stream?after=0")
    );
    clients(&service, 1).await;
    drop(stream);
    clients(&service, 0).await;
}

#[tokio::test]
async fn a_shutdown_ends_the_streams_and_the_service() {
    let service = Service::start().await;
    let mut stream = service.open_stream(STREAM, None).await;
    service.state.shutdown.cancel();
    assert!(stream.next().await.is_none());
    let ended = tokio::time::timeout(Duration::from_secs(30), service.serving).await;
    ended.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_reader_that_does_not_read_does_not_keep_the_service_from_ending() {
    let service = Service::start().await;
    let _stalled = service.open_stream(STREAM, None).await;
    service.commit(more_than_sockets_hold(1500)).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    service.state.shutdown.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(30), service.serving).await;
    ended.unwrap().unwrap().unwrap();
}

/// Waits until so many viewers are connected.
async fn clients(service: &Service, count: usize) {
    let line = format!("tagwatch_live_stream_clients {count}\n");
    while !service.get("/metrics").await.body.contains(&line) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn who_stops_reading_is_cut_off_and_resumes_where_they_were() {
    const EVENTS: u32 = 1500;
    let config = HttpConfig {
        access: AccessConfig::Open,
        ..HttpConfig::default()
    };
    let service = Service::start_with(&config, Duration::from_millis(300)).await;
    let mut asleep = service.open_stream(STREAM, None).await;
    service.commit(more_than_sockets_hold(EVENTS)).await;
    clients(&service, 0).await;
    let mut last = asleep.begins_after;
    while let Some(event) = asleep.next_before_the_cut().await {
        assert_eq!(event, last + 1);
        last = event;
    }
    assert!(last < EVENTS.into(), "it was never cut off");
    let mut again = service.open_stream(STREAM, Some(last)).await;
    for expected in last + 1..=EVENTS.into() {
        assert_eq!(again.next().await.unwrap().id, expected);
    }
}

/// The viewers of a national installation, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_viewers_see_what_they_may_in_order_though_some_never_read() {
    const VIEWERS: usize = 1000;
    const ASLEEP: usize = 10;
    const EVENTS: u32 = 200;
    rlimit::increase_nofile_limit(8192).unwrap();
    // All with the same two tokens, which so ask more often than a token should.
    let config = HttpConfig {
        requests_burst: NonZeroU32::new(10_000).unwrap(),
        ..HttpConfig::default()
    };
    let service = Service::start_with(&config, Duration::from_secs(60)).await;
    let (_, all) = service.token("operator", false).await;
    let (_, kent) = service.token("police/kent", false).await;
    let mut viewers = Vec::new();
    for number in 0..VIEWERS {
        let token = if number % 2 == 0 { &all } else { &kent };
        viewers.push(service.open_stream_as(STREAM, Some(0), token).await);
    }
    let asleep = viewers.split_off(VIEWERS - ASLEEP);
    let tasks = viewers.into_iter().enumerate().map(|(number, mut viewer)| {
        tokio::spawn(async move {
            let step = if number % 2 == 0 { 1 } else { 4 };
            for expected in (step..=u64::from(EVENTS)).step_by(usize::try_from(step).unwrap()) {
                assert_eq!(viewer.next().await.unwrap().id, expected, "viewer {number}");
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    for ordinal in 1..=EVENTS {
        let queue = if ordinal % 4 == 0 {
            "police/kent"
        } else {
            "police/essex"
        };
        service
            .commit(vec![sample::routed("W-1", ordinal, 1, &[queue])])
            .await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    clients(&service, ASLEEP).await;
    drop(asleep);
}
