//! The engine with one wearer and one exclusion zone, driven as the service drives it.

use anyhow::Context as _;
use engine::{Engine, RulesPolicy};
use geometry::Area;
use model::registry::Zone;
use model::{
    DecisionKind, DeviceId, DeviceReading, ObservedAt, Phase, PolicyChange, Position, Reading,
    ReadingBody, ReceivedAt, Timestamp, WearerId,
};
use serde_json::json;
use simulator::TRIAL_CENTRE;

/// Radius of the zone in metres: that of a few streets.
pub(super) const ZONE_RADIUS_M: f64 = 250.0;

/// What the engine said of one fix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// A breach was opened.
    pub(super) breach: bool,
    /// Operators were told that there may be one, or that the zone may have been crossed.
    pub(super) possible: bool,
}

/// What every trial begins with: the zone, the tag and the order.
#[derive(Debug)]
pub(super) struct Ground {
    policy: RulesPolicy,
    area: Area,
    changes: Vec<PolicyChange>,
    wearer: WearerId,
    device: DeviceId,
}

impl Ground {
    pub(super) fn new(policy: RulesPolicy, cadence_s: u32) -> anyhow::Result<Self> {
        let (lat, lon) = TRIAL_CENTRE;
        let zone: Zone = serde_json::from_value(json!({
            "id": "Z-1",
            "shape": {"circle": {"centre": {"lat": lat, "lon": lon}, "radius_m": ZONE_RADIUS_M}},
        }))?;
        let area = Area::new(&zone).context("the zone that is measured against")?;
        let worn = serde_json::from_value(json!({"activation": {
            "device": "D-1", "kind": "gps", "wearer": "W-1", "from": "2026-01-01T00:00:00Z",
            "cadence_s": cadence_s, "upload_interval_s": cadence_s,
        }}))?;
        let order = serde_json::from_value(json!({"order": {
            "id": "O-1", "version": 1, "wearer": "W-1", "type": "POST_RELEASE",
            "from": "2026-01-01T00:00:00Z",
            "conditions": [{"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1"]}],
        }}))?;
        Ok(Self {
            policy,
            area,
            changes: vec![PolicyChange::Zone(zone), worn, order],
            wearer: WearerId::new("W-1")?,
            device: DeviceId::new("D-1")?,
        })
    }

    /// How far inside the zone a fix lies, in metres; nothing for one that no rule is shown, for it
    /// says nothing of a point.
    pub(super) fn inside_m(&self, position: &Position) -> Option<f64> {
        let point = position.point().ok()?;
        let coarse_m = self.policy.zone.coarse_over_m;
        self.policy.zone.accuracy_k(position.src)?;
        if position.acc.is_some_and(|acc| acc.0 > coarse_m) {
            return None;
        }
        Some(self.area.signed_distance(point).0)
    }
}

/// The engine at work.
#[derive(Debug)]
pub(super) struct Ours<'a> {
    ground: &'a Ground,
    engine: Engine,
    seq: u64,
}

impl<'a> Ours<'a> {
    pub(super) fn new(ground: &'a Ground, start: Timestamp) -> Self {
        let mut engine = Engine::new(ground.policy.clone());
        for change in &ground.changes {
            engine.handle_policy(change, start);
        }
        Self {
            ground,
            engine,
            seq: 0,
        }
    }

    /// Hands over a fix that arrives as it is taken.
    pub(super) fn fix(&mut self, at: Timestamp, position: Position) -> Said {
        self.seq = self.seq.saturating_add(1);
        let reading = Reading {
            wearer: self.ground.wearer.clone(),
            received_at: ReceivedAt(at),
            report: DeviceReading {
                device: self.ground.device.clone(),
                seq: Some(self.seq),
                observed_at: ObservedAt(at),
                recorded_at: None,
                body: ReadingBody::Position(position),
            },
        };
        self.engine.handle_reading(&reading, at);
        let mut said = Said::default();
        while let Some(decision) = self.engine.poll_decision() {
            let opened = decision.phase == Phase::Opened;
            let possible = [
                DecisionKind::ExclusionZonePossible,
                DecisionKind::TransitPossible,
            ];
            said.breach |= opened && decision.kind == DecisionKind::ExclusionZoneEntered;
            said.possible |= opened && possible.contains(&decision.kind);
        }
        said
    }
}
