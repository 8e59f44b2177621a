//! A wearer's diary: day after day, which errands come about, and which of them are breaches.

use chrono::{Days, NaiveDate, TimeDelta};
use model::{DecisionKind, Timestamp};

use super::errand::{Errand, Fault};
use super::trip::Pace;
use super::{breach, decoy, ordinary, script};
use crate::civil::{self, Window};
use crate::dice::{Dice, Stream};
use crate::person::{HOME_RADIUS_M, Person};
use crate::{PlannedBreach, WorldConfig};

/// Between two errands one is at home at least this long, so that each is a story of its own.
const BETWEEN_ERRANDS: TimeDelta = TimeDelta::minutes(25);

/// Those who mean to be home for a curfew are, this long before it starts, and stay as long after.
const CURFEW_MARGIN: TimeDelta = TimeDelta::minutes(6);

/// Within this time of a zone's edge being crossed the police must know (NIJ Standard 1004.00
/// §5.3.5, second-hand); a fix must have told by then.
const ZONE_BOUND: TimeDelta = TimeDelta::minutes(4);

/// Grace before an absence counts: the service's 15 minutes are unconfirmed, and its default.
const GRACE: TimeDelta = TimeDelta::minutes(15);

/// A tag at rest may take this long until its next fix.
const REST_BOUND: TimeDelta = TimeDelta::seconds(crate::tag::REST_CADENCE_S as i64);

/// The days of one wearer, in order.
#[derive(Debug, Clone)]
pub(crate) struct Diary {
    date: NaiveDate,
    day: u64,
    busy_until: Timestamp,
    breaches: u32,
}

/// One day: errands in order, and the breaches among them.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) errands: Vec<Errand>,
    pub(crate) breaches: Vec<PlannedBreach>,
}

impl Diary {
    /// From the local date of the world's start.
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self {
            date: civil::date_of(config.start),
            day: 0,
            busy_until: Timestamp::default(),
            breaches: 0,
        }
    }

    /// The first instant of the next page.
    pub(crate) fn written_until(&self) -> Timestamp {
        if self.day == 0 {
            // The first errand may have begun before the world.
            return Timestamp::default();
        }
        civil::instant(self.date, 0)
    }

    /// How many pages are written.
    pub(crate) const fn days(&self) -> u64 {
        self.day
    }

    /// Writes the next day.
    pub(crate) fn next_page(&mut self, person: &Person, config: &WorldConfig) -> Page {
        let mut dice = Dice::new(config.seed, Stream::Day, person.index, self.day);
        let mut page = Page {
            errands: Vec::new(),
            breaches: Vec::new(),
        };
        if self.day == 0 {
            let first = script::first_errand(person, &mut dice, config);
            self.enter(&mut page, person, config, first);
        }
        let not_before = config.start.plus(script::FIRST_HOURS);
        let special = self.special(person, config, &mut dice);
        let special = special.filter(|errand| errand.start() >= not_before);
        self.enter(&mut page, person, config, special);
        for errand in ordinary::day(person, &mut dice, self.date) {
            if errand.start() > config.start {
                self.enter(&mut page, person, config, Some(errand));
            }
        }
        page.errands.sort_by_key(Errand::start);
        let last = page.errands.last().map(Errand::end);
        self.busy_until = last.unwrap_or(self.busy_until).max(self.busy_until);
        self.date = self
            .date
            .checked_add_days(Days::new(1))
            .unwrap_or(self.date);
        self.day += 1;
        page
    }

    /// A breach or a decoy, on some days.
    fn special(&self, person: &Person, config: &WorldConfig, dice: &mut Dice) -> Option<Errand> {
        if self.day >= u64::from(config.plan_days) {
            return None;
        }
        let throw = dice.unit();
        let with_decoys = config.breaches_per_wearer_day + config.decoys_per_wearer_day;
        if throw < config.breaches_per_wearer_day {
            self.some_breach(person, dice)
        } else if throw < with_decoys {
            self.some_decoy(person, dice)
        } else {
            None
        }
    }

    fn some_breach(&self, person: &Person, dice: &mut Dice) -> Option<Errand> {
        let by_day = civil::instant(self.date, dice.whole(8 * 60, 21 * 60));
        let pace = if dice.chance(0.5) {
            Pace::Walk
        } else {
            Pace::Drive
        };
        if person.curfew.is_none() || (person.zone.is_some() && dice.chance(0.5)) {
            return breach::trespass(person, dice, by_day, pace);
        }
        let window = self.window_today(person)?;
        let before = window.start.minus(breach::minutes(dice, 45.0, 90.0));
        let into = window.start.plus(breach::minutes(dice, 30.0, 60.0));
        let short = window.length() < TimeDelta::minutes(60);
        match dice.whole(0, 2) {
            _ if short => breach::stay_away(person, dice, before, window),
            0 => breach::leave_during(person, dice, into, window),
            _ => breach::out_late(person, dice, before, window),
        }
    }

    fn some_decoy(&self, person: &Person, dice: &mut Dice) -> Option<Errand> {
        let by_day = civil::instant(self.date, dice.whole(8 * 60, 20 * 60));
        match dice.whole(0, 3) {
            0 => decoy::pass_by(person, dice, by_day),
            1 => decoy::stand_near(person, dice, by_day),
            2 => decoy::off_hours(person, dice, by_day),
            _ => {
                let window = self.window_today(person)?;
                let leave = window.start.minus(breach::minutes(dice, 60.0, 120.0));
                decoy::home_in_time(person, dice, leave, window)
            }
        }
    }

    /// A curfew that starts on this date and whose times are not in doubt.
    fn window_today(&self, person: &Person) -> Option<Window> {
        let windows = &person.curfew.as_ref()?.windows;
        let today = civil::occurrences(windows, self.date, self.date);
        today.into_iter().find(|window| window.plain)
    }

    /// Enters an errand if there is time for it and no curfew against it, other than the one it
    /// means to breach.
    fn enter(
        &mut self,
        page: &mut Page,
        person: &Person,
        config: &WorldConfig,
        errand: Option<Errand>,
    ) {
        let Some(errand) = errand.filter(|errand| self.fits(page, person, errand)) else {
            return;
        };
        if let Some(fault) = errand.fault {
            let Some(planned) = self.planned(person, config, &errand, fault) else {
                return;
            };
            self.breaches += 1;
            page.breaches.push(planned);
        }
        page.errands.push(errand);
    }

    fn fits(&self, page: &Page, person: &Person, errand: &Errand) -> bool {
        let from = errand.start().minus(BETWEEN_ERRANDS);
        let to = errand.end().plus(BETWEEN_ERRANDS);
        let overlaps = |other: &Errand| other.start() < to && from < other.end();
        let free = from >= self.busy_until && !page.errands.iter().any(overlaps);
        free && !self.against_curfew(person, errand)
    }

    fn against_curfew(&self, person: &Person, errand: &Errand) -> bool {
        let Some(curfew) = &person.curfew else {
            return false;
        };
        let meant = errand.fault.and_then(|fault| fault.window());
        let from = errand.start().minus(CURFEW_MARGIN);
        let to = errand.end().plus(CURFEW_MARGIN);
        let windows = curfew.around(from, to);
        windows
            .iter()
            .any(|w| Some(*w) != meant && w.meets(from, to))
    }

    /// The breach as it will really be, measured along the errand.
    fn planned(
        &self,
        person: &Person,
        config: &WorldConfig,
        errand: &Errand,
        fault: Fault,
    ) -> Option<PlannedBreach> {
        let (onset, ends) = truth(person, errand, fault)?;
        if onset < config.start {
            return None;
        }
        let settled = onset.plus(match fault {
            Fault::Trespass => ZONE_BOUND,
            Fault::OutPastStart(_) | Fault::LeftDuring(_) | Fault::AbsentThroughout(_) => {
                GRACE + REST_BOUND + ZONE_BOUND
            }
        });
        let allowance = TimeDelta::seconds(config.processing_allowance_s.into());
        let (kinds, consequences) = kinds(fault);
        Some(PlannedBreach {
            id: format!("B-{}-{}", person.wearer, self.breaches + 1),
            wearer: person.wearer.clone(),
            condition: Some(match fault {
                Fault::Trespass => person.zone.as_ref()?.condition.clone(),
                Fault::OutPastStart(_) | Fault::LeftDuring(_) | Fault::AbsentThroughout(_) => {
                    person.curfew.as_ref()?.condition.clone()
                }
            }),
            kinds: kinds.to_vec(),
            consequences: consequences.to_vec(),
            onset,
            ends,
            must_alert_by: Some(
                person
                    .link
                    .arrives_by(person.link.next_upload(settled))
                    .plus(allowance),
            ),
        })
    }
}

/// The true interval of a breach.
fn truth(person: &Person, errand: &Errand, fault: Fault) -> Option<(Timestamp, Timestamp)> {
    let away = || errand.span(|spot| spot.distance(person.home) > HOME_RADIUS_M);
    match fault {
        Fault::Trespass => {
            let area = &person.zone.as_ref()?.area;
            errand.span(|spot| area.depth(spot) > 0.0)
        }
        Fault::OutPastStart(window) => {
            let (left, back) = away()?;
            (left < window.start && window.start < back).then_some((window.start, back))
        }
        Fault::LeftDuring(_) => away(),
        Fault::AbsentThroughout(window) => {
            let (left, back) = away()?;
            (left < window.start && window.end < back).then_some((window.start, window.end))
        }
    }
}

/// The kinds of alert that report a breach, and those that may come of it.
const fn kinds(fault: Fault) -> (&'static [DecisionKind], &'static [DecisionKind]) {
    use DecisionKind::{
        AbsentThroughout, ExclusionZoneEntered, LateReturn, LeftDuring, OutAtEnd, OutPastStart,
    };
    match fault {
        Fault::Trespass => (&[ExclusionZoneEntered], &[]),
        Fault::OutPastStart(_) => (&[OutPastStart, LateReturn], &[AbsentThroughout, OutAtEnd]),
        Fault::LeftDuring(_) => (&[LeftDuring], &[OutAtEnd]),
        Fault::AbsentThroughout(_) => (&[OutPastStart, AbsentThroughout], &[OutAtEnd]),
    }
}
