//! Wearers as there are many of, and what their tags send on an uneventful day: they are at home, keep
//! to a curfew, and have zones of their own some way off.

use std::f64::consts::TAU;
use std::num::NonZeroU16;

use chrono::{SubsecRound, TimeDelta, Utc};
use model::{
    DeviceEvent, DeviceId, DeviceReading, EventCode, FixSource, Metres, ObservedAt, PartitionId,
    Position, ReadingBody, ReadingKind, Timestamp, WearerId,
};
use serde_json::{Value, json};
use simulator::Upload;
use wire::topic::NativeTopic;

/// Corners of a zone as people draw them.
const CORNERS: u32 = 32;

/// The middle of the county.
const MIDDLE: (f64, f64) = (52.8, -2.1);

/// A degree of latitude in metres, near enough to place things.
const METRES_PER_DEGREE: f64 = 111_250.0;

/// How far homes are spread, north and east, in metres.
const COUNTY_M: f64 = 60_000.0;

/// Seconds between two fixes: the plan of tags in England and Wales.
const CADENCE_S: u32 = 60;

/// How long before its first fix a wearer's order and tag are in force.
const IN_FORCE: TimeDelta = TimeDelta::hours(1);

/// Everybody of an installation, and what their tags have sent.
#[derive(Debug, Clone)]
pub(crate) struct County {
    wearers: usize,
    partitions: NonZeroU16,
    /// When the first fix of everybody is observed.
    first: Timestamp,
    /// Fixes that each has sent.
    sent: u64,
}

/// Messages to be drained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) messages: usize,
    /// Fixes in each.
    pub(crate) batch: usize,
}

/// A wearer and their tag.
#[derive(Debug, Clone)]
pub(crate) struct Wearer {
    device: DeviceId,
    partition: PartitionId,
    home: (f64, f64),
}

impl Amount {
    pub(crate) const fn readings(self) -> usize {
        self.messages * self.batch
    }
}

impl County {
    /// One whose tags are going to send so many of these amounts, the last fix just now.
    pub(crate) fn new(
        wearers: usize,
        partitions: NonZeroU16,
        (amount, times): (Amount, usize),
    ) -> anyhow::Result<Self> {
        let now = Timestamp::from_chrono(Utc::now().trunc_subsecs(0))?;
        let each = amount.messages.div_ceil(wearers) * amount.batch * times;
        let first = now.minus(TimeDelta::seconds(i64::from(CADENCE_S)) * i32::try_from(each)?);
        Ok(Self {
            wearers,
            partitions,
            first,
            sent: 0,
        })
    }

    /// What is registered.
    pub(crate) fn registry(&self) -> String {
        let numbers = || 0..self.wearers;
        let each = |make: &dyn Fn(usize) -> Value| numbers().map(make).collect::<Vec<Value>>();
        let since = self.first.minus(IN_FORCE).to_string();
        json!({
            "wearers": each(&|n| json!({
                "id": format!("W-{n}"), "name": format!("Invented Person {n}"),
                "police_force": "staffordshire", "probation_region": "west-midlands"
            })),
            "activations": each(&|n| json!({
                "device": device(n), "kind": "gps", "wearer": format!("W-{n}"), "from": since,
                "cadence_s": CADENCE_S, "upload_interval_s": CADENCE_S
            })),
            "places": each(&|n| {
                let (lat, lon) = home(n);
                json!({"id": format!("P-{n}"), "lat": lat, "lon": lon, "radius_m": 60.0})
            }),
            "orders": each(&|n| order(n, &since)),
            "zones": self.zones()
        })
        .to_string()
    }

    fn wearer(&self, number: usize) -> anyhow::Result<Wearer> {
        let wearer = WearerId::new(format!("W-{number}"))?;
        Ok(Wearer {
            device: DeviceId::new(device(number))?,
            partition: PartitionId::of(&wearer, self.partitions),
            home: home(number),
        })
    }

    /// What the tags send next, as they send it.
    pub(crate) fn send(
        &mut self,
        amount: Amount,
    ) -> anyhow::Result<impl Iterator<Item = (String, Vec<u8>)> + Send + 'static> {
        let uploads = self.upload(amount)?;
        Ok(uploads.map(|(topic, readings)| (topic.to_string(), wire::encode(&readings))))
    }

    /// What the tags send next: everybody's in turn, a minute between two fixes of a wearer.
    pub(crate) fn upload(
        &mut self,
        amount: Amount,
    ) -> anyhow::Result<impl Iterator<Item = (NativeTopic, Vec<DeviceReading>)> + Send + 'static>
    {
        let wearers = self.everybody()?;
        let Amount { messages, batch } = amount;
        let (first, sent) = (self.first, self.sent);
        let rounds = messages.div_ceil(self.wearers) * batch;
        self.sent += u64::try_from(rounds)?;
        Ok((0..messages).filter_map(move |number| {
            let wearer = wearers.get(number % wearers.len())?;
            let done = sent + u64::try_from(number / wearers.len() * batch).ok()?;
            let readings: Vec<DeviceReading> = (done..)
                .take(batch)
                .filter_map(|nth| wearer.fix(nth, first))
                .collect();
            Some((wearer.topic(ReadingKind::Position), readings))
        }))
    }

    /// Everybody.
    pub(crate) fn everybody(&self) -> anyhow::Result<Vec<Wearer>> {
        (0..self.wearers)
            .map(|number| self.wearer(number))
            .collect()
    }

    /// Everybody's zones.
    fn zones(&self) -> Value {
        let features: Vec<Value> = (0..self.wearers).flat_map(features).collect();
        json!({"type": "FeatureCollection", "features": features})
    }
}

impl Wearer {
    fn topic(&self, kind: ReadingKind) -> NativeTopic {
        NativeTopic {
            partition: self.partition,
            device: self.device.clone(),
            kind,
        }
    }

    /// The nth fix, a minute after the one before.
    fn fix(&self, nth: u64, first: Timestamp) -> Option<DeviceReading> {
        let seconds = i64::try_from(nth).ok()? * i64::from(CADENCE_S);
        Some(self.fix_at(nth + 1, first.plus(TimeDelta::seconds(seconds))))
    }

    /// A fix at home, as good as they usually are, a few metres beside the last.
    fn fix_at(&self, seq: u64, at: Timestamp) -> DeviceReading {
        let (lat, lon) = self.home;
        let aside_m = u8::try_from(seq % 16).map_or(0.0, f64::from);
        self.reading(
            (seq, at),
            ReadingBody::Position(Position {
                lat: lat + aside_m / METRES_PER_DEGREE,
                lon,
                acc: Some(Metres(8.5)),
                sat: Some(9),
                hdop: Some(1.1),
                speed: None,
                course: None,
                src: FixSource::Gps,
            }),
        )
    }

    fn reading(&self, (seq, at): (u64, Timestamp), body: ReadingBody) -> DeviceReading {
        DeviceReading {
            device: self.device.clone(),
            seq: Some(seq),
            observed_at: ObservedAt(at),
            recorded_at: None,
            body,
        }
    }

    /// A message with so many fixes, the first observed then, `apart` from one another, numbered from
    /// `seq` on.
    pub(crate) fn fixes(
        &self,
        (seq, from): (u64, Timestamp),
        (count, apart): (u32, TimeDelta),
    ) -> Upload {
        let one = |nth: u32| {
            let at = from.plus(apart * i32::try_from(nth).unwrap_or(0));
            self.fix_at(seq + u64::from(nth), at)
        };
        let readings: Vec<DeviceReading> = (0..count).map(one).collect();
        self.upload(ReadingKind::Position, &readings)
    }

    /// A message that the strap is cut.
    pub(crate) fn strap_cut(&self, seq: u64, at: Timestamp) -> Upload {
        let (code, pct) = (EventCode::StrapCut, None);
        let event = ReadingBody::Event(DeviceEvent { code, pct });
        self.upload(ReadingKind::Event, &[self.reading((seq, at), event)])
    }

    fn upload(&self, kind: ReadingKind, readings: &[DeviceReading]) -> Upload {
        Upload {
            at: Timestamp::default(),
            topic: self.topic(kind).to_string(),
            payload: wire::encode(readings),
            readings: readings.len(),
        }
    }
}

fn device(number: usize) -> String {
    format!("GPS-{number}")
}

fn order(number: usize, since: &str) -> Value {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    json!({
        "id": format!("O-{number}"), "version": 1, "wearer": format!("W-{number}"), "type": "POST_RELEASE",
        "responsible_organisation": "PROBATION", "from": since,
        "conditions": [
            {"id": format!("C-{number}-1"), "kind": "exclusion_zone",
             "zones": [format!("Z-{number}-1"), format!("Z-{number}-2")]},
            {"id": format!("C-{number}-2"), "kind": "inclusion_zone", "zones": [format!("Z-{number}-3")]},
            {"id": format!("C-{number}-3"), "kind": "curfew", "place": format!("P-{number}"),
             "windows": [{"days": days, "start": "19:00", "end": "07:00"}]},
        ]
    })
}

/// Two exclusion zones some kilometres off, and an inclusion zone around.
fn features(number: usize) -> impl Iterator<Item = Value> {
    let inclusion = zone(number, 3, (2_500.0, 8_000.0));
    exclusion_zones(number).chain([inclusion])
}

/// The exclusion zones of one wearer, as GeoJSON.
pub(crate) fn exclusion_zones(number: usize) -> impl Iterator<Item = Value> {
    let areas = [(1, (3_000.0, 300.0)), (2, (-5_000.0, 300.0))];
    areas
        .into_iter()
        .map(move |(which, area)| zone(number, which, area))
}

/// A zone so far north of a wearer's home, of such a radius, both in metres.
fn zone(number: usize, which: u32, (north_m, radius_m): (f64, f64)) -> Value {
    let (lat, lon) = home(number);
    let middle = (lat + north_m / METRES_PER_DEGREE, lon);
    json!({
        "type": "Feature", "id": format!("Z-{number}-{which}"),
        "properties": {"name": format!("Zone {which} of {number}")},
        "geometry": {"type": "Polygon", "coordinates": [outline(middle, radius_m)]}
    })
}

/// As jagged as boundaries of streets are: every other corner lies further in.
fn outline((lat, lon): (f64, f64), radius_m: f64) -> Vec<(f64, f64)> {
    let narrow = METRES_PER_DEGREE * lat.to_radians().cos();
    let corner = |step: u32| {
        let angle = TAU * f64::from(step % CORNERS) / f64::from(CORNERS);
        let radius = radius_m * if step.is_multiple_of(2) { 1.0 } else { 0.9 };
        (
            lon + radius * angle.cos() / narrow,
            lat + radius * angle.sin() / METRES_PER_DEGREE,
        )
    };
    (0..=CORNERS).map(corner).collect()
}

/// Spread over the county by the golden ratio, so that neighbours by number are far apart.
fn home(number: usize) -> (f64, f64) {
    let number = f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let turn = |stride: f64| (number * stride).fract() - 0.5;
    spot(turn(0.618_033_988_75), turn(0.754_877_666_25))
}

/// Latitude and longitude of a place, by the share of the county's width that it lies north and east of
/// the middle.
pub(crate) fn spot(north: f64, east: f64) -> (f64, f64) {
    (
        MIDDLE.0 + north * COUNTY_M / METRES_PER_DEGREE,
        MIDDLE.1 + east * COUNTY_M / (METRES_PER_DEGREE * MIDDLE.0.to_radians().cos()),
    )
}
