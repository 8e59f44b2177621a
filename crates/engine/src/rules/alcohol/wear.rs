//! Whether the device measures its wearer: infra-red, temperatures, strap.

use model::{Alcohol, AlcoholQualification, DeviceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::policy::AlcoholRules;

/// Times of an open strap kept; beyond that the two oldest become one.
const SPELLS_KEPT: usize = 8;

/// What is known of how the device is worn.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Wear {
    pub(super) device: Option<DeviceId>,
    learnt: u32,
    sum: f64,
    pub(super) baseline: Option<f64>,
    pub(super) newest: Option<Alcohol>,
    out_since: Option<Timestamp>,
    cold_since: Option<Timestamp>,
    /// Concluded, until infra-red is in its band again.
    pub(super) blocked: Option<Blocked>,
    spells: Vec<Spell>,
}

/// The device does not see its wearer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Blocked {
    pub(super) cause: AlcoholQualification,
    pub(super) since: Timestamp,
}

/// A strap open for some time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Spell {
    device: DeviceId,
    from: Timestamp,
    to: Option<Timestamp>,
}

impl Wear {
    /// A device that reports for the first time is known by nothing that another one showed.
    pub(super) fn meet(&mut self, device: &DeviceId) {
        if self.device.as_ref() != Some(device) {
            let mut spells = std::mem::take(&mut self.spells);
            spells.retain(|spell| spell.device == *device);
            *self = Self {
                device: Some(device.clone()),
                spells,
                ..Self::default()
            };
        }
    }

    /// The strap was opened.
    pub(super) fn cut(&mut self, device: &DeviceId, at: Timestamp) {
        let known = |spell: &Spell| spell.device == *device && spell.to.is_none();
        if self.spells.iter().any(known) {
            return;
        }
        if self.spells.len() >= SPELLS_KEPT {
            let first = self.spells.remove(0);
            if let Some(second) = self.spells.first_mut() {
                second.from = first.from;
            }
        }
        self.spells.push(Spell {
            device: device.clone(),
            from: at,
            to: None,
        });
    }

    /// The strap was closed.
    pub(super) fn restore(&mut self, device: &DeviceId, at: Timestamp) {
        let open =
            |spell: &&mut Spell| spell.device == *device && spell.to.is_none() && spell.from <= at;
        if let Some(spell) = self.spells.iter_mut().find(open) {
            spell.to = Some(at);
        }
    }

    /// Whether the strap was open at some time after `from` and up to `to`.
    pub(super) fn strap_open(&self, from: Timestamp, to: Timestamp) -> bool {
        let open =
            |spell: &Spell| spell.from <= to && spell.to.is_none_or(|restored| restored > from);
        self.spells.iter().any(open)
    }

    /// Readings from `at` on come next: what ended before it is of no more use.
    pub(super) fn forget_before(&mut self, at: Timestamp) {
        self.spells
            .retain(|spell| spell.to.is_none_or(|restored| restored > at));
    }

    /// Nothing is known of the time before the next reading.
    pub(super) fn interrupt(&mut self) {
        self.out_since = None;
        self.cold_since = None;
    }

    /// Takes in the infra-red and the temperatures of a reading.
    pub(super) fn take(&mut self, alcohol: &Alcohol, at: Timestamp, rules: &AlcoholRules) {
        self.newest = Some(*alcohol);
        if let Some(ir) = alcohol.ir.filter(|ir| ir.is_finite()) {
            self.see(ir, at, rules);
        }
        if self.out_since.is_some() && is_cold(alcohol, rules) {
            self.cold_since.get_or_insert(at);
        } else {
            self.cold_since = None;
        }
        self.conclude(at, rules);
    }

    fn see(&mut self, ir: f64, at: Timestamp, rules: &AlcoholRules) {
        let Some(baseline) = self.baseline else {
            self.learn(ir, rules);
            return;
        };
        if (ir - baseline).abs() * 100.0 <= rules.ir_band_pct * baseline {
            self.baseline = Some(baseline + rules.ir_alpha * (ir - baseline));
            self.out_since = None;
            self.blocked = None;
        } else {
            self.out_since.get_or_insert(at);
        }
    }

    fn learn(&mut self, ir: f64, rules: &AlcoholRules) {
        if ir <= 0.0 {
            return;
        }
        self.learnt += 1;
        self.sum += ir;
        if self.learnt >= rules.ir_baseline_readings {
            self.baseline = Some(self.sum / f64::from(self.learnt));
        }
    }

    fn conclude(&mut self, at: Timestamp, rules: &AlcoholRules) {
        let held = |since: Option<Timestamp>, hold_s: u32| {
            since.filter(|since| at.seconds_since(*since) >= f64::from(hold_s))
        };
        let off_body = held(self.cold_since, rules.off_body_hold_s);
        let obstructed = held(self.out_since, rules.ir_hold_s);
        let found = match (off_body, obstructed) {
            (Some(since), _) => Some((AlcoholQualification::OffBody, since)),
            (None, Some(since)) => Some((AlcoholQualification::Obstruction, since)),
            (None, None) => None,
        };
        if self.blocked.is_none() {
            self.blocked = found.map(|(cause, since)| Blocked { cause, since });
        }
    }
}

/// Whether the skin is as cold as the air.
fn is_cold(alcohol: &Alcohol, rules: &AlcoholRules) -> bool {
    match (alcohol.skin_c, alcohol.ambient_c) {
        (Some(skin), Some(ambient)) => (skin - ambient).abs() <= rules.off_body_c,
        (Some(_), None) | (None, _) => false,
    }
}
