//! What a curfew requirement of a community order may demand of an adult.
//!
//! Policy defaults: 20 hours in a day, 112 hours in a week and two years, which are to be held against the
//! law in force. An order that demands more is a slip of somebody's pen, or under other law; it is watched
//! as it stands, since nobody is safer for an order that is not watched, and whoever registers it is told.

use chrono::Months;
use model::registry::{Condition, Duty, Order, OrderType, RegistryKey};

use super::Findings;
use super::span::Span;
use super::week::{self, Stretch};
use crate::read::Path;

const DAY_MOST_MIN: u32 = 20 * 60;
const WEEK_MOST_MIN: u32 = 112 * 60;
const MOST: Months = Months::new(24);

pub(super) fn check(order: &Order, part: &RegistryKey, findings: &mut Findings) {
    if order.order_type != OrderType::Community {
        return;
    }
    for (index, condition) in order.conditions.iter().enumerate() {
        if !matches!(condition.duty, Duty::Curfew { .. }) {
            continue;
        }
        let path = Path::default().field("conditions").index(index);
        let span = Span::of_condition(order, condition);
        let longest = span.from.to_chrono().checked_add_months(MOST);
        if let (Some(to), Some(longest)) = (span.to, longest)
            && to.to_chrono() > longest
        {
            let message = "is a curfew of more than two years, the most of a community order";
            findings.warn(part, path.clone(), message);
        }
        hours(&together(order, span), &path, part, findings);
    }
}

/// All curfews of an order that are in force when `span` begins.
fn together(order: &Order, span: Span) -> Vec<Stretch> {
    let in_force =
        |condition: &&Condition| Span::of_condition(order, condition).contains(span.from);
    let stretches = |condition: &Condition| match &condition.duty {
        Duty::Curfew { windows, .. } => week::stretches(windows),
        Duty::ExclusionZone { .. }
        | Duty::InclusionZone { .. }
        | Duty::RestrictionZone { .. }
        | Duty::AlcoholAbstinence
        | Duty::AlcoholLimit { .. }
        | Duty::Attendance { .. }
        | Duty::CheckIn { .. }
        | Duty::Trail => Vec::new(),
    };
    let conditions = order.conditions.iter().filter(in_force);
    conditions.flat_map(stretches).collect()
}

fn hours(all: &[Stretch], path: &Path, part: &RegistryKey, findings: &mut Findings) {
    let by_day = week::minutes_by_day(all);
    let week: u32 = by_day.iter().sum();
    if week > WEEK_MOST_MIN {
        let message = format!(
            "curfews of {} a week, more than the 112 h of a community order",
            in_hours(week)
        );
        findings.warn(part, path.field("windows"), message);
    }
    let day = by_day.iter().copied().max().unwrap_or(0);
    if day > DAY_MOST_MIN {
        let message = format!(
            "curfews of {} a day, more than the 20 h of a community order",
            in_hours(day)
        );
        findings.warn(part, path.field("windows"), message);
    }
}

fn in_hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
