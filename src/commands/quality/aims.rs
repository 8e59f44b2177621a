//! What the rule is meant to reach, and whether it was seen to.

use super::course::{Course, Setting};
use super::poisson::real;
use super::report::Report;
use super::rule::RuleName;
use super::tally::{CellResult, RuleResult};

/// False breaches per device-day at this distance, in metres, or more.
const FALSE_MAX: f64 = 0.05;
const FALSE_FROM_M: f64 = 25.0;

/// Seconds from coming in to the breach, 95 % of all stays.
const DELAY_P95_MAX_S: f64 = 240.0;

/// Share of stays of five minutes missed.
const MISSED_MAX: f64 = 0.01;
const MISSED_OF_MIN: f64 = 5.0;

/// The aims are set for devices that take a fix so often, in seconds.
const CADENCE_MAX_S: u32 = 60;

/// A line for each aim; for each cell that falls short, a line of its own.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let cells: Vec<(&CellResult, &RuleResult)> = report
        .cells
        .iter()
        .filter(|cell| cell.cadence_s <= CADENCE_MAX_S)
        .filter_map(|cell| Some((cell, cell.rule(RuleName::Tagwatch)?)))
        .collect();
    if cells.is_empty() {
        return vec![format!(
            "not measured: none of the cadences is {CADENCE_MAX_S} s or less"
        )];
    }
    let mut lines = false_breaches(&cells);
    lines.extend(delays(&cells));
    lines.extend(missed(&cells));
    lines.extend(excursions(&cells));
    lines
}

fn false_breaches(cells: &[(&CellResult, &RuleResult)]) -> Vec<String> {
    let aim = format!(
        "at most {FALSE_MAX} false breaches per device-day at {FALSE_FROM_M} m or more, excursions apart"
    );
    let found = cells.iter().filter_map(|(cell, result)| {
        let Course::Outside {
            setting,
            distance_m,
        } = cell.course
        else {
            return None;
        };
        if setting == Setting::Excursions || distance_m < FALSE_FROM_M {
            return None;
        }
        let place = format!("{}, {distance_m} m", setting.title());
        let (rate, upper) = (result.per_trial, result.per_trial_upper);
        let shown = format!("{place}: {rate:.4}, 95 % upper bound {upper:.4}");
        Some((standing(rate, upper, FALSE_MAX), shown))
    });
    told(&aim, found)
}

fn delays(cells: &[(&CellResult, &RuleResult)]) -> Vec<String> {
    let aim = format!("breach within {DELAY_P95_MAX_S} s of coming in, in 95 % of all stays");
    let found = cells.iter().filter_map(|(cell, result)| {
        let place = stay(cell)?;
        let (standing, shown) = match result.delay_p95_s {
            Some(delay_s) if delay_s <= DELAY_P95_MAX_S => {
                (Standing::Met, format!("{delay_s:.0} s"))
            }
            Some(delay_s) => (Standing::NotMet, format!("{delay_s:.0} s")),
            None => (Standing::NotMet, "more than 5 % missed".to_owned()),
        };
        Some((standing, format!("{place}: {shown}")))
    });
    told(&aim, found)
}

fn missed(cells: &[(&CellResult, &RuleResult)]) -> Vec<String> {
    let aim = format!(
        "at most {} % of stays of {MISSED_OF_MIN} minutes missed",
        MISSED_MAX * 100.0
    );
    let found = cells.iter().filter_map(|(cell, result)| {
        let Course::Stay { minutes, .. } = cell.course else {
            return None;
        };
        if (minutes - MISSED_OF_MIN).abs() > 1e-9 {
            return None;
        }
        let (share, upper) = result.missed_share(cell.trials);
        let shown = format!(
            "{}: {} of {:.0}, 95 % upper bound {:.2} %",
            stay(cell)?,
            result.missed,
            real(cell.trials),
            upper * 100.0
        );
        Some((standing(share, upper, MISSED_MAX), shown))
    });
    told(&aim, found)
}

/// How rare excursions have to be for the first aim, from the distance at which they do most harm.
fn excursions(cells: &[(&CellResult, &RuleResult)]) -> Option<String> {
    let each = cells.iter().filter_map(|(cell, result)| match cell.course {
        Course::Outside { distance_m, .. } if distance_m >= FALSE_FROM_M && cell.excursions > 0 => {
            Some(real(result.astray) / real(cell.excursions))
        }
        Course::Outside { .. } | Course::Stay { .. } | Course::Through { .. } => None,
    });
    let most = each.max_by(f64::total_cmp)?;
    let days = most / FALSE_MAX;
    Some(format!(
        "an excursion made up to {most:.2} breaches at {FALSE_FROM_M} m or more: the first aim allows \
         one excursion in {days:.1} days"
    ))
}

fn stay(cell: &CellResult) -> Option<String> {
    let Course::Stay {
        depth_m,
        minutes,
        indoors,
    } = cell.course
    else {
        return None;
    };
    let place = if indoors { "indoors" } else { "outdoors" };
    Some(format!("{minutes} min {place}, {depth_m} m deep"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Met,
    NotMet,
    /// Too little was measured to say.
    Open,
}

fn standing(value: f64, upper: f64, most: f64) -> Standing {
    if upper <= most {
        Standing::Met
    } else if value <= most {
        Standing::Open
    } else {
        Standing::NotMet
    }
}

fn told(aim: &str, found: impl Iterator<Item = (Standing, String)>) -> Vec<String> {
    let found: Vec<_> = found.collect();
    let of = |wanted| move |cell: &&(Standing, String)| cell.0 == wanted;
    let (not_met, open) = (
        found.iter().filter(of(Standing::NotMet)),
        found.iter().filter(of(Standing::Open)),
    );
    let not_met: Vec<String> = not_met
        .map(|cell| format!("  - NOT MET {}", cell.1))
        .collect();
    let open: Vec<String> = open
        .map(|cell| format!("  - too few trials to say {}", cell.1))
        .collect();
    let met = found.len() - not_met.len() - open.len();
    let head = format!("{aim}: met in {met} of {}", found.len());
    [head].into_iter().chain(not_met).chain(open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_only_when_the_bound_meets_it() {
        assert_eq!(standing(0.0, 0.04, 0.05), Standing::Met);
        assert_eq!(standing(0.0, 0.06, 0.05), Standing::Open);
        assert_eq!(standing(0.06, 0.09, 0.05), Standing::NotMet);
    }

    #[test]
    fn what_falls_short_is_named() {
        let found = [
            (Standing::Met, "a".to_owned()),
            (Standing::NotMet, "b".to_owned()),
        ];
        let lines = told("aim", found.into_iter());
        assert_eq!(lines, ["aim: met in 1 of 2", "  - NOT MET b"]);
    }
}
