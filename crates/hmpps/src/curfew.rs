//! Curfews: one condition for each address with hours of its own.

use model::registry::{Day, Duty, ReleaseDay, TimeOfDay, WeeklyWindow};
use serde_json::Value;

use crate::draft::Draft;
use crate::fields::{Fields, Span, quoted};
use crate::findings::Findings;
use crate::local::{Edge, TIME_FORM, time_of_day};
use crate::names::{DAYS, WEEK, day};

/// The addresses of the service, in their order.
const LOCATIONS: [&str; 3] = ["primary", "secondary", "tertiary"];

/// The hours at one address.
struct Hours {
    path: String,
    location: &'static str,
    windows: Vec<WeeklyWindow>,
}

pub(crate) fn translate(
    span: Span,
    fields: &mut Fields<'_>,
    draft: &mut Draft<'_>,
    findings: &mut Findings,
) {
    compare(span, fields, findings);
    let always = fields.yes("allday_lockdown", findings) == Some(true);
    let entries = fields.list("curfew_duration", findings);
    let faults = findings.faults.len();
    let mut hours: Vec<Hours> = Vec::new();
    for (path, entry) in &entries {
        let read = read(path, entry, always, findings);
        if let Some(again) = read.and_then(|new| add(&mut hours, new)) {
            findings.fault(again.path, entry, "should be one entry for each address");
        }
    }
    if hours.is_empty() && findings.faults.len() == faults {
        let right = "should have the hours of a curfew; a description of them cannot be watched";
        let found = fields.raw("curfew_duration");
        findings.fault(fields.path("curfew_duration"), found, right);
    }
    let mut release_day = release_day(fields, findings);
    hours.sort_by_key(|hours| LOCATIONS.iter().position(|name| *name == hours.location));
    for Hours {
        path,
        location,
        windows,
    } in hours
    {
        let name = format!("curfew-{location}");
        let Some(place) = draft.home(location, &name, &path, findings) else {
            continue;
        };
        let duty = Duty::Curfew {
            place,
            windows,
            // The service does not say at which of the addresses: the first.
            release_day: release_day.take(),
        };
        draft.condition(&name, span, duty, findings);
    }
}

/// Gives back what there is already.
fn add(hours: &mut Vec<Hours>, new: Hours) -> Option<Hours> {
    if hours.iter().any(|hours| hours.location == new.location) {
        return Some(new);
    }
    hours.push(new);
    None
}

fn compare(span: Span, fields: &mut Fields<'_>, findings: &mut Findings) {
    let stated = fields.span("curfew_start", "curfew_end", findings);
    let differs = |ours, theirs: Option<_>| theirs.is_some() && ours != theirs;
    if differs(span.from, stated.from) || differs(span.to, stated.to) {
        let note = "the curfew's own start and end are not those of the condition, which are taken";
        findings.note(fields.path("curfew_start"), note);
    }
}

fn read(path: &str, entry: &Value, always: bool, findings: &mut Findings) -> Option<Hours> {
    let mut fields = Fields::open(path, entry, findings)?;
    let location = location(&mut fields, findings);
    let all_day = fields.yes("allday", findings) == Some(true) || always;
    let mut windows = Vec::new();
    for (path, entry) in fields.list("schedule", findings) {
        if let Some((day, start, end)) = window(&path, entry, all_day, findings) {
            insert(&mut windows, day, start, end);
        }
    }
    if windows.is_empty() && all_day {
        for day in WEEK {
            insert(&mut windows, day, midnight(), TimeOfDay::MIDNIGHT_NEXT);
        }
    }
    let location = location?;
    if windows.is_empty() {
        // The service sends every further address a wearer has.
        findings.note(path, "an address without hours: no curfew there");
        fields.leave(findings);
        return None;
    }
    fields.leave(findings);
    Some(Hours {
        path: path.to_owned(),
        location,
        windows,
    })
}

fn location(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<&'static str> {
    let text = fields.text("location", findings).unwrap_or_default();
    let found = LOCATIONS
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(text));
    if found.is_none() {
        let right = "should be \"primary\", \"secondary\" or \"tertiary\"";
        findings.fault(fields.path("location"), fields.raw("location"), right);
    }
    found
}

fn window(
    path: &str,
    entry: &Value,
    all_day: bool,
    findings: &mut Findings,
) -> Option<(Day, TimeOfDay, TimeOfDay)> {
    let mut fields = Fields::open(path, entry, findings)?;
    let named = fields.text("day", findings).and_then(day);
    if named.is_none() {
        findings.fault(fields.path("day"), fields.raw("day"), DAYS);
    }
    let hours = if all_day {
        fields.pass("start");
        fields.pass("end");
        Some((midnight(), TimeOfDay::MIDNIGHT_NEXT))
    } else {
        let start = time(&mut fields, "start", Edge::Start, findings);
        let end = time(&mut fields, "end", Edge::End, findings);
        start.zip(end)
    };
    fields.leave(findings);
    let (start, end) = hours?;
    if end.to_string() == "11:59" && end < start {
        let note = "ends at 11:59 of the next day: was 23:59 meant?";
        findings.note(format!("{path}.end"), note);
    }
    Some((named?, start, end))
}

fn time(
    fields: &mut Fields<'_>,
    key: &str,
    edge: Edge,
    findings: &mut Findings,
) -> Option<TimeOfDay> {
    let time = fields
        .text(key, findings)
        .and_then(|text| time_of_day(text, edge));
    if time.is_none() {
        findings.fault(fields.path(key), fields.raw(key), TIME_FORM);
    }
    time
}

/// Days with the same hours make one window.
fn insert(windows: &mut Vec<WeeklyWindow>, day: Day, start: TimeOfDay, end: TimeOfDay) {
    let same = |window: &&mut WeeklyWindow| (window.start, window.end) == (start, end);
    match windows.iter_mut().find(same) {
        Some(window) if window.days.contains(&day) => {}
        Some(window) => window.days.push(day),
        None => windows.push(WeeklyWindow {
            days: vec![day],
            start,
            end,
        }),
    }
}

fn midnight() -> TimeOfDay {
    TimeOfDay::parse("00:00").unwrap_or(TimeOfDay::MIDNIGHT_NEXT)
}

fn release_day(fields: &mut Fields<'_>, findings: &mut Findings) -> Option<ReleaseDay> {
    let date = fields.date("conditional_release_date", findings)?;
    let times = [
        ("conditional_release_start_time", Edge::Start),
        ("conditional_release_end_time", Edge::End),
    ];
    let [start, end] = times.map(|(key, edge)| {
        let text = fields.text(key, findings)?;
        let time = time_of_day(text, edge);
        if time.is_none() {
            findings.fault(fields.path(key), quoted(text), TIME_FORM);
        }
        time
    });
    if start.is_none() || end.is_none() {
        let note = "a release date without hours: that day is as any other";
        findings.note(fields.path("conditional_release_date"), note);
    }
    Some(ReleaseDay {
        date,
        start: start?,
        end: end?,
    })
}
