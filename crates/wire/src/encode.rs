//! Readings as a native payload.

use std::fmt::Write as _;

use model::{Alcohol, CheckIn, DeviceEvent, DeviceReading, Metres, Position, ReadingBody};

/// The payload that [`crate::decode`] reads back as `readings`: one object for one reading, an
/// array for several. The topic carries device and kind, so all are to be of one of each.
///
/// A number that is not finite has no form in JSON and is left out.
#[must_use]
pub fn encode(readings: &[DeviceReading]) -> Vec<u8> {
    // About the length of a fix with all its fields.
    let mut out = String::with_capacity(160 * readings.len() + 2);
    if let [reading] = readings {
        Object::open(&mut out).reading(reading).close();
        return out.into_bytes();
    }
    out.push('[');
    for (index, reading) in readings.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        Object::open(&mut out).reading(reading).close();
    }
    out.push(']');
    out.into_bytes()
}

/// Writes one JSON object, field by field. Writing to a `String` cannot fail, which is why this
/// gives no error where a serializer would have to.
pub(crate) struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    pub(crate) fn open(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    pub(crate) fn close(self) {
        self.out.push('}');
    }

    fn key(&mut self, key: &str) {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }

    /// A value whose text form needs no quotes.
    fn plain(&mut self, key: &str, value: impl std::fmt::Display) {
        self.key(key);
        let _infallible = write!(self.out, "{value}");
    }

    /// A value whose text form needs quotes and nothing escaped.
    pub(crate) fn word(&mut self, key: &str, value: impl std::fmt::Display) {
        self.key(key);
        let _infallible = write!(self.out, "\"{value}\"");
    }

    pub(crate) fn text(&mut self, key: &str, text: &str) {
        self.key(key);
        let quoted = serde_json::Value::from(text);
        let _infallible = write!(self.out, "{quoted}");
    }

    fn number(&mut self, key: &str, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.plain(key, value);
        }
    }

    pub(crate) fn reading(mut self, reading: &DeviceReading) -> Self {
        if let Some(seq) = reading.seq {
            self.plain("seq", seq);
        }
        self.word("t", reading.observed_at);
        if let Some(recorded_at) = reading.recorded_at {
            self.word("recorded_at", recorded_at);
        }
        match &reading.body {
            ReadingBody::Position(position) => self.position(position),
            ReadingBody::Presence { in_range } => self.plain("in_range", in_range),
            ReadingBody::Alcohol(alcohol) => self.alcohol(alcohol),
            ReadingBody::Event(event) => self.event(event),
            ReadingBody::CheckIn(check_in) => self.check_in(check_in),
        }
        self
    }

    fn fix(&mut self, lat: Option<f64>, lon: Option<f64>, acc: Option<Metres>) {
        self.number("lat", lat);
        self.number("lon", lon);
        self.number("acc", acc.map(|acc| acc.0));
    }

    fn position(&mut self, position: &Position) {
        self.fix(Some(position.lat), Some(position.lon), position.acc);
        if let Some(sat) = position.sat {
            self.plain("sat", sat);
        }
        self.number("hdop", position.hdop);
        self.number("speed", position.speed.map(|speed| speed.0));
        self.number("course", position.course);
        self.word("src", position.src.as_str());
    }

    fn alcohol(&mut self, alcohol: &Alcohol) {
        self.plain("tac", alcohol.tac);
        self.number("ir", alcohol.ir);
        self.number("skin_c", alcohol.skin_c);
        self.number("ambient_c", alcohol.ambient_c);
    }

    fn event(&mut self, event: &DeviceEvent) {
        self.word("code", event.code.as_str());
        if let Some(pct) = event.pct {
            self.plain("pct", pct);
        }
    }

    fn check_in(&mut self, check_in: &CheckIn) {
        self.text("prompt", &check_in.prompt);
        self.word("identity", check_in.identity.as_str());
        self.fix(check_in.lat, check_in.lon, check_in.acc);
    }
}
