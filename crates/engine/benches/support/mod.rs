//! Wearers as there are many of, and what they send on an uneventful day.

use std::f64::consts::TAU;
use std::hint::black_box;

use chrono::TimeDelta;
use engine::{Engine, RulesPolicy};
use model::registry::{DeviceKind, Duty, Order, RingPolygon, Zone, ZoneRef, ZoneShape};
use model::{
    ConditionId, DeviceId, GeoPoint, OrderId, PlaceId, PolicyChange, Reading, ReadingBody,
    ReceivedAt, Timestamp, WearerId, ZoneId, ZoneSetId,
};
use serde_json::{Value, json};

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Corners of a zone as people draw them.
pub(crate) const VERTICES: u32 = 32;

/// The middle of the county.
const MIDDLE: (f64, f64) = (52.8, -2.1);

/// A degree of latitude in metres, near enough to place things.
const METRES_PER_DEGREE: f64 = 111_250.0;

/// How far homes are spread, north and east, in metres.
pub(crate) const COUNTY_M: f64 = 60_000.0;

/// How often somebody reports.
const MINUTE_MS: u64 = 60_000;

/// The first fix: a Monday noon.
const NOON: &str = "2026-03-02T12:00:00Z";

/// Somewhere, by metres from the middle of the county.
pub(crate) fn spot(north_m: f64, east_m: f64) -> (f64, f64) {
    let lat = MIDDLE.0 + north_m / METRES_PER_DEGREE;
    let lon = MIDDLE.1 + east_m / (METRES_PER_DEGREE * libm::cos(MIDDLE.0.to_radians()));
    (lat, lon)
}

/// The home of a wearer: spread over the county by the golden ratio, so that neighbours by number are far apart.
pub(crate) fn home(number: u32) -> (f64, f64) {
    spread(number, COUNTY_M)
}

fn spread(number: u32, side_m: f64) -> (f64, f64) {
    let turn = |stride: f64| (f64::from(number) * stride).fract() - 0.5;
    spot(
        turn(0.618_033_988_75) * side_m,
        turn(0.754_877_666_25) * side_m,
    )
}

/// A polygon of so many corners around a point given in metres from the middle of the county.
pub(crate) fn polygon(
    id: &str,
    (lat, lon): (f64, f64),
    radius_m: f64,
    vertices: u32,
) -> Result<Zone, Failure> {
    let narrow = METRES_PER_DEGREE * libm::cos(lat.to_radians());
    let corner = |step: u32| {
        let angle = TAU * f64::from(step % vertices) / f64::from(vertices);
        // Every other corner further in: as jagged as boundaries of streets are.
        let radius = radius_m * if step.is_multiple_of(2) { 1.0 } else { 0.9 };
        let point = json!({"lat": lat + radius * libm::sin(angle) / METRES_PER_DEGREE, "lon": lon + radius * libm::cos(angle) / narrow});
        serde_json::from_value::<GeoPoint>(point)
    };
    let outline = (0..=vertices).map(corner).collect::<Result<Vec<_>, _>>()?;
    Ok(Zone {
        id: ZoneId::new(id)?,
        name: None,
        victim: false,
        shape: ZoneShape::Polygons(vec![RingPolygon {
            outline,
            holes: Vec::new(),
        }]),
    })
}

/// Schools have numbers of homes in which nobody lives.
const BEYOND_EVERYBODY: u32 = 10_000_000;

/// A shared set of zones as large as schools, over a square with sides of so many metres around the county's middle.
pub(crate) fn school_set(count: u32, side_m: f64) -> Result<(PolicyChange, ZoneRef), Failure> {
    let id = ZoneSetId::new("schools")?;
    let school = |number: u32| {
        let middle = spread(number, side_m);
        polygon(&format!("S-{number}"), middle, 60.0, 12)
    };
    let numbers = BEYOND_EVERYBODY..BEYOND_EVERYBODY + count;
    let zones = numbers.map(school).collect::<Result<Vec<_>, _>>()?;
    let set = PolicyChange::ZoneSet {
        id: id.clone(),
        zones,
    };
    Ok((set, ZoneRef::Set(id)))
}

/// Builds wearers: a curfew at home, abstinence, and two exclusion zones and an inclusion zone of their own, far enough from home
/// for nothing to happen. Made from one that was read, since reading a million takes minutes.
pub(crate) struct People {
    activations: [Value; 2],
    order: Value,
    place: Value,
}

impl People {
    pub(crate) fn new() -> Self {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let worn = |kind: &str| json!({"activation": {"device": "D", "kind": kind, "wearer": "W", "from": "2026-01-01T00:00:00Z"}});
        Self {
            activations: [worn("gps"), worn("alcohol")],
            place: json!({"place": {"id": "P", "lat": 0.0, "lon": 0.0, "radius_m": 60.0}}),
            order: json!({"order": {
                "id": "O", "wearer": "W", "type": "BAIL", "from": "2026-01-01T00:00:00Z",
                "conditions": [
                    {"id": "C-1", "kind": "exclusion_zone", "zones": ["Z-1", "Z-2"]},
                    {"id": "C-2", "kind": "inclusion_zone", "zones": ["Z-3"]},
                    {"id": "C-3", "kind": "curfew", "place": "P",
                     "windows": [{"days": days, "start": "19:00", "end": "07:00"}]},
                    {"id": "C-4", "kind": "alcohol_abstinence"},
                ],
            }}),
        }
    }

    /// Everything that is registered of one wearer, and zones named besides their own.
    pub(crate) fn one(&self, number: u32, more: &[ZoneRef]) -> Result<Vec<PolicyChange>, Failure> {
        let (lat, lon) = home(number);
        let away = |north: f64| (lat + north / METRES_PER_DEGREE, lon);
        let mut changes = vec![
            PolicyChange::Zone(polygon(
                &format!("Z-{number}-1"),
                away(EXCLUDED_NORTH_M[0]),
                300.0,
                VERTICES,
            )?),
            PolicyChange::Zone(polygon(
                &format!("Z-{number}-2"),
                away(EXCLUDED_NORTH_M[1]),
                300.0,
                VERTICES,
            )?),
            PolicyChange::Zone(polygon(
                &format!("Z-{number}-3"),
                away(2_500.0),
                8_000.0,
                VERTICES,
            )?),
        ];
        changes.extend(self.parts()?);
        for change in &mut changes {
            self.make_theirs(change, number, more)?;
        }
        Ok(changes)
    }

    fn parts(&self) -> Result<Vec<PolicyChange>, Failure> {
        let all = self.activations.iter().chain([&self.place, &self.order]);
        Ok(all
            .cloned()
            .map(serde_json::from_value)
            .collect::<Result<_, _>>()?)
    }

    fn make_theirs(
        &self,
        change: &mut PolicyChange,
        number: u32,
        more: &[ZoneRef],
    ) -> Result<(), Failure> {
        if let PolicyChange::Activation(worn) = change {
            worn.wearer = WearerId::new(format!("W-{number}"))?;
            let kind = if worn.kind == DeviceKind::Gps {
                "gps"
            } else {
                "tac"
            };
            worn.device = DeviceId::new(format!("{kind}-{number}"))?;
        } else if let PolicyChange::Place(place) = change {
            let (lat, lon) = home(number);
            let theirs =
                json!({"id": format!("P-{number}"), "lat": lat, "lon": lon, "radius_m": 60.0});
            *place = serde_json::from_value(theirs)?;
        } else if let PolicyChange::Order(order) = change {
            make_order_theirs(order, number, more)?;
        }
        Ok(())
    }
}

fn make_order_theirs(order: &mut Order, number: u32, more: &[ZoneRef]) -> Result<(), Failure> {
    order.id = OrderId::new(format!("O-{number}"))?;
    order.wearer = WearerId::new(format!("W-{number}"))?;
    for (index, condition) in order.conditions.iter_mut().enumerate() {
        condition.id = ConditionId::new(format!("C-{number}-{index}"))?;
        if let Duty::ExclusionZone { zones, .. } = &mut condition.duty {
            *zones = own(number, &[1, 2])?;
            zones.extend_from_slice(more);
        } else if let Duty::InclusionZone { zones, .. } = &mut condition.duty {
            *zones = own(number, &[3])?;
        } else if let Duty::Curfew { place, .. } = &mut condition.duty {
            *place = PlaceId::new(format!("P-{number}"))?;
        }
    }
    Ok(())
}

fn own(number: u32, which: &[u32]) -> Result<Vec<ZoneRef>, Failure> {
    let zone = |which| Ok(ZoneRef::Zone(ZoneId::new(format!("Z-{number}-{which}"))?));
    which.iter().map(zone).collect()
}

/// An engine that knows so many wearers.
pub(crate) fn watching(
    wearers: u32,
    shared: &[PolicyChange],
    more: &[ZoneRef],
) -> Result<Engine, Failure> {
    let mut engine = Engine::new(RulesPolicy::default());
    let from = Timestamp::parse(NOON)?;
    let people = People::new();
    for change in shared {
        engine.handle_policy(change, from);
    }
    for number in 0..wearers {
        for change in people.one(number, more)? {
            engine.handle_policy(&change, from);
        }
    }
    while engine.poll_decision().is_some() {}
    Ok(engine)
}

/// How far north of home a wearer's own exclusion zones lie, in metres.
const EXCLUDED_NORTH_M: [f64; 2] = [3_000.0, -5_000.0];

/// Fixes of wearers at home, each some metres from the one before.
pub(crate) struct Fixes {
    /// Those with lower numbers are in a zone that they may not enter.
    pub(crate) breaching: u32,
    /// How far east of the last one a fix is, in metres: somebody who drives, and turns round every eight fixes.
    pub(crate) drive_m: f64,
    template: Reading,
    seqs: Vec<u64>,
    /// The time of the last fix.
    pub(crate) at: Timestamp,
    noon: Timestamp,
    count: u64,
}

impl Fixes {
    /// Of so many wearers, each of whom reports about once a minute.
    pub(crate) fn new(wearers: u32) -> Result<Self, Failure> {
        let template = serde_json::from_value(json!({
            "wearer": "W-0", "received_at": NOON, "device": "gps-0", "seq": 1,
            "t": NOON, "kind": "position", "lat": 52.8, "lon": -2.1, "acc": 8.0,
        }))?;
        Ok(Self {
            breaching: 0,
            drive_m: 0.0,
            template,
            seqs: vec![0; usize::try_from(wearers)?],
            at: Timestamp::parse(NOON)?,
            noon: Timestamp::parse(NOON)?,
            count: 0,
        })
    }

    /// The next fix, which is of that wearer.
    pub(crate) fn next(&mut self, number: u32) -> Result<Reading, Failure> {
        self.count += 1;
        // By the count, and not from one to the next: the time between two may be less than a millisecond.
        let after_ms = MINUTE_MS * self.count / u64::try_from(self.seqs.len())?;
        let after_ms = TimeDelta::milliseconds(i64::try_from(after_ms)?);
        self.at = self.noon.plus(after_ms);
        let seq = self
            .seqs
            .get_mut(usize::try_from(number)?)
            .ok_or("nobody")?;
        *seq += 1;
        let mut reading = self.template.clone();
        reading.wearer = WearerId::new(format!("W-{number}"))?;
        reading.report.device = DeviceId::new(format!("gps-{number}"))?;
        reading.report.observed_at.0 = self.at;
        reading.received_at = ReceivedAt(self.at);
        reading.report.seq = Some(*seq);
        if let ReadingBody::Position(position) = &mut reading.report.body {
            let (lat, lon) = home(number);
            let north_m = if number < self.breaching {
                EXCLUDED_NORTH_M[0]
            } else {
                0.0
            };
            let turn = f64::from(u32::try_from((*seq % 16).abs_diff(8))?);
            let aside = f64::from(u32::try_from(*seq % 8)?) * 1e-5;
            position.lat = lat + north_m / METRES_PER_DEGREE + aside;
            let narrow = METRES_PER_DEGREE * libm::cos(lat.to_radians());
            position.lon = lon + turn * self.drive_m / narrow;
        }
        Ok(reading)
    }
}

/// Fixes after which all is known of somebody who stays at home, and their trail is as long as it gets.
pub(crate) const UNTIL_SETTLED: u32 = 17;

/// Hands in so many fixes of everybody in turn, a few at a time.
pub(crate) fn settle(
    engine: &mut Engine,
    fixes: &mut Fixes,
    rounds: u32,
) -> Result<usize, Failure> {
    let wearers = u32::try_from(fixes.seqs.len())?;
    let mut decisions = 0;
    for _ in 0..rounds {
        for first in (0..wearers).step_by(SETTLED_AT_ONCE) {
            let last = wearers.min(first + u32::try_from(SETTLED_AT_ONCE)?);
            let readings = (first..last).map(|number| fixes.next(number));
            decisions += hand_in(engine, &readings.collect::<Result<Vec<_>, _>>()?);
        }
    }
    Ok(decisions)
}

const SETTLED_AT_ONCE: usize = 10_000;

/// Hands fixes in, and takes out what comes of them.
pub(crate) fn hand_in(engine: &mut Engine, readings: &[Reading]) -> usize {
    let mut decisions = 0;
    for reading in readings {
        black_box(engine.handle_reading(black_box(reading), reading.received_at.0));
        while let Some(decision) = engine.poll_decision() {
            black_box(decision);
            decisions += 1;
        }
    }
    decisions
}
