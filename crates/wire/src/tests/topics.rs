//! Topics, taken apart and put together.

use model::{DeviceId, PartitionId};

use crate::topic::{OWNTRACKS_FILTER, Topic, command_topic, partition_filter};

#[test]
fn every_topic_is_written_as_it_was_read() {
    for text in [
        "em/v1/0/GPS-7/position",
        "em/v1/65535/HMU-1/presence",
        "em/v1/7/A/alcohol",
        "em/v1/7/A/event",
        "em/v1/7/A/check-in",
        "em/v1/7/A/command",
        "owntracks/GPS-7/my phone",
    ] {
        assert_eq!(Topic::parse(text).unwrap().to_string(), text);
    }
    let device = DeviceId::new("GPS-7").unwrap();
    assert_eq!(
        Topic::parse(&command_topic(PartitionId(3), &device)),
        Ok(Topic::Command {
            partition: PartitionId(3),
            device
        })
    );
    assert_eq!(partition_filter(PartitionId(7)), "em/v1/7/+/+");
    assert_eq!(OWNTRACKS_FILTER, "owntracks/+/+");
}

#[test]
fn a_topic_that_is_none_of_ours_says_which_part_is_wrong() {
    let shape = |topic: &str| {
        format!(
            "topic {topic:?} is neither em/v1/<partition>/<device>/<kind> nor owntracks/<user>/<device>"
        )
    };
    for text in [
        "",
        "em/v2/7/A/position",
        "em/v1/7/A",
        "em/v1/7/A/position/x",
        "/em/v1/7/A/position",
        "owntracks/A",
        "owntracks/A/",
        "owntracks/A/phone/event",
    ] {
        assert_eq!(Topic::parse(text).unwrap_err().to_string(), shape(text));
    }
    for partition in ["", "+7", "07", "-1", "65536", "x", "٧"] {
        let error = Topic::parse(&format!("em/v1/{partition}/A/event")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "partition {partition:?} is not a whole number between 0 and 65535 without leading zeros"
            )
        );
    }
    for topic in ["em/v1/7//event", "em/v1/7/a b/event", "owntracks//phone"] {
        let error = Topic::parse(topic).unwrap_err().to_string();
        assert!(error.starts_with("device in topic: "), "{error}");
    }
    let error = Topic::parse("em/v1/7/A/Position").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("kind \"Position\" is not one of")
    );
}

#[test]
fn an_error_about_a_topic_has_a_bound() {
    let error = Topic::parse(&"x".repeat(60_000)).unwrap_err();
    assert!(error.to_string().len() < 250);
}
