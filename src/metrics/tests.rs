use model::Timestamp;

use super::queues::QUEUES_SHOWN_MAX;
use super::*;

fn queue(name: &str, ready: u64, oldest_s: i64) -> QueueStatus {
    QueueStatus {
        recipient: Recipient::new(name).unwrap(),
        ready,
        leased: 1,
        dead: 2,
        late: 1,
        acknowledged: 9,
        oldest_unacknowledged: Some(Timestamp::from_epoch_ms(oldest_s * 1000).unwrap()),
    }
}

#[test]
fn what_has_not_happened_yet_is_shown_as_zero() {
    let text = Metrics::new().unwrap().render(Some(&[])).unwrap();
    for line in [
        "tagwatch_dead_letters_total{reason=\"undecodable\"} 0",
        "tagwatch_readings_total{kind=\"check-in\",outcome=\"duplicate\"} 0",
        "tagwatch_acks_total{result=\"discarded\"} 0",
        "tagwatch_messages_total{result=\"partly_used\"} 0",
        "tagwatch_commit_seconds_count 0",
        "tagwatch_broker_messages_dropped_total 0",
        "tagwatch_store_available 1",
        concat!(
            "tagwatch_build_info{version=\"",
            env!("CARGO_PKG_VERSION"),
            "\"} 1"
        ),
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn notifications_are_counted_by_group_and_not_by_area() {
    let metrics = Metrics::new().unwrap();
    for name in ["police/staffordshire", "police/kent", "operators"] {
        metrics.notification(&Recipient::new(name).unwrap());
    }
    let text = metrics.render(None).unwrap();
    assert!(text.contains("tagwatch_notifications_total{recipient_group=\"police\"} 2"));
    assert!(text.contains("tagwatch_notifications_total{recipient_group=\"operators\"} 1"));
    assert!(text.contains("tagwatch_store_available 0"));
}

#[test]
fn a_reading_from_the_future_has_no_negative_lag() {
    let metrics = Metrics::new().unwrap();
    let (earlier, later) = (
        Timestamp::default(),
        Timestamp::from_epoch_ms(30_000).unwrap(),
    );
    metrics.intake_lag(ReceivedAt(earlier), ObservedAt(later));
    metrics.intake_lag(ReceivedAt(later), ObservedAt(earlier));
    let text = metrics.render(None).unwrap();
    assert!(
        text.contains("tagwatch_intake_lag_seconds_sum 30\n"),
        "{text}"
    );
    assert!(text.contains("tagwatch_intake_lag_seconds_count 2"));
}

#[test]
fn a_reader_of_the_live_stream_counts_until_it_is_gone() {
    let metrics = Arc::new(Metrics::new().unwrap());
    let reader = metrics.live_stream_client();
    assert!(
        metrics
            .render(None)
            .unwrap()
            .contains("live_stream_clients 1")
    );
    drop(reader);
    assert!(
        metrics
            .render(None)
            .unwrap()
            .contains("live_stream_clients 0")
    );
}

#[test]
fn queues_beyond_the_bound_are_summed_up_and_keep_the_oldest_time() {
    let mut queues: Vec<_> = (0..QUEUES_SHOWN_MAX)
        .map(|n| queue(&format!("police/{n}"), 2, 100))
        .collect();
    queues.extend([
        queue("recall", 3, 70),
        queue("specials", 4, 50),
        queue("x", 5, 60),
    ]);
    let text = Metrics::new().unwrap().render(Some(&queues)).unwrap();
    assert!(text.contains("tagwatch_queue_ready{queue=\"police/0\"} 2"));
    assert!(text.contains("tagwatch_queue_ready{queue=\"(others)\"} 12"));
    assert!(text.contains("tagwatch_queue_leased{queue=\"(others)\"} 3"));
    let oldest = "unacknowledged_timestamp_seconds{queue=\"(others)\"} 50";
    assert!(text.contains(oldest), "{text}");
    assert!(!text.contains("specials"));
}
