//! The first hours: who does what, so that a short run sees something of everything.
//!
//! Parts are dealt by the wearer's number, not by chance: every seed has them all. With sixty
//! wearers fifteen breaches are due within the first 45 minutes, but for nights on which the clocks
//! change.

use chrono::TimeDelta;
use model::Timestamp;

use super::errand::Errand;
use super::trip::Pace;
use super::{breach, decoy};
use crate::WorldConfig;
use crate::civil::{self, Window};
use crate::dice::Dice;
use crate::person::Person;

/// How long the script lasts: nothing else is planned before.
pub(crate) const FIRST_HOURS: TimeDelta = TimeDelta::hours(4);

/// A wearer's part in the first hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Breach: walks into the exclusion zone.
    WalkIn,
    /// Breach: is out when a curfew starts.
    OutLate,
    /// Breach: drives into the exclusion zone.
    DriveIn,
    /// Breach: leaves home during a curfew.
    LeaveHome,
    /// Breach: is away for the whole of a short curfew.
    StayAway,
    /// Decoy: walks past the zone.
    PassBy,
    /// Decoy: stands near the zone.
    StandNear,
    /// Decoy: comes home shortly before a curfew.
    HomeInTime,
    /// Decoy: is in the zone outside its hours.
    OffHours,
    /// Lives an ordinary day.
    Ordinary,
}

impl Role {
    /// The part of the `index`-th wearer: nine in twenty have one.
    pub(crate) const fn of(index: u64) -> Self {
        match index % 20 {
            0 => Self::WalkIn,
            1 => Self::OutLate,
            2 => Self::DriveIn,
            3 => Self::LeaveHome,
            4 => Self::StayAway,
            5 => Self::PassBy,
            6 => Self::StandNear,
            7 => Self::HomeInTime,
            8 => Self::OffHours,
            _ => Self::Ordinary,
        }
    }

    /// Whether its breach is to be due within the first 45 minutes.
    pub(crate) const fn is_timed(self) -> bool {
        matches!(
            self,
            Self::WalkIn | Self::OutLate | Self::DriveIn | Self::LeaveHome | Self::StayAway
        )
    }

    /// Whether it goes out in the first hours, curfew or not.
    pub(crate) const fn goes_out_first(self) -> bool {
        !matches!(self, Self::Ordinary)
    }

    /// Whether it needs an exclusion zone.
    pub(crate) const fn needs_zone(self) -> bool {
        matches!(
            self,
            Self::WalkIn | Self::DriveIn | Self::PassBy | Self::StandNear | Self::OffHours
        )
    }
}

/// The curfew a part needs, as the instants between which it holds on the first day.
pub(crate) fn curfew_around_start(
    role: Role,
    dice: &mut Dice,
    start: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let soon = |low, high, dice: &mut Dice| {
        civil::on_five_minutes(start.plus(TimeDelta::minutes(dice.whole(low, high))))
    };
    match role {
        Role::OutLate => {
            let from = soon(6, 9, dice);
            Some((from, from.plus(TimeDelta::hours(3))))
        }
        Role::StayAway => {
            let from = soon(6, 9, dice);
            Some((from, from.plus(TimeDelta::minutes(30))))
        }
        Role::LeaveHome => {
            let from = civil::on_five_minutes(start.minus(TimeDelta::hours(2)));
            Some((from, from.plus(TimeDelta::hours(6))))
        }
        Role::HomeInTime => {
            let from = soon(30, 40, dice);
            Some((from, from.plus(TimeDelta::hours(3))))
        }
        Role::WalkIn
        | Role::DriveIn
        | Role::PassBy
        | Role::StandNear
        | Role::OffHours
        | Role::Ordinary => None,
    }
}

/// What a wearer does first, by their part.
pub(crate) fn first_errand(
    person: &Person,
    dice: &mut Dice,
    config: &WorldConfig,
) -> Option<Errand> {
    let after = |minutes: i64| config.start.plus(TimeDelta::minutes(minutes));
    let (before, soon, later) = (
        after(-40),
        after(dice.whole(5, 9)),
        after(dice.whole(5, 15)),
    );
    let window = || first_window(person, config.start);
    match person.role {
        Role::WalkIn => breach::trespass(person, dice, after(2), Pace::Walk),
        Role::DriveIn => breach::trespass(person, dice, later, Pace::Drive),
        Role::OutLate => breach::out_late(person, dice, before, window()?),
        Role::LeaveHome => breach::leave_during(person, dice, soon, window()?),
        Role::StayAway => breach::stay_away(person, dice, before, window()?),
        Role::PassBy => decoy::pass_by(person, dice, soon),
        Role::StandNear => decoy::stand_near(person, dice, soon),
        Role::HomeInTime => decoy::home_in_time(person, dice, before, window()?),
        Role::OffHours => decoy::off_hours(person, dice, soon),
        Role::Ordinary => None,
    }
}

/// The curfew of the first hour, unless the clocks make it ambiguous.
fn first_window(person: &Person, start: Timestamp) -> Option<Window> {
    let soon = start.plus(TimeDelta::hours(1));
    let windows = person.curfew.as_ref()?.around(start, soon);
    windows
        .into_iter()
        .find(|window| window.plain && window.meets(start, soon))
}
