//! Appointments, which the service sends as inclusion zones in words.

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Europe::London;
use model::Timestamp;
use model::registry::{Appointment, Day, Duty, TimeOfDay};

use crate::draft::Draft;
use crate::fields::quoted;
use crate::findings::Findings;
use crate::local::{self, Edge};
use crate::names::day;
use crate::zone::Prose;

/// The weeks of the longest community order, three years: as many appointments as a weekly one has.
const APPOINTMENTS_MAX: usize = 157;

/// An appointment of every week, as the service words it: purpose, day and hours, address, a line each.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Weekly {
    day: Day,
    start: TimeOfDay,
    end: TimeOfDay,
    address: String,
}

/// Reads the words of an appointment; nothing where they are those of a zone.
pub(crate) fn read(description: &str) -> Option<Weekly> {
    let mut lines = description.lines();
    let _purpose = lines.next()?;
    let (named, hours) = lines.next()?.trim().split_once(' ')?;
    let (start, end) = hours.split_once('-')?;
    let address: Vec<&str> = lines
        .map(str::trim)
        // A line that the service has nothing for.
        .filter(|line| !matches!(*line, "" | "null" | "N/A"))
        .collect();
    let start = local::time_of_day(start.trim(), Edge::Start)?;
    let end = local::time_of_day(end.trim(), Edge::End)?;
    let address = address.join(", ");
    (start < end && !address.is_empty()).then_some(Weekly {
        day: day(named)?,
        start,
        end,
        address,
    })
}

/// What would have been right.
const FORM: &str = "should be a purpose, a day with hours such as \"Monday 10:00:00-11:00:00\", and an \
    address, a line each";

/// Makes a condition of each appointment.
pub(crate) fn translate(zones: Vec<Prose>, draft: &mut Draft<'_>, findings: &mut Findings) {
    for (index, prose) in zones.into_iter().enumerate() {
        let path = format!("{}.description", prose.path);
        let Some(weekly) = read(&prose.description) else {
            findings.fault(path, quoted(&prose.description), FORM);
            continue;
        };
        let Some(from) = prose.span.from else {
            let start = format!("{}.start", prose.path);
            findings.fault(start, "null", "should be the date from which to attend");
            continue;
        };
        let (appointments, all) = appointments(&weekly, from, prose.span.to);
        if !all {
            let note =
                format!("the first {APPOINTMENTS_MAX} appointments: more have to be sent anew");
            findings.note(path, note);
        }
        let name = format!("attendance-{}", index + 1);
        let Some(place) = draft.place(&name, &name, &weekly.address, &prose.path, findings) else {
            continue;
        };
        let duty = Duty::Attendance {
            place,
            appointments,
        };
        draft.condition(&name, prose.span, duty, findings);
    }
}

/// Those between two instants, and whether these are all.
fn appointments(
    weekly: &Weekly,
    from: Timestamp,
    to: Option<Timestamp>,
) -> (Vec<Appointment>, bool) {
    let first = from.to_chrono().with_timezone(&London).date_naive();
    let mut found = Vec::new();
    for date in first
        .iter_days()
        .filter(|date| Day::from(date.weekday()) == weekly.day)
    {
        let Some(appointment) = appointment(weekly, date) else {
            return (found, false);
        };
        if to.is_some_and(|to| to <= appointment.start) {
            return (found, true);
        }
        if found.len() == APPOINTMENTS_MAX {
            return (found, false);
        }
        if from <= appointment.start {
            found.push(appointment);
        }
    }
    (found, false)
}

fn appointment(weekly: &Weekly, date: NaiveDate) -> Option<Appointment> {
    let at = |time: TimeOfDay, edge| {
        let (date, minutes) = if time == TimeOfDay::MIDNIGHT_NEXT {
            (date.checked_add_days(Days::new(1))?, 0)
        } else {
            (date, u32::from(time.minutes()))
        };
        let local = date.and_hms_opt(minutes / 60, minutes % 60, 0)?;
        Some(local::instant(local, edge)?.at)
    };
    // An appointment lasts no longer for the clocks: both times are the first of two.
    let (start, end) = (at(weekly.start, Edge::Start)?, at(weekly.end, Edge::Start)?);
    Some(Appointment { start, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRUGS: &str = "Drug rehabilitation\nMonday 10:00:00-11:00:00\n1 Mill Lane\nnull\nLoamchester\n\nLM1 1AA\n";

    #[test]
    fn the_services_words_for_an_appointment_are_read() {
        let weekly = read(DRUGS).unwrap();
        assert_eq!(weekly.day, Day::Mon);
        assert_eq!(weekly.address, "1 Mill Lane, Loamchester, LM1 1AA");
        for other in [
            "The park",
            "Park\nMonday\nLM1",
            "Park\nMonday 10:00-09:00\nLM1",
            "P\nMonday 10:00-11:00\n",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn an_appointment_keeps_its_local_time_when_the_clocks_change() {
        let from = Timestamp::parse("2026-03-20T00:00:00Z").unwrap();
        let to = Timestamp::parse("2026-04-01T00:00:00Z").unwrap();
        let (found, all) = appointments(&read(DRUGS).unwrap(), from, Some(to));
        let starts: Vec<String> = found.iter().map(|one| one.start.to_string()).collect();
        assert_eq!(starts, ["2026-03-23T10:00:00Z", "2026-03-30T09:00:00Z"]);
        assert!(all);
    }

    #[test]
    fn appointments_without_an_end_stop_at_the_longest_order() {
        let from = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        let (found, all) = appointments(&read(DRUGS).unwrap(), from, None);
        assert_eq!((found.len(), all), (APPOINTMENTS_MAX, false));
    }
}
