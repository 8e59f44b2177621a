//! A tag's end of the link: publishes at QoS 1 and waits for every acknowledgement.

/// Publishes these (topic, payload), in order, and returns once the broker has acknowledged them all.
pub(crate) fn publish(
    port: u16,
    messages: impl Iterator<Item = (String, String)> + Send + 'static,
) {
    testbed::publish(port, messages).unwrap();
}
