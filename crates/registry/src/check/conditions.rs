//! Conditions: what they point at, and whether they are ever in force.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, LocalResult, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use model::registry::{
    Appointment, Condition, Day, Duty, Order, RegistryKey, ReleaseDay, TimeOfDay, WeeklyWindow,
    ZoneRef,
};
use model::{PlaceId, Timestamp};

use super::Findings;
use super::span::Span;
use super::week;
use super::world::World;
use crate::read::Path;

/// A condition of at least so many days has every day of the week, whole.
const EVERY_DAY: TimeDelta = TimeDelta::days(8);

/// One condition, and what looks at it needs.
struct Checked<'a> {
    part: RegistryKey,
    path: &'a Path,
    zone: Tz,
    span: Span,
    world: &'a World<'a>,
}

pub(super) fn check(
    order: &Order,
    condition: &Condition,
    path: &Path,
    world: &World<'_>,
    findings: &mut Findings,
) {
    let checked = Checked {
        part: RegistryKey::Order(order.id.clone()),
        path,
        zone: order.time_zone,
        span: Span::of_condition(order, condition),
        world,
    };
    checked.times(order, condition, findings);
    match &condition.duty {
        Duty::ExclusionZone { zones, schedule }
        | Duty::InclusionZone { zones, schedule }
        | Duty::RestrictionZone { zones, schedule } => {
            checked.zones(zones, findings);
            checked.windows("schedule", schedule, findings);
        }
        Duty::Curfew {
            place,
            windows,
            release_day,
        } => {
            checked.place(place, findings);
            checked.curfew(windows, release_day.as_ref(), findings);
        }
        Duty::Attendance {
            place,
            appointments,
        } => {
            checked.place(place, findings);
            checked.appointments(appointments, findings);
        }
        Duty::CheckIn {
            prompts_per_day,
            answer_within_s,
            place,
            ..
        } => {
            if let Some(place) = place {
                checked.place(place, findings);
            }
            checked.more_than_none("prompts_per_day", u32::from(*prompts_per_day), findings);
            checked.more_than_none("answer_within_s", *answer_within_s, findings);
        }
        Duty::AlcoholAbstinence | Duty::AlcoholLimit { .. } | Duty::Trail => {}
    }
}

impl Checked<'_> {
    /// The condition's own time, and the order's.
    fn times(&self, order: &Order, condition: &Condition, findings: &mut Findings) {
        let own = Span {
            from: condition.from.unwrap_or(order.from),
            to: condition.to.or(order.to),
        };
        let whole = Span::of_order(order);
        if whole.is_empty() {
            return;
        }
        let to = self.path.field("to");
        if condition.to.is_some() && own.is_empty() {
            findings.error(&self.part, to, "`to` is not after `from`");
        } else if self.span.is_empty() {
            let message = "is outside the order's time, so that it is never in force";
            findings.warn(&self.part, self.path.clone(), message);
        } else if condition.from.is_some_and(|from| from < whole.from) {
            let message = format!(
                "is before the order's own start, {}, when it begins",
                whole.from
            );
            findings.warn(&self.part, self.path.field("from"), message);
        } else if let (Some(to_own), Some(end)) = (condition.to, whole.to)
            && to_own > end
        {
            let message = format!("is after the order's own end, {end}, when it ends");
            findings.warn(&self.part, to, message);
        }
    }

    fn zones(&self, zones: &[ZoneRef], findings: &mut Findings) {
        let path = self.path.field("zones");
        if zones.is_empty() {
            let message = "names no zone, so that there is nothing to watch";
            return findings.error(&self.part, path, message);
        }
        for (index, zone) in zones.iter().enumerate() {
            let key = match zone {
                ZoneRef::Zone(id) => RegistryKey::Zone(id.clone()),
                ZoneRef::Set(id) => RegistryKey::ZoneSet(id.clone()),
            };
            if !self.world.has(&key) {
                let message = format!("zone {zone} is not defined");
                findings.error(&self.part, path.index(index), message);
            }
        }
    }

    fn place(&self, place: &PlaceId, findings: &mut Findings) {
        if !self.world.has(&RegistryKey::Place(place.clone())) {
            let message = format!("place {place} is not defined");
            findings.error(&self.part, self.path.field("place"), message);
        }
    }

    fn more_than_none(&self, field: &'static str, number: u32, findings: &mut Findings) {
        if number == 0 {
            let message = "is 0, so that nothing is demanded";
            findings.error(&self.part, self.path.field(field), message);
        }
    }

    fn curfew(
        &self,
        windows: &[WeeklyWindow],
        release_day: Option<&ReleaseDay>,
        findings: &mut Findings,
    ) {
        if windows.is_empty() && release_day.is_none() {
            let message = "has no windows, so that it is never in force";
            findings.error(&self.part, self.path.field("windows"), message);
        }
        self.windows("windows", windows, findings);
        if let Some(day) = release_day {
            self.release_day(*day, findings);
        }
    }

    fn windows(&self, field: &'static str, windows: &[WeeklyWindow], findings: &mut Findings) {
        let path = self.path.field(field);
        for (index, window) in windows.iter().enumerate() {
            self.window(window, &path.index(index), findings);
        }
        for (first, second, moment) in week::overlaps(windows) {
            let message = if first == second {
                format!("overlaps itself, from {moment} on")
            } else {
                format!("overlaps {field}[{first}], from {moment} on")
            };
            findings.warn(&self.part, path.index(second), message);
        }
    }

    fn window(&self, window: &WeeklyWindow, path: &Path, findings: &mut Findings) {
        if window.days.is_empty() {
            let message = "names no day, so that it never opens";
            return findings.error(&self.part, path.field("days"), message);
        }
        let days: BTreeSet<Day> = window.days.iter().copied().collect();
        if days.len() < window.days.len() {
            findings.warn(&self.part, path.field("days"), "names a day twice");
        }
        if window.start == window.end {
            let message = format!(
                "starts and ends at {}: it lasts 24 hours",
                time(window.start)
            );
            findings.warn(&self.part, path.field("end"), message);
            findings.help("write 00:00 to 24:00 where a whole day is meant");
        }
        if !self.occurs(window) {
            let message = "is never open while the condition is in force";
            findings.warn(&self.part, path.clone(), message);
        }
    }

    /// Whether a window opens, or is open, while the condition is in force.
    fn occurs(&self, window: &WeeklyWindow) -> bool {
        let Span { from, to: Some(to) } = self.span else {
            return true;
        };
        if self.span.is_empty() || to.since(from) >= EVERY_DAY {
            return true;
        }
        let (from, to) = (self.local(from), self.local(to));
        let first = from
            .date()
            .checked_sub_days(Days::new(1))
            .unwrap_or(from.date());
        first
            .iter_days()
            .take_while(|date| *date <= to.date())
            .any(|date| {
                let opens = date.and_time(chrono::NaiveTime::MIN) + minutes(window.start.minutes());
                let length = week::length_min(window.start, window.end);
                let closes = opens + TimeDelta::minutes(i64::from(length));
                window.days.contains(&Day::from(date.weekday())) && opens < to && closes > from
            })
    }

    fn local(&self, at: Timestamp) -> NaiveDateTime {
        at.to_chrono().with_timezone(&self.zone).naive_local()
    }

    fn release_day(&self, day: ReleaseDay, findings: &mut Findings) {
        let path = self.path.field("release_day");
        let first = self.local(self.span.from).date();
        let last = self.span.to.map(|to| self.local(to).date());
        if day.date < first || last.is_some_and(|last| day.date > last) {
            let message = format!("{} is outside the condition's time", day.date);
            return findings.warn(&self.part, path.field("date"), message);
        }
        let midnight = day.date.and_time(chrono::NaiveTime::MIN);
        for (field, at) in [("start", day.start), ("end", day.end)] {
            let Some(local) = midnight.checked_add_signed(minutes(at.minutes())) else {
                continue;
            };
            if self.zone.from_local_datetime(&local) == LocalResult::None {
                let message = format!(
                    "{} does not exist on {} in {}: the clocks go forward over it, and the first \
                     minute after it is taken",
                    time(at),
                    local.date(),
                    self.zone
                );
                findings.warn(&self.part, path.field(field), message);
            }
        }
    }

    fn appointments(&self, appointments: &[Appointment], findings: &mut Findings) {
        let path = self.path.field("appointments");
        for (index, Appointment { start, end }) in appointments.iter().copied().enumerate() {
            let path = path.index(index);
            let span = Span {
                from: start,
                to: Some(end),
            };
            if span.is_empty() {
                findings.error(&self.part, path.field("end"), "`end` is not after `start`");
            } else if !self.span.is_empty() && !self.span.overlaps(span) {
                let message = "is outside the condition's time, so that nobody is expected";
                findings.warn(&self.part, path, message);
            }
        }
    }
}

fn minutes(minutes: u16) -> TimeDelta {
    TimeDelta::minutes(i64::from(minutes))
}

fn time(at: TimeOfDay) -> String {
    format!("{:02}:{:02}", at.minutes() / 60, at.minutes() % 60)
}
