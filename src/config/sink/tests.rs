use model::Recipient;

use super::*;
use crate::config::Config;

fn pattern(text: &str) -> QueuePattern {
    QueuePattern::try_from(text.to_owned()).unwrap()
}

#[test]
fn a_pattern_is_a_queue_a_group_or_all() {
    for (text, queue, expected) in [
        ("police/kent", "police/kent", true),
        ("police/kent", "police/kent-west", false),
        ("police/*", "police/kent", true),
        ("police/*", "police", false),
        ("police/*", "probation/kent", false),
        ("*", "operators", true),
    ] {
        let queue = Recipient::new(queue).unwrap();
        assert_eq!(pattern(text).matches(&queue), expected, "{text} {queue}");
    }
    for text in ["", "Police", "police*", "*/kent", "police/**", "/*"] {
        assert!(QueuePattern::try_from(text.to_owned()).is_err(), "{text}");
    }
}

#[test]
fn patterns_overlap_when_a_queue_could_match_both() {
    for (one, other, expected) in [
        ("police/*", "police/kent", true),
        ("*", "police/kent", true),
        ("police/kent", "police/kent", true),
        ("police/*", "probation/*", false),
        ("police/kent", "police/essex", false),
    ] {
        assert_eq!(pattern(one).overlaps(&pattern(other)), expected);
        assert_eq!(pattern(other).overlaps(&pattern(one)), expected);
    }
}

const TWO: &str = r#"
[[sink]]
name = "kent"
queues = ["police/kent"]
[sink.to.webhook]
url = "https://alerts.kent.example/em"
secret = { env = "KENT_SECRET" }

[[sink]]
name = "probation"
queues = ["probation/*"]
concurrency = 2
[sink.to.amqp]
url = "amqps://tagwatch@broker/em"
password = { file = "/run/secrets/amqp" }
timeout_s = 20
"#;

#[test]
fn a_sink_that_does_not_say_has_its_defaults() {
    let config: Config = toml::from_str(TWO).unwrap();
    assert_eq!(SinkConfig::problems(&config.sink), Vec::<String>::new());
    let [kent, probation] = &config.sink[..] else {
        panic!("two sinks");
    };
    assert_eq!(
        (kent.concurrency.get(), probation.concurrency.get()),
        (16, 2)
    );
    assert_eq!(kent.to.timeout(), Duration::from_secs(10));
    assert_eq!(probation.to.timeout(), Duration::from_secs(20));
    let Destination::Amqp(amqp) = &probation.to else {
        panic!("amqp");
    };
    assert_eq!((amqp.queue.as_str(), &amqp.exchange), ("em.{queue}", &None));
}

#[test]
fn a_misspelt_setting_of_a_sink_is_refused() {
    let text = TWO.replace("timeout_s", "timeout");
    let error = toml::from_str::<Config>(&text).unwrap_err().to_string();
    assert!(error.contains("timeout"), "{error}");
}

#[test]
fn sinks_that_would_take_from_each_other_are_refused() {
    for (replaced, by, expected) in [
        ("probation/*", "police/*", "queues in common"),
        ("\"probation\"", "\"kent\"", "two of that name"),
        ("\"kent\"", "\"Kent\"", "a name is of"),
        ("[\"probation/*\"]", "[]", "names no queue"),
        ("timeout_s = 20", "timeout_s = 26", "26 is more than 25"),
    ] {
        let config: Config = toml::from_str(&TWO.replace(replaced, by)).unwrap();
        let problems = SinkConfig::problems(&config.sink);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(expected), "{problems:?}");
    }
}
