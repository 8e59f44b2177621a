//! Zones as prose.

use std::collections::BTreeSet;

use model::ZoneId;
use model::registry::{Duty, WeeklyWindow, ZoneRef};
use serde_json::Value;

use crate::draft::Draft;
use crate::duration::{self, Duration};
use crate::fields::{Fields, Span};
use crate::findings::Findings;

/// The kinds of zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Exclusion,
    Inclusion,
    Restriction,
}

impl Kind {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Exclusion => "exclusion_zones",
            Self::Inclusion => "inclusion_zones",
            Self::Restriction => "restriction_zones",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Exclusion => "exclusion",
            Self::Inclusion => "inclusion",
            Self::Restriction => "restriction",
        }
    }

    fn duty(self, zones: Vec<ZoneRef>, schedule: Vec<WeeklyWindow>) -> Duty {
        match self {
            Self::Exclusion => Duty::ExclusionZone { zones, schedule },
            Self::Inclusion => Duty::InclusionZone { zones, schedule },
            Self::Restriction => Duty::RestrictionZone { zones, schedule },
        }
    }
}

/// A zone in the words of an order.
#[derive(Debug)]
pub(crate) struct Prose {
    pub(crate) path: String,
    pub(crate) description: String,
    pub(crate) duration: Option<String>,
    /// Its own start and end, or those of the condition.
    pub(crate) span: Span,
}

/// The zones of a list. A faulty one is left out, with its fault.
pub(crate) fn read(
    kind: Kind,
    condition: Span,
    fields: &mut Fields<'_>,
    findings: &mut Findings,
) -> Vec<Prose> {
    let entries = fields.list(kind.key(), findings);
    let prose = |(path, entry): &(String, &Value)| one(path, entry, condition, findings);
    entries.iter().filter_map(prose).collect()
}

fn one(path: &str, entry: &Value, condition: Span, findings: &mut Findings) -> Option<Prose> {
    let mut fields = Fields::open(path, entry, findings)?;
    let description = fields.text("description", findings);
    if description.is_none() {
        let value = fields.raw("description");
        findings.fault(
            fields.path("description"),
            value,
            "should say where the zone is",
        );
    }
    let duration = fields.text("duration", findings).map(str::to_owned);
    let own = fields.span("start", "end", findings);
    fields.leave(findings);
    Some(Prose {
        path: path.to_owned(),
        description: description?.to_owned(),
        duration,
        span: Span {
            from: own.from.or(condition.from),
            to: own.to,
        },
    })
}

/// Zones that make one condition.
struct Group {
    span: Span,
    schedule: Vec<WeeklyWindow>,
    zones: Vec<Prose>,
}

/// Makes conditions of zones.
///
/// Each exclusion zone is one. Inclusion and restriction zones that hold at the same times are one
/// together: a wearer who may be in either cannot be made to be in both.
pub(crate) fn translate(
    kind: Kind,
    zones: Vec<Prose>,
    draft: &mut Draft<'_>,
    findings: &mut Findings,
) {
    for (index, group) in groups(kind, zones, findings).into_iter().enumerate() {
        let name = format!("{}-{}", kind.name(), index + 1);
        let ids = group.zones.iter();
        let ids = ids.filter_map(|prose| draft.zone(kind.name(), &name, prose, findings));
        let ids: BTreeSet<ZoneId> = ids.collect();
        let zones = ids.into_iter().map(ZoneRef::Zone).collect();
        draft.condition(
            &name,
            group.span,
            kind.duty(zones, group.schedule),
            findings,
        );
    }
}

fn groups(kind: Kind, zones: Vec<Prose>, findings: &mut Findings) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for prose in zones {
        let (span, schedule) = (prose.span, schedule(&prose, findings));
        let same = |group: &&mut Group| (group.span, &group.schedule) == (span, &schedule);
        let together = groups.iter_mut().find(same);
        match together.filter(|_| kind != Kind::Exclusion) {
            Some(group) => group.zones.push(prose),
            None => groups.push(Group {
                span,
                schedule,
                zones: vec![prose],
            }),
        }
    }
    groups
}

fn schedule(prose: &Prose, findings: &mut Findings) -> Vec<WeeklyWindow> {
    match duration::read(prose.duration.as_deref()) {
        Duration::Always => Vec::new(),
        Duration::Weekly(windows) => windows,
        Duration::Prose => {
            let note =
                "hours that only a person can read: in force always, until somebody sets them";
            findings.note(format!("{}.duration", prose.path), note);
            Vec::new()
        }
    }
}
