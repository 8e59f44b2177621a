//! Orders of HMPPS: translated with what is registered already in mind.

use hmpps::{Context, Geometries, GeometryKind, MissingGeometry, Note, Settings, Translated};
use model::PolicyChange;
use model::registry::RegistryKey;

use super::amend::Proposal;
use super::known::everything;
use crate::store::{Store, StoreError};

/// An order, or several, as they would be registered.
#[derive(Debug, Default)]
pub struct Orders {
    /// What is to be registered.
    pub proposal: Proposal,
    /// What has to be put on the map before all of it can be watched. Its texts are personal data.
    pub missing: Vec<MissingGeometry>,
    /// What an operator should know.
    pub notes: Vec<Note>,
}

/// What is known of the orders, wearers and geometries that orders of HMPPS may be about.
///
/// # Errors
/// When the store fails.
pub async fn context(store: &dyn Store, settings: Settings) -> Result<Context, StoreError> {
    let mut context = Context {
        settings,
        ..Context::default()
    };
    know_all(&mut context, &everything(store).await?);
    Ok(context)
}

/// Takes notice of what is registered, or about to be.
pub fn know_all(context: &mut Context, changes: &[PolicyChange]) {
    changes
        .iter()
        .cloned()
        .for_each(|change| know(context, change));
}

fn know(context: &mut Context, change: PolicyChange) {
    let Geometries { zones, places, .. } = &mut context.geometries;
    match change {
        PolicyChange::Zone(zone) => {
            zones.insert(zone.id);
        }
        PolicyChange::Place(place) => {
            places.insert(place.id.clone(), place);
        }
        PolicyChange::Wearer(wearer) => {
            context.wearers.insert(wearer.id.clone(), wearer);
        }
        PolicyChange::Order(order) => {
            context.orders.insert(order.id.clone(), order);
        }
        PolicyChange::ZoneSet { .. }
        | PolicyChange::Activation(_)
        | PolicyChange::Absence(_)
        | PolicyChange::Removed(_)
        | PolicyChange::Revision { .. }
        | PolicyChange::Rules { .. }
        | PolicyChange::IntakeGap { .. }
        | PolicyChange::BrokerDropped(_)
        | PolicyChange::Stray { .. } => {}
    }
}

/// Translates a text of the service's.
///
/// # Errors
/// When anything in it is wrong: all that is.
pub fn translate(text: &str, context: &Context) -> Result<Orders, hmpps::Refused> {
    let Translated {
        document,
        missing,
        notes,
    } = hmpps::translate(text, context)?;
    let places = document.places.into_iter().map(PolicyChange::Place);
    let wearers = document.wearers.into_iter().map(PolicyChange::Wearer);
    let orders = document.orders.into_iter().map(PolicyChange::Order);
    let absent = missing.iter().map(|missing| match &missing.what {
        GeometryKind::Zone(id) => RegistryKey::Zone(id.clone()),
        GeometryKind::Place(id) => RegistryKey::Place(id.clone()),
    });
    let proposal = Proposal {
        put: places.chain(wearers).chain(orders).collect(),
        missing: absent.collect(),
        ..Proposal::default()
    };
    Ok(Orders {
        proposal,
        missing,
        notes,
    })
}

/// For whoever registers the order: it holds the order's own words, and is not for a log.
#[must_use]
pub fn in_words(missing: &MissingGeometry) -> String {
    let kind = match &missing.what {
        GeometryKind::Zone(id) => format!("zone {id}"),
        GeometryKind::Place(id) => format!("place {id}"),
    };
    let hours = missing.duration.as_deref().unwrap_or("not said");
    format!(
        "geometry missing: {kind} of order {}, condition {}: {:?}, in force: {hours:?}",
        missing.order, missing.condition, missing.text
    )
}
