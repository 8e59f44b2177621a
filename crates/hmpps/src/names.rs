//! The service's names and ours.

use model::registry::{Day, NotifyingOrganisation, OrderType, ResponsibleOrganisation};
use serde_json::Value;

/// What would have been right of an order's type.
pub(crate) const ORDER_TYPES: &str = "should be one of \"Civil\", \"Community\", \"Immigration\", \
    \"Post Release\", \"Pre-Trial\", \"Special\", \"Bail\"";

/// What would have been right of a responsible organisation.
pub(crate) const RESPONSIBLE: &str = "should be one of \"YJS\", \"YCS\", \"Probation\", \
    \"Field Monitoring Service\", \"Home Office\", \"Police\"";

/// What would have been right of a day.
pub(crate) const DAYS: &str =
    "should be one of \"Mo\", \"Tu\", \"Wed\", \"Th\", \"Fr\", \"Sa\", \"Su\"";

/// `Post Release`, `post-release` and `POST_RELEASE` are all `POST_RELEASE`: what the service shows, and
/// the names of its own enumerations.
fn code(text: &str) -> String {
    words(text).collect::<Vec<_>>().join("_").to_uppercase()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    // "Magistrates' Court": the apostrophe ends no word that matters.
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

pub(crate) fn order_type(text: &str) -> Option<OrderType> {
    serde_json::from_value(Value::from(code(text))).ok()
}

pub(crate) fn responsible(text: &str) -> Option<ResponsibleOrganisation> {
    serde_json::from_value(Value::from(code(text))).ok()
}

/// Who sent an order. Earlier versions of the service sent the court's own name.
pub(crate) fn notifying(text: &str) -> Option<NotifyingOrganisation> {
    let code = code(text);
    let courts = [
        ("MAGISTRATES_COURT", NotifyingOrganisation::MagistratesCourt),
        ("CROWN_COURT", NotifyingOrganisation::CrownCourt),
        ("YOUTH_COURT", NotifyingOrganisation::YouthCourt),
    ];
    serde_json::from_value(Value::from(code.as_str()))
        .ok()
        .or_else(|| {
            let court = courts
                .into_iter()
                .find(|(suffix, _)| code.ends_with(suffix));
            court.map(|(_, organisation)| organisation)
        })
}

/// A day as the service writes it, which is as nobody else does; and by its full name, as people do.
pub(crate) fn day(text: &str) -> Option<Day> {
    Some(match text.to_ascii_lowercase().as_str() {
        "mo" | "monday" => Day::Mon,
        "tu" | "tuesday" => Day::Tue,
        "wed" | "wednesday" => Day::Wed,
        "th" | "thursday" => Day::Thu,
        "fr" | "friday" => Day::Fri,
        "sa" | "saturday" => Day::Sat,
        "su" | "sunday" => Day::Sun,
        _ => return None,
    })
}

/// The days of a week, in their order.
pub(crate) const WEEK: [Day; 7] = [
    Day::Mon,
    Day::Tue,
    Day::Wed,
    Day::Thu,
    Day::Fri,
    Day::Sat,
    Day::Sun,
];

/// A region as it names a queue: `West Midlands` is `west-midlands`.
pub(crate) fn region(text: &str) -> Option<String> {
    let slug = words(text).collect::<Vec<_>>().join("-").to_lowercase();
    (!slug.is_empty()).then_some(slug)
}

/// A police force as it names a queue: `Staffordshire Police` is `staffordshire`.
pub(crate) fn police_force(text: &str) -> Option<String> {
    let slug = region(text)?;
    let suffixes = ["-police-service", "-police", "-constabulary"];
    let bare = suffixes.iter().find_map(|suffix| slug.strip_suffix(suffix));
    Some(bare.unwrap_or(&slug).to_owned())
}

/// `MAPPA 2`, `MAPPA_TWO`, `Category 4`, `CATEGORY_FOUR`: the number at the end, from 1 to `max`.
pub(crate) fn ordinal(text: &str, max: u8) -> Option<u8> {
    let code = code(text);
    let last = code.rsplit('_').next()?;
    let number = match last {
        "ONE" => 1,
        "TWO" => 2,
        "THREE" => 3,
        "FOUR" => 4,
        digits => digits.parse().ok()?,
    };
    (1..=max).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forces_and_regions_become_names_of_queues() {
        for (text, expected) in [
            ("Staffordshire Police", "staffordshire"),
            ("Metropolitan Police Service", "metropolitan"),
            ("METROPOLITAN_POLICE", "metropolitan"),
            ("Avon and Somerset Constabulary", "avon-and-somerset"),
            ("Dyfed-Powys Police", "dyfed-powys"),
            ("City of London Police", "city-of-london"),
            ("Avon and Somerset", "avon-and-somerset"),
        ] {
            assert_eq!(police_force(text).as_deref(), Some(expected));
        }
        assert_eq!(region("West Midlands").as_deref(), Some("west-midlands"));
        assert_eq!(
            region("Kent, Surrey & Sussex"),
            region("KENT_SURREY_SUSSEX")
        );
        assert_eq!(region(" - "), None);
    }

    #[test]
    fn what_the_service_shows_and_what_it_calls_it_are_the_same() {
        assert_eq!(order_type("Post Release"), Some(OrderType::PostRelease));
        assert_eq!(order_type("PRE_TRIAL"), order_type("Pre-Trial"));
        assert_eq!(order_type("Parole"), None);
        let monitoring = Some(ResponsibleOrganisation::FieldMonitoringService);
        assert_eq!(responsible("Field Monitoring Service"), monitoring);
        let magistrates = Some(NotifyingOrganisation::MagistratesCourt);
        assert_eq!(notifying("Magistrates Court"), magistrates);
        assert_eq!(notifying("Loamchester Magistrates' Court"), magistrates);
        assert_eq!(ordinal("MAPPA 3", 3), ordinal("MAPPA_THREE", 3));
        assert_eq!(ordinal("Category 4", 4), Some(4));
        assert_eq!(ordinal("MAPPA 4", 3), None);
    }

    #[test]
    fn every_day_is_known_as_the_service_abbreviates_it() {
        let days = ["Mo", "Tu", "Wed", "Th", "Fr", "Sa", "Su"].map(day);
        assert_eq!(days, WEEK.map(Some));
        assert_eq!(day("Mon"), None);
    }
}
