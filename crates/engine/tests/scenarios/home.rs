//! Scenarios with a home unit: readings of presence, and orders of home detention curfew.

use model::Timestamp;
use serde_json::{Value, json};

use crate::script::Script;

pub(crate) const AWAY: f64 = 900.0;
pub(crate) const WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A curfew at `place` of one window each day.
pub(crate) fn nightly(id: &str, place: &str, start: &str, end: &str) -> Value {
    json!({"id": id, "kind": "curfew", "place": place,
           "windows": [{"days": WEEK, "start": start, "end": end}]})
}

/// An authorised absence from C-2.
pub(crate) fn absence(id: &str, from: Timestamp, to: Timestamp) -> Value {
    json!({"absence": {"id": id, "condition": "C-2", "from": from, "to": to,
                       "reason": "hospital", "authorised_by": "officer"}})
}

impl Script {
    /// A home unit that reports changes, and at least every `cadence_s`.
    pub(crate) fn unit(self, device: &str, cadence_s: u32, place: Option<&str>) -> Self {
        self.change(json!({"activation": {
            "device": device, "kind": "rf", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
            "cadence_s": cadence_s, "hmu_place": place,
        }}))
    }

    /// An order of home detention curfew from noon of 2 March 2026.
    pub(crate) fn hdc(self, version: u32, conditions: &Value) -> Self {
        self.change(json!({"order": {
            "id": "O-1", "version": version, "wearer": "W-1", "type": "POST_RELEASE", "hdc": true,
            "from": "2026-03-02T12:00:00Z", "conditions": conditions,
        }}))
    }

    /// Home detention curfew from 19:00 to 07:00 at P-1, with a unit that is heard every hour.
    pub(crate) fn detained() -> Self {
        Self::new()
            .place("P-1", 0.0, 0.0, 50.0)
            .unit("RF-1", 3600, Some("P-1"))
            .hdc(1, &json!([nightly("C-2", "P-1", "19:00", "07:00")]))
    }

    pub(crate) fn hears(self, observed: &str, in_range: bool) -> Self {
        self.hears_late("RF-1", observed, observed, in_range)
    }

    pub(crate) fn hears_late(
        self,
        device: &str,
        observed: &str,
        received: &str,
        in_range: bool,
    ) -> Self {
        let (observed, received) = (self.at(observed), self.at(received));
        let reading = json!({
            "wearer": "W-1", "received_at": received, "device": device, "t": observed,
            "kind": "presence", "in_range": in_range,
        });
        self.reading(reading, received)
    }

    pub(crate) fn unit_event(self, observed: &str, code: &str) -> Self {
        let at = self.at(observed);
        let reading = json!({
            "wearer": "W-1", "received_at": at, "device": "RF-1", "t": at,
            "kind": "event", "code": code,
        });
        self.reading(reading, at)
    }

    /// Presence readings every half hour from `from` up to, not including, `to`.
    pub(crate) fn heard(mut self, from: &str, to: &str, in_range: bool) -> Self {
        let (mut at, to) = (self.at(from), self.at(to));
        while at < to {
            self = self.hears(&at.to_string(), in_range);
            at = at.plus(chrono::TimeDelta::minutes(30));
        }
        self
    }
}
