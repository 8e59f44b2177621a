//! From a text to a registry document.

use model::registry::RegistryDocument;
use serde_json::Value;

use crate::bundle::pairs;
use crate::findings::{Fault, Findings, Note, Refused};
use crate::known::Known;
use crate::order::{self, One};
use crate::{Context, MissingGeometry};

/// What a text comes to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Translated {
    /// Wearers, orders, and the places that are known. Zones are named, never defined.
    pub document: RegistryDocument,
    /// What has to be put on the map before the conditions that want it can be watched.
    pub missing: Vec<MissingGeometry>,
    /// What an operator should know.
    pub notes: Vec<Note>,
}

/// Translates one order with its wearer, or a list of them, as the service sends them.
///
/// # Errors
/// When anything in it is wrong: all that is, and nothing is translated.
pub fn translate(text: &str, context: &Context) -> Result<Translated, Refused> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Refused(vec![Fault {
            path: "$".to_owned(),
            value: error.to_string(),
            right: "should be JSON".to_owned(),
        }])
    })?;
    let mut findings = Findings::default();
    let mut translated = Translated::default();
    let pairs = pairs(&value, &mut findings);
    // An order further down may vary one further up.
    let mut known = Known::new(context);
    for pair in &pairs {
        if let Some(one) = order::read(pair, &known, &mut findings) {
            known.add(&one.order, &one.wearer);
            translated.add(one, &pair.order.0, &mut findings);
        }
    }
    if pairs.is_empty() && findings.faults.is_empty() {
        findings.fault("$", "no order", "should be an order with its wearer");
    }
    if !findings.faults.is_empty() {
        return Err(Refused(findings.faults));
    }
    translated.notes = findings.notes;
    Ok(translated)
}

impl Translated {
    fn add(&mut self, one: One, path: &str, findings: &mut Findings) {
        let One {
            order,
            wearer,
            places,
            missing,
        } = one;
        let orders = &mut self.document.orders;
        if let Some(index) = orders.iter().position(|other| other.id == order.id) {
            findings.note(
                path,
                "an order that is there twice: the higher version is taken",
            );
            if orders
                .get(index)
                .is_some_and(|other| order.version < other.version)
            {
                return;
            }
            let replaced = orders.remove(index);
            self.missing.retain(|missing| missing.order != replaced.id);
        }
        orders.push(order);
        let wearers = &mut self.document.wearers;
        match wearers.iter_mut().find(|other| other.id == wearer.id) {
            Some(other) if *other == wearer => {}
            Some(other) => {
                findings.note(
                    path,
                    "says other things of its wearer than an order above: these are taken",
                );
                *other = wearer;
            }
            None => wearers.push(wearer),
        }
        let known = &mut self.document.places;
        let new = places
            .into_iter()
            .filter(|place| !known.iter().any(|other| other.id == place.id));
        let new: Vec<_> = new.collect();
        known.extend(new);
        self.missing.extend(missing);
    }
}
