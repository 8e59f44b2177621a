//! Invented people: names, flags, orders. Any likeness is chance.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Europe::London;
use model::registry::{
    Condition, Duty, Identifiers, Mappa, NotifyingOrganisation, Order, OrderType,
    ResponsibleOrganisation, Wearer,
};
use model::{ConditionId, OrderId, Timestamp, WearerId};

use crate::dice::Dice;

/// The police force of everybody in the town, as its queue is named.
pub(crate) const POLICE_FORCE: &str = "staffordshire";

/// The probation region of everybody in the town, as its queue is named.
pub(crate) const PROBATION_REGION: &str = "west-midlands";

const FIRST: [&str; 16] = [
    "Arlo", "Bex", "Corin", "Dorrit", "Ebbe", "Fenn", "Gale", "Hester", "Ivo", "Jory", "Kit",
    "Linnet", "Merrin", "Nye", "Orla", "Perran",
];
const LAST: [&str; 16] = [
    "Ashdown",
    "Brackwater",
    "Copsley",
    "Dunmore",
    "Elmhirst",
    "Farrowby",
    "Gorsedale",
    "Hollinbeck",
    "Inkpen",
    "Jessamy",
    "Kestrell",
    "Loxwood",
    "Marchbanks",
    "Netherby",
    "Oakenshaw",
    "Pendlebrook",
];

/// A profile: MAPPA for one in six, and the flags that routing may ask for here and there.
pub(super) fn wearer(dice: &mut Dice, id: WearerId, index: u64) -> Wearer {
    let first = dice.pick(&FIRST).copied().unwrap_or_default();
    let last = dice.pick(&LAST).copied().unwrap_or_default();
    let born = i32::try_from(dice.whole(1958, 2006)).unwrap_or(1990);
    let day = u32::try_from(dice.whole(1, 365)).unwrap_or(1);
    let mappa = dice.chance(1.0 / 6.0).then(|| Mappa {
        category: small(dice.whole(1, 3)),
        level: small(dice.whole(1, 3)),
    });
    let chances = [("iom", 0.1), ("domestic-abuse", 0.12), ("high-risk", 0.1)];
    let flags: BTreeSet<String> = chances
        .into_iter()
        .filter(|(_, probability)| dice.chance(*probability))
        .map(|(flag, _)| flag.to_owned())
        .collect();
    Wearer {
        id,
        name: Some(format!("{first} {last}")),
        date_of_birth: NaiveDate::from_yo_opt(born, day),
        identifiers: Identifiers {
            delius_id: Some(format!("X{:06}", index + 1)),
            ..Identifiers::default()
        },
        mappa,
        police_force: Some(POLICE_FORCE.to_owned()),
        probation_region: Some(PROBATION_REGION.to_owned()),
        flags,
    }
}

/// An order of a usual type; its conditions and dates are the caller's.
pub(super) fn order(dice: &mut Dice, id: OrderId, wearer: WearerId) -> Order {
    use NotifyingOrganisation as From;
    use ResponsibleOrganisation as By;
    let kinds = [
        (OrderType::PostRelease, true, By::Probation, From::Prison),
        (OrderType::PostRelease, false, By::Probation, From::Prison),
        (
            OrderType::Community,
            false,
            By::Probation,
            From::MagistratesCourt,
        ),
        (
            OrderType::Community,
            false,
            By::FieldMonitoringService,
            From::CrownCourt,
        ),
        (OrderType::Bail, false, By::Police, From::MagistratesCourt),
    ];
    let other = (OrderType::Bail, false, By::Police, From::CrownCourt);
    let (order_type, hdc, responsible, notifying) = dice.pick(&kinds).copied().unwrap_or(other);
    Order {
        id,
        version: 1,
        wearer,
        order_type,
        hdc,
        responsible_organisation: Some(responsible),
        notifying_organisation: Some(notifying),
        from: Timestamp::default(),
        to: None,
        suspensions: Vec::new(),
        time_zone: London,
        conditions: Vec::new(),
    }
}

/// The condition that keeps the trail.
pub(super) const fn trail(id: ConditionId) -> Condition {
    Condition {
        id,
        from: None,
        to: None,
        duty: Duty::Trail,
    }
}

fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or(1)
}
