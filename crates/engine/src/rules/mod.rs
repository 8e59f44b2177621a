//! The rules, one file a rule. A rule sees one condition of one wearer: its plan, its own state,
//! and the [`Scene`]. It knows nothing of other conditions, of timers' queues or of the world.

mod alcohol;
mod attendance;
mod calm;
mod charge;
mod check_in;
mod contact;
mod curfew;
mod device;
mod fault;
mod intake;
mod missing;
mod monitoring;
mod presence;
mod scene;
mod stray;
mod zone;

use model::Timestamp;
use model::registry::{Condition, Duty, Order};
use serde::{Deserialize, Serialize};

pub(crate) use alcohol::AlcoholRule;
pub(crate) use attendance::AttendanceRule;
pub(crate) use calm::Calm;
pub(crate) use charge::Charges;
pub(crate) use check_in::CheckInRule;
pub(crate) use contact::Contacts;
pub(crate) use curfew::CurfewRule;
pub(crate) use device::Troubles;
pub(crate) use fault::{FaultDesk, Faults};
pub(crate) use intake::Gap;
pub(crate) use monitoring::Monitoring;
pub(crate) use scene::{Scene, seconds};
pub(crate) use stray::Strays;
pub(crate) use zone::ZoneRule;

use crate::TimerReason;
use crate::atlas::Atlas;
use crate::trail::{Fix, Step};
use crate::windows::Span;

/// The state of one condition under its rule.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Rule {
    Zone(Box<ZoneRule>),
    Curfew(Box<CurfewRule>),
    Attendance(Box<AttendanceRule>),
    CheckIn(Box<CheckInRule>),
    Alcohol(Box<AlcoholRule>),
    /// A duty without a rule yet.
    None,
}

impl Rule {
    /// The state in which a duty begins to be watched at `now`.
    pub(crate) fn new(duty: &Duty, now: Timestamp) -> Self {
        match duty {
            Duty::ExclusionZone { .. }
            | Duty::InclusionZone { .. }
            | Duty::RestrictionZone { .. } => Self::Zone(Box::default()),
            Duty::Curfew { place, .. } => {
                Self::Curfew(Box::new(CurfewRule::new(place.clone(), now)))
            }
            Duty::Attendance { place, .. } => {
                Self::Attendance(Box::new(AttendanceRule::new(place.clone(), now)))
            }
            Duty::CheckIn { .. } => Self::CheckIn(Box::new(CheckInRule::new(now))),
            Duty::AlcoholAbstinence | Duty::AlcoholLimit { .. } => {
                Self::Alcohol(Box::new(AlcoholRule::new(now)))
            }
            Duty::Trail => Self::None,
        }
    }

    /// Lays the plan of `condition` under the state, which stays as it is. False when the state is
    /// another rule's.
    pub(crate) fn equip(&mut self, plan: &Planning<'_>) -> bool {
        match (&mut *self, &plan.condition.duty) {
            (
                Self::Zone(rule),
                Duty::ExclusionZone { zones, schedule }
                | Duty::InclusionZone { zones, schedule }
                | Duty::RestrictionZone { zones, schedule },
            ) => rule.equip(plan, zones, schedule),
            (
                Self::Curfew(rule),
                Duty::Curfew {
                    place,
                    windows,
                    release_day,
                },
            ) => {
                rule.equip(plan, place, windows, *release_day);
                true
            }
            (
                Self::Attendance(rule),
                Duty::Attendance {
                    place,
                    appointments,
                },
            ) => {
                rule.equip(plan, place, appointments);
                true
            }
            (Self::CheckIn(rule), Duty::CheckIn { .. }) => {
                rule.equip(plan);
                true
            }
            (Self::Alcohol(rule), Duty::AlcoholAbstinence | Duty::AlcoholLimit { .. }) => {
                rule.equip(plan);
                true
            }
            (
                Self::Zone(_)
                | Self::Curfew(_)
                | Self::Attendance(_)
                | Self::CheckIn(_)
                | Self::Alcohol(_),
                _,
            ) => false,
            (Self::None, _) => matches!(
                Self::new(&plan.condition.duty, Timestamp::default()),
                Self::None
            ),
        }
    }

    /// Reconsiders the state after its plan has changed.
    pub(crate) fn reconsider(&mut self, scene: &mut Scene<'_>) {
        match self {
            Self::Zone(rule) => rule.reconsider(scene),
            Self::Curfew(rule) => rule.reconsider(scene),
            Self::Attendance(rule) => rule.reconsider(scene),
            Self::CheckIn(rule) => rule.reconsider(scene),
            Self::Alcohol(rule) => rule.reconsider(scene),
            Self::None => {}
        }
    }

    /// Takes a fix as evidence.
    pub(crate) fn on_fix(&mut self, step: &Step, scene: &mut Scene<'_>) {
        match self {
            Self::Zone(rule) => rule.on_fix(step, scene),
            Self::Curfew(rule) => rule.on_fix(step, scene),
            Self::Attendance(rule) => rule.on_fix(step, scene),
            Self::CheckIn(_) | Self::Alcohol(_) | Self::None => {}
        }
    }

    /// Where and until when further fixes say nothing new, `fix` being the newest; nothing where they may.
    pub(crate) fn calm(&mut self, fix: &Fix, scene: &Scene<'_>) -> Option<Calm> {
        match self {
            Self::Zone(rule) => rule.calm(),
            Self::Curfew(rule) => rule.calm(fix, scene),
            Self::Attendance(rule) => rule.calm(fix),
            Self::CheckIn(_) | Self::Alcohol(_) | Self::None => Some(Calm::ALWAYS),
        }
    }

    /// Takes in that fixes have said nothing new up to the one observed at `last`.
    pub(crate) fn catch_up(&mut self, last: Timestamp, scene: &mut Scene<'_>) {
        match self {
            Self::Zone(rule) => rule.catch_up(last),
            Self::Curfew(rule) => rule.catch_up(last, scene),
            Self::Attendance(rule) => rule.catch_up(last, scene),
            Self::CheckIn(_) | Self::Alcohol(_) | Self::None => {}
        }
    }

    /// The rule about alcohol, if it is one.
    pub(crate) fn alcohol(&mut self) -> Option<&mut AlcoholRule> {
        match self {
            Self::Alcohol(rule) => Some(rule),
            Self::Zone(_)
            | Self::Curfew(_)
            | Self::Attendance(_)
            | Self::CheckIn(_)
            | Self::None => None,
        }
    }

    /// Takes over from the state in force, that of the same condition, what hangs on when things
    /// arrived and not on what readings show.
    pub(crate) fn keep_unheard(&mut self, live: Self) {
        match (self, live) {
            (Self::Zone(rule), Self::Zone(live)) => rule.keep_unheard(*live),
            (Self::Curfew(rule), Self::Curfew(live)) => rule.keep_unheard(*live),
            (Self::Attendance(rule), Self::Attendance(live)) => rule.keep_unheard(*live),
            (Self::Alcohol(rule), Self::Alcohol(live)) => rule.keep_unheard(*live),
            (Self::CheckIn(rule), Self::CheckIn(live)) => *rule = live,
            (
                Self::Zone(_)
                | Self::Curfew(_)
                | Self::Attendance(_)
                | Self::Alcohol(_)
                | Self::CheckIn(_)
                | Self::None,
                _,
            ) => {}
        }
    }

    /// The rule about a curfew, if it is one.
    pub(crate) fn curfew(&mut self) -> Option<&mut CurfewRule> {
        match self {
            Self::Curfew(rule) => Some(rule),
            Self::Zone(_)
            | Self::Attendance(_)
            | Self::CheckIn(_)
            | Self::Alcohol(_)
            | Self::None => None,
        }
    }

    /// Does what is due.
    pub(crate) fn on_time(&mut self, scene: &mut Scene<'_>) {
        match self {
            Self::Zone(rule) => rule.on_time(scene),
            Self::Curfew(rule) => rule.on_time(scene),
            Self::Attendance(rule) => rule.on_time(scene),
            Self::CheckIn(rule) => rule.on_time(scene),
            Self::Alcohol(rule) => rule.on_time(scene),
            Self::None => {}
        }
    }

    /// When something is due next.
    pub(crate) fn deadline(&self) -> Option<(Timestamp, TimerReason)> {
        match self {
            Self::Zone(rule) => rule.deadline(),
            Self::Curfew(rule) => rule.deadline(),
            Self::Attendance(rule) => rule.deadline(),
            Self::CheckIn(rule) => rule.deadline(),
            Self::Alcohol(rule) => rule.deadline(),
            Self::None => None,
        }
    }

    /// Ends what is open, because the condition is no more.
    pub(crate) fn close(&mut self, note: &str, scene: &mut Scene<'_>) {
        match self {
            Self::Zone(rule) => rule.close(note, scene),
            Self::Curfew(rule) => rule.close(note, scene),
            Self::Attendance(rule) => rule.close(note, scene),
            Self::CheckIn(rule) => rule.close(note, scene),
            Self::Alcohol(rule) => rule.close(note, scene),
            Self::None => {}
        }
    }
}

/// What a rule's plan is made from.
#[derive(Debug, Clone)]
pub(crate) struct Planning<'a> {
    pub(crate) atlas: &'a Atlas,
    pub(crate) order: &'a Order,
    pub(crate) condition: &'a Condition,
    /// When it is not demanded: authorised absences from this condition, and when its order is suspended.
    pub(crate) lifted: Vec<Span>,
}

impl Planning<'_> {
    /// The order's start and end, and the condition's own within them.
    pub(crate) fn bounds(&self) -> Span {
        bounds(self.order, self.condition)
    }
}

/// When an order is suspended.
pub(crate) fn suspensions(order: &Order) -> impl Iterator<Item = Span> {
    order.suspensions.iter().map(|suspension| Span {
        start: suspension.from,
        end: suspension.to.unwrap_or(Timestamp::MAX),
    })
}

/// The order's start and end, and the condition's own within them.
fn bounds(order: &Order, condition: &Condition) -> Span {
    let order = Span {
        start: order.from,
        end: order.to.unwrap_or(Timestamp::MAX),
    };
    let condition = Span {
        start: condition.from.unwrap_or_default(),
        end: condition.to.unwrap_or(Timestamp::MAX),
    };
    order.within(&condition)
}
