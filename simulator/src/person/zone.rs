//! A wearer's exclusion zone, and the way into it.

use chrono::TimeDelta;
use model::registry::{Condition, Duty, WeeklyWindow, ZoneRef};
use model::{ConditionId, IdError, Timestamp, ZoneId};
use serde_json::{Value, json};

use super::curfew::daily;
use crate::WorldConfig;
use crate::civil;
use crate::dice::Dice;
use crate::life::script::Role;
use crate::town::{Area, EXTENT_M, Polygon, Spot, open_nodes};

/// How deep inside a trespasser stays at the least, in metres: beyond the p99 of outdoor fixes
/// (28 m on a real trail), and above the 45 m below which a zone is too small to be judged.
const DEPTH_MIN_M: f64 = 60.0;

/// A zone to keep out of.
#[derive(Debug, Clone)]
pub(crate) struct OwnZone {
    pub(crate) condition: ConditionId,
    pub(crate) area: Area,
    /// A point well inside, where trespassers stay.
    pub(crate) deep: Spot,
    /// A crossing well outside from which a straight path leads in.
    pub(crate) gate: Spot,
    /// In force during these windows; always, where there are none.
    schedule: Vec<WeeklyWindow>,
    id: ZoneId,
    name: String,
    victim: bool,
}

impl OwnZone {
    /// The zone that a wearer with this part in the first hours has.
    pub(super) fn for_role(
        role: Role,
        dice: &mut Dice,
        config: &WorldConfig,
        index: u64,
        home: Spot,
    ) -> Result<Option<Self>, IdError> {
        let wanted = role.needs_zone() || (role == Role::Ordinary && dice.chance(0.5));
        let Some((area, deep, gate)) = wanted.then(|| near(dice, home)).flatten() else {
            return Ok(None);
        };
        let schedule = if role == Role::OffHours {
            let from = civil::on_five_minutes(config.start.plus(TimeDelta::hours(6)));
            daily(from, from.plus(TimeDelta::hours(8)))
        } else {
            Vec::new()
        };
        let victim = dice.chance(0.5);
        Ok(Some(Self {
            condition: ConditionId::new(format!("C-{:06}-zone", index + 1))?,
            area,
            deep,
            gate,
            schedule,
            id: ZoneId::new(format!("Z-{:06}", index + 1))?,
            name: name(dice, victim),
            victim,
        }))
    }

    /// Whether it is in force at some time between `from` and `to`.
    pub(crate) fn in_force_within(&self, from: Timestamp, to: Timestamp) -> bool {
        self.schedule.is_empty() || self.windows(from, to).iter().any(|w| w.meets(from, to))
    }

    /// Whether it is in force all the time from `from` to `to`.
    pub(crate) fn in_force_throughout(&self, from: Timestamp, to: Timestamp) -> bool {
        let covers = |w: &civil::Window| w.plain && w.start <= from && to <= w.end;
        self.schedule.is_empty() || self.windows(from, to).iter().any(covers)
    }

    fn windows(&self, from: Timestamp, to: Timestamp) -> Vec<civil::Window> {
        let first = civil::date_of(from.minus(TimeDelta::days(1)));
        civil::occurrences(&self.schedule, first, civil::date_of(to))
    }

    pub(super) fn condition_record(&self) -> Condition {
        Condition {
            id: self.condition.clone(),
            from: None,
            to: None,
            duty: Duty::ExclusionZone {
                zones: vec![ZoneRef::Zone(self.id.clone())],
                schedule: self.schedule.clone(),
            },
        }
    }

    pub(super) fn feature(&self) -> Value {
        feature(&self.id, &self.name, self.victim, &self.area)
    }
}

/// A zone as a GeoJSON feature.
pub(crate) fn feature(id: &ZoneId, name: &str, victim: bool, area: &Area) -> Value {
    let mut properties = json!({"name": name, "victim": victim});
    if let (Some(radius), Some(fields)) = (area.radius_m(), properties.as_object_mut()) {
        fields.insert("radius_m".to_owned(), json!(radius));
    }
    json!({"type": "Feature", "id": id, "properties": properties, "geometry": area.geometry()})
}

/// A zone within reach of home: area, a deep point and a gate.
fn near(dice: &mut Dice, home: Spot) -> Option<(Area, Spot, Spot)> {
    let tries = 200;
    (0..tries).find_map(|_| {
        let (area, deep, reach) = shape(dice, home)?;
        let outside = area.depth(home) < -200.0;
        let in_town = deep.x.abs().max(deep.y.abs()) + reach < EXTENT_M - 400.0;
        let fits = outside && in_town && area.depth(deep) >= DEPTH_MIN_M;
        let gate = fits.then(|| gate(&area, deep)).flatten()?;
        Some((area, deep, gate))
    })
}

/// A shape some way from home: area, a point deep inside, how far it reaches from there.
fn shape(dice: &mut Dice, home: Spot) -> Option<(Area, Spot, f64)> {
    let angle = dice.between(0.0, core::f64::consts::TAU);
    let corners = u8::try_from(dice.whole(5, 12)).ok()?;
    let centre = |reach: f64| home.polar(angle, reach + 350.0);
    match dice.whole(0, 5) {
        0 | 1 => {
            let radius_m = dice.between(100.0, 300.0).round();
            let centre = centre(radius_m);
            Some((Area::Circle { centre, radius_m }, centre, radius_m))
        }
        2 | 3 => {
            let centre = centre(280.0);
            let star = Polygon::star(dice, centre, corners, 150.0, 280.0);
            Some((Area::Polygons(vec![star]), centre, 280.0))
        }
        4 => {
            let middle = centre(420.0);
            let ring = Polygon::star(dice, middle, 12, 340.0, 420.0).with_hole(middle, 70.0);
            let deep = middle.polar(angle + core::f64::consts::PI, 200.0);
            Some((Area::Polygons(vec![ring]), deep, 620.0))
        }
        _ => {
            let (one, other) = (centre(250.0), centre(250.0).polar(angle + 1.0, 700.0));
            let parts = [one, other].map(|c| Polygon::star(dice, c, corners, 150.0, 250.0));
            Some((Area::Polygons(parts.to_vec()), one, 950.0))
        }
    }
}

/// The nearest open crossing from which a straight path enters once and stays inside.
fn gate(area: &Area, deep: Spot) -> Option<Spot> {
    let enters_once = |gate: &Spot| {
        let steps = 200;
        let inside: Vec<bool> = (0..=steps)
            .map(|n| area.depth(gate.towards(deep, f64::from(n) / f64::from(steps))) > 0.0)
            .collect();
        inside.is_sorted()
    };
    open_nodes(deep, area)
        .into_iter()
        .take(60)
        .find(enters_once)
}

fn name(dice: &mut Dice, victim: bool) -> String {
    const PLACES: [&str; 8] = [
        "Alder Lane",
        "Mill Bank",
        "St Wulfstan's",
        "Priory Fields",
        "Cooper's Yard",
        "Heron Park",
        "Castle Bridge",
        "Old Tannery",
    ];
    let place = dice.pick(&PLACES).copied().unwrap_or("Old Tannery");
    if victim {
        format!("{place} (protected address)")
    } else {
        format!("{place} area")
    }
}
