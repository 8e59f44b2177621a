//! What is known already makes a difference.

use model::registry::{Place, ResponsibleOrganisation};
use model::{Latitude, Longitude, Metres};

use super::sample;
use crate::{Context, GeometryKind, Settings, Spot, Translated, address_key, translate};

fn registered(context: &mut Context, translated: &Translated) {
    let document = &translated.document;
    let orders = document.orders.iter().cloned();
    context
        .orders
        .extend(orders.map(|order| (order.id.clone(), order)));
    let wearers = document.wearers.iter().cloned();
    context
        .wearers
        .extend(wearers.map(|wearer| (wearer.id.clone(), wearer)));
}

fn version(translated: &Translated) -> u32 {
    translated.document.orders[0].version
}

fn variation_of(date: &str, zone: &str) -> String {
    let mut message: serde_json::Value =
        serde_json::from_str(&sample("variation-after-new-order")).unwrap();
    let mut variation = message[1].take();
    variation["monitoring_order"]["order_variation_date"] = date.into();
    variation["monitoring_order"]["exclusion_zones"][0]["description"] = zone.into();
    variation.to_string()
}

#[test]
fn the_same_order_sent_again_is_the_same() {
    let text = sample("hdc-licence");
    let mut context = Context::default();
    let first = translate(&text, &context).unwrap();
    registered(&mut context, &first);
    assert_eq!(translate(&text, &context).unwrap().document, first.document);
}

#[test]
fn a_variation_has_a_higher_version_and_two_of_a_day_have_two() {
    let mut context = Context::default();
    let mut versions = Vec::new();
    for (date, zone) in [
        ("2026-03-15 00:00:00", "the marina"),
        ("2026-03-15 00:00:00", "the boatyard"),
        ("2026-03-15 00:00:00", "the boatyard"),
        ("2026-04-01 00:00:00", "the boatyard"),
    ] {
        let translated = translate(&variation_of(date, zone), &context).unwrap();
        registered(&mut context, &translated);
        versions.push(version(&translated));
    }
    assert_eq!(
        versions,
        [2_026_031_500, 2_026_031_501, 2_026_031_501, 2_026_040_100]
    );
}

#[test]
fn an_earlier_message_never_replaces_a_later_one() {
    let mut context = Context::default();
    let first = translate(&variation_of("2026-04-01", "the park"), &context).unwrap();
    registered(&mut context, &first);
    let late = translate(&variation_of("2026-03-15", "the marina"), &context).unwrap();
    assert_eq!(version(&late), 2_026_031_500);
    assert!(late.notes.iter().any(|note| {
        note.text
            .contains("before the version registered, 2026040100")
    }));
}

#[test]
fn a_variation_leaves_out_what_has_not_changed() {
    let mut context = Context::default();
    let new: serde_json::Value =
        serde_json::from_str(&sample("variation-after-new-order")).unwrap();
    let first = translate(&new[0].to_string(), &context).unwrap();
    registered(&mut context, &first);
    let varied = translate(&variation_of("2026-03-15", "the park"), &context).unwrap();
    let order = &varied.document.orders[0];
    assert_eq!(
        order.responsible_organisation,
        Some(ResponsibleOrganisation::Probation)
    );
    let region = varied.document.wearers[0].probation_region.as_deref();
    assert_eq!(region, Some("north-west"));
}

#[test]
fn nobody_loses_what_is_registered_of_them_by_a_message_that_does_not_say_it() {
    let mut context = Context::default();
    let text = sample("hdc-licence");
    let mut translated = translate(&text, &context).unwrap();
    let wearer = &mut translated.document.wearers[0];
    wearer.flags.extend(["nsd".to_owned(), "iom".to_owned()]);
    wearer.identifiers.visor_ref = Some("V-1".to_owned());
    wearer.identifiers.pnc_id = Some("2011/0123456A".to_owned());
    registered(&mut context, &translated);
    // A court, which knows only the PNC id.
    let bail = translate(&sample("bail-curfew-and-zones"), &context).unwrap();
    let wearer = &bail.document.wearers[0];
    assert_eq!(wearer.id.as_str(), "delius-X100004");
    let flags: Vec<&str> = wearer.flags.iter().map(String::as_str).collect();
    assert_eq!(flags, ["domestic-abuse", "high-risk", "iom", "nsd"]);
    assert_eq!(wearer.identifiers.visor_ref.as_deref(), Some("V-1"));
    assert_eq!(wearer.mappa.unwrap().level, 2);
    assert_eq!(wearer.probation_region.as_deref(), Some("west-midlands"));
    assert!(
        bail.notes
            .iter()
            .any(|note| note.text.ends_with("high-risk, iom, nsd"))
    );
}

#[test]
fn identifiers_of_several_people_are_nobodys() {
    let mut context = Context::default();
    for name in ["hdc-licence", "community-alcohol-and-attendance"] {
        let mut translated = translate(&sample(name), &context).unwrap();
        translated.document.wearers[0].identifiers.pnc_id = Some("2011/0123456A".to_owned());
        registered(&mut context, &translated);
    }
    let refused = translate(&sample("bail-curfew-and-zones"), &context).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("delius-X100002, delius-X100004"),
        "{refused}"
    );
}

#[test]
fn the_force_of_the_installation_never_replaces_one_that_is_registered() {
    let settings = Settings {
        police_force: Some("loamshire".to_owned()),
        ..Settings::default()
    };
    let mut context = Context {
        settings,
        ..Context::default()
    };
    let text = sample("immigration-non-fitted");
    let mut translated = translate(&text, &context).unwrap();
    translated.document.wearers[0].police_force = Some("kent".to_owned());
    registered(&mut context, &translated);
    let again = translate(&text, &context).unwrap();
    assert_eq!(
        again.document.wearers[0].police_force.as_deref(),
        Some("kent")
    );
}

#[test]
fn a_zone_that_is_drawn_is_not_missing_until_its_words_change() {
    let mut context = Context::default();
    let text = variation_of("2026-03-15", "The marina");
    let first = translate(&text, &context).unwrap();
    let GeometryKind::Zone(drawn) = &first.missing[0].what else {
        panic!("{:?}", first.missing);
    };
    context.geometries.zones.insert(drawn.clone());
    assert_eq!(translate(&text, &context).unwrap().missing, []);
    let spaced = variation_of("2026-03-15", "the  Marina.");
    assert_eq!(translate(&spaced, &context).unwrap().missing, []);
    let other = variation_of("2026-03-16", "The marina and the boatyard");
    assert_eq!(translate(&other, &context).unwrap().missing.len(), 1);
}

#[test]
fn an_address_is_placed_by_a_table_of_addresses_or_by_its_id() {
    let text = sample("hdc-licence");
    let spot = Spot {
        lat: Latitude::new(52.9).unwrap(),
        lon: Longitude::new(-2.3).unwrap(),
        radius_m: Metres(40.0),
    };
    let mut context = Context::default();
    let missing = translate(&text, &context).unwrap().missing;
    let GeometryKind::Place(id) = &missing[0].what else {
        panic!("{missing:?}");
    };
    context
        .geometries
        .addresses
        .insert(address_key(&missing[0].text), spot);
    let by_address = translate(&text, &context).unwrap();
    let place = Place {
        id: id.clone(),
        lat: spot.lat,
        lon: spot.lon,
        radius_m: spot.radius_m,
    };
    assert_eq!(by_address.document.places.first(), Some(&place));
    assert_eq!(by_address.missing, []);
    let mut context = Context::default();
    context.geometries.places.insert(id.clone(), place.clone());
    assert_eq!(translate(&text, &context).unwrap().document.places, [place]);
}

#[test]
fn an_order_that_names_no_police_force_has_that_of_the_installation() {
    let settings = Settings {
        police_force: Some("loamshire".to_owned()),
        ..Settings::default()
    };
    let context = Context {
        settings,
        ..Context::default()
    };
    let translated = translate(&sample("immigration-non-fitted"), &context).unwrap();
    let force = translated.document.wearers[0].police_force.as_deref();
    assert_eq!(force, Some("loamshire"));
    let named = translate(&sample("hdc-licence"), &context).unwrap();
    let force = named.document.wearers[0].police_force.as_deref();
    assert_eq!(force, Some("avon-and-somerset"));
}

#[test]
fn a_suspension_lasts_until_the_next_variation() {
    let mut context = Context::default();
    let suspended = translate(&sample("suspension"), &context).unwrap();
    registered(&mut context, &suspended);
    let [open] = suspended.document.orders[0].suspensions.as_slice() else {
        panic!("{suspended:?}");
    };
    assert_eq!(
        (open.from.to_string().as_str(), open.to),
        ("2026-04-01T23:00:00Z", None)
    );
    let again = translate(&sample("suspension"), &context).unwrap();
    assert_eq!(again.document, suspended.document);
    let varied = translate(&variation_of("2026-05-01", "the marina"), &context).unwrap();
    let [closed] = varied.document.orders[0].suspensions.as_slice() else {
        panic!("{varied:?}");
    };
    assert_eq!(closed.to.unwrap().to_string(), "2026-04-30T23:00:00Z");
    assert!(
        varied
            .notes
            .iter()
            .any(|note| note.text.starts_with("ends the suspension"))
    );
}
