//! One wearer: who they are, where they live, what they must keep to.

mod abstinence;
mod battery;
mod check_ins;
mod curfew;
mod home_unit;
mod profile;
mod straps;
mod zone;

use chrono::TimeDelta;
use model::registry::{Activation, DeviceKind, Order, Place, Wearer};
use model::{
    ConditionId, DeviceId, IdError, Latitude, Longitude, Metres, OrderId, PartitionId, PlaceId,
    Timestamp, WearerId,
};
use serde_json::Value;

use crate::dice::{Dice, Stream};
use crate::life::script::Role;
use crate::tag::Link;
use crate::town::{Spot, node_near};
use crate::{Outage, PlannedBreach, WorldConfig};

pub(crate) use abstinence::OwnAbstinence;
pub(crate) use battery::Battery;
pub(crate) use check_ins::{OwnCheckIns, Response};
pub(crate) use curfew::OwnCurfew;
pub(crate) use home_unit::OwnHomeUnit;
pub(crate) use profile::{POLICE_FORCE, PROBATION_REGION};
pub(crate) use straps::Straps;
pub(crate) use zone::{OwnZone, feature};

/// Radius of a curfew address in metres: a house with its garden and the drift of indoor fixes.
pub(crate) const HOME_RADIUS_M: f64 = 50.0;

/// How long before the world's start orders and tags have been in force.
const IN_FORCE_SINCE: TimeDelta = TimeDelta::days(20);

/// How long orders last from the world's start.
const IN_FORCE_FOR: TimeDelta = TimeDelta::days(160);

/// Where homes may lie, in metres from the centre: inside the town with room for zones around.
const HOMES_WITHIN_M: f64 = 1_900.0;

/// A wearer and everything fixed about them.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) index: u64,
    pub(crate) role: Role,
    pub(crate) wearer: WearerId,
    pub(crate) device: DeviceId,
    pub(crate) partition: PartitionId,
    pub(crate) home: Spot,
    /// Places gone to: friends, shops, work first.
    pub(crate) haunts: Vec<Spot>,
    pub(crate) has_work: bool,
    pub(crate) zone: Option<OwnZone>,
    pub(crate) curfew: Option<OwnCurfew>,
    pub(crate) abstinence: Option<OwnAbstinence>,
    pub(crate) straps: Straps,
    pub(crate) battery: Battery,
    pub(crate) home_unit: Option<OwnHomeUnit>,
    pub(crate) check_ins: Option<OwnCheckIns>,
    pub(crate) cadence_s: u32,
    pub(crate) upload_s: u32,
    pub(crate) link: Link,
    order: OrderId,
    trail: ConditionId,
    started: Timestamp,
}

impl Person {
    /// The `index`-th wearer of a world.
    ///
    /// # Errors
    /// When an id is not one, which would be a mistake in this file.
    pub(crate) fn new(config: &WorldConfig, index: u64) -> Result<Self, IdError> {
        let mut dice = Dice::new(config.seed, Stream::Person, index, 0);
        let role = Role::of(index);
        let home = home(&mut dice);
        let zone = OwnZone::for_role(role, &mut dice, config, index, home)?;
        let haunts = haunts(&mut dice, home, zone.as_ref());
        let curfew = OwnCurfew::for_role(role, &mut dice, config, index)?;
        let (cadence_s, upload_s) = plan_of_tag(&mut dice, role);
        let cadence_s = config.tags.cadence_s.unwrap_or(cadence_s);
        let upload_s = config.tags.upload_s.unwrap_or(upload_s);
        let wearer = WearerId::new(format!("W-{:06}", index + 1))?;
        let has_work = dice.chance(0.6);
        let mut link = Link {
            seed: config.seed,
            index,
            start: config.start,
            interval_ms: i64::from(upload_s) * 1000,
            phase_ms: dice.whole(1_000, i64::from(upload_s) * 1000),
            losses: config.link,
            outages: outages(config, home),
        };
        // Another tag has a battery of its own.
        let abstinence = OwnAbstinence::new(config, index, &link)?;
        let battery = Battery::new(config, index);
        link.outages.extend(battery.silences());
        Ok(Self {
            index,
            role,
            device: DeviceId::new(format!("GPS-{:06}", index + 1))?,
            partition: PartitionId::of(&wearer, config.partitions),
            wearer,
            home,
            haunts,
            has_work,
            abstinence,
            straps: Straps::new(config, index),
            battery,
            check_ins: OwnCheckIns::new(config, index)?,
            home_unit: OwnHomeUnit::new(config, index, curfew.as_ref().map(|own| &own.place))?,
            zone,
            curfew,
            cadence_s,
            upload_s,
            link,
            order: OrderId::new(format!("O-{:06}", index + 1))?,
            trail: ConditionId::new(format!("C-{:06}-trail", index + 1))?,
            started: config.start,
        })
    }

    /// Where the `index`-th wearer of a world lives, without all else about them.
    pub(crate) fn home(seed: u64, index: u64) -> Spot {
        home(&mut Dice::new(seed, Stream::Person, index, 0))
    }

    /// The profile.
    pub(crate) fn wearer_record(&self, seed: u64) -> Wearer {
        let mut dice = Dice::new(seed, Stream::Person, self.index, 1);
        profile::wearer(&mut dice, self.wearer.clone(), self.index)
    }

    /// The order with its conditions.
    pub(crate) fn order_record(&self, seed: u64) -> Order {
        let mut dice = Dice::new(seed, Stream::Person, self.index, 2);
        let zone = self.zone.as_ref().map(OwnZone::condition_record);
        let curfew = self.curfew.as_ref().map(OwnCurfew::condition_record);
        let trail = profile::trail(self.trail.clone());
        let abstinence = self
            .abstinence
            .as_ref()
            .map(OwnAbstinence::condition_record);
        let check_ins = self.check_ins.as_ref().map(OwnCheckIns::condition_record);
        let duties = zone
            .into_iter()
            .chain(curfew)
            .chain(abstinence)
            .chain(check_ins);
        let conditions = duties.chain([trail]).collect();
        let mut order = profile::order(&mut dice, self.order.clone(), self.wearer.clone());
        order.from = self.started.minus(IN_FORCE_SINCE);
        order.to = Some(self.started.plus(IN_FORCE_FOR));
        order.conditions = conditions;
        order
    }

    /// The tags worn.
    pub(crate) fn activation_records(&self) -> Vec<Activation> {
        let from = self.started.minus(IN_FORCE_SINCE);
        let other = self.abstinence.as_ref();
        let other = other.map(|own| own.activation_record(self.wearer.clone(), from));
        let unit = self.home_unit.as_ref();
        let unit = unit.map(|own| own.activation_record(self.wearer.clone(), from));
        let phone = self.check_ins.as_ref();
        let phone = phone.map(|own| own.activation_record(self.wearer.clone(), from));
        let tag = Activation {
            device: self.device.clone(),
            kind: DeviceKind::Gps,
            wearer: self.wearer.clone(),
            from,
            to: None,
            cadence_s: self.cadence_s,
            upload_interval_s: self.upload_s,
            hmu_place: None,
        };
        std::iter::once(tag)
            .chain(other)
            .chain(unit)
            .chain(phone)
            .collect()
    }

    /// What must be told of their drinking, their strap and their battery, and what may be.
    pub(crate) fn device_breaches(&self, config: &WorldConfig) -> Vec<PlannedBreach> {
        let own = self.abstinence.as_ref();
        let mut found = own.map_or_else(Vec::new, |own| own.breaches(&self.wearer, config));
        found.extend(self.straps.breaches(&self.wearer, &self.link, config));
        found.extend(self.battery.breaches(&self.wearer, &self.link, config));
        found
    }

    /// The curfew address, where there is a curfew.
    pub(crate) fn place_record(&self) -> Option<Place> {
        let curfew = self.curfew.as_ref()?;
        place(curfew.place.clone(), self.home)
    }

    /// The zones, as GeoJSON features.
    pub(crate) fn features(&self) -> Vec<Value> {
        self.zone.iter().map(OwnZone::feature).collect()
    }
}

/// The first that is drawn of a wearer.
fn home(dice: &mut Dice) -> Spot {
    somewhere(dice, HOMES_WITHIN_M)
}

/// When the cell of a home is down.
fn outages(config: &WorldConfig, home: Spot) -> Vec<(Timestamp, Timestamp)> {
    let covers = |outage: &&Outage| {
        Spot::new(outage.east_m, outage.north_m).distance(home) <= outage.radius_m
    };
    let down = config.outages.iter().filter(covers);
    down.map(|outage| (outage.from, outage.to)).collect()
}

fn place(id: PlaceId, spot: Spot) -> Option<Place> {
    let (lat, lon) = spot.degrees();
    Some(Place {
        id,
        lat: Latitude::new(lat).ok()?,
        lon: Longitude::new(lon).ok()?,
        radius_m: Metres(HOME_RADIUS_M),
    })
}

/// A building near a crossing, near enough for the crossing to count as home: whoever then walks
/// along a street moves away from home for good. It lies `within` metres from the centre each way.
pub(crate) fn somewhere(dice: &mut Dice, within: f64) -> Spot {
    let corner = node_near(Spot::new(
        dice.between(-within, within),
        dice.between(-within, within),
    ));
    let aside = Spot::new(dice.between(15.0, 30.0), dice.between(15.0, 30.0));
    Spot::new(corner.x + aside.x, corner.y + aside.y)
}

/// Places to go to: at least 400 m from home, so that being there is being away, and 250 m from the
/// zone, so that being there is no story.
fn haunts(dice: &mut Dice, home: Spot, zone: Option<&OwnZone>) -> Vec<Spot> {
    let fits = |spot: &Spot| {
        let away = spot.distance(home);
        (400.0..2_500.0).contains(&away) && zone.is_none_or(|zone| zone.area.depth(*spot) < -250.0)
    };
    let tries = 400;
    let found = (0..tries).map(|_| somewhere(dice, HOMES_WITHIN_M + 500.0));
    found.filter(fits).take(4).collect()
}

/// Seconds between fixes and between uploads. One fix a minute is the plan of tags in England and
/// Wales (one fix a minute while moving); the faster ones, and the mix of upload intervals, are
/// invented. Those with a part in the first hours upload often enough for it to fit in.
fn plan_of_tag(dice: &mut Dice, role: Role) -> (u32, u32) {
    let cadence = match dice.whole(0, 9) {
        0 => 15,
        1 | 2 => 30,
        _ => 60,
    };
    let upload = match (role.is_timed(), dice.whole(0, 9)) {
        (true, _) | (false, 0..=5) => 60,
        (false, 9) => 600,
        (false, _) => 300,
    };
    (cadence, upload)
}
