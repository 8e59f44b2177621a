//! From texts to changes, with the place of everything that is wrong.
//!
//! A document is taken apart level by level into `RawValue`s, which are slices of the text: where
//! something stands is where its slice starts, so that no position is kept for what is right. A path
//! is followed into the text only where there is something to tell of it.

mod features;
mod lists;
mod members;
mod path;
mod reading;
mod source;
mod strike;
mod words;

#[cfg(test)]
mod tests;

use std::path::Path as FilePath;
use std::sync::Arc;

use model::ZoneSetId;
use model::registry::RegistryKey;

use crate::meter::Meter;

pub(crate) use features::part;
use features::whole;
pub(crate) use lists::{document, known_once, members};
pub(crate) use path::Path;
pub(crate) use reading::{Reading, Spot, fault};
pub(crate) use source::Source;

/// Reads a registry document. Files it names are looked for in `folder`; without one, none is read.
pub(crate) fn registry(source: Source, folder: Option<&FilePath>, meter: &Meter) -> Reading {
    read(source, meter, |spot, reading| {
        document(spot, folder, reading);
    })
}

/// Reads one part on its own.
pub(crate) fn one(source: Source, key: &RegistryKey) -> Reading {
    read(source, &Meter::default(), |spot, reading| {
        lists::part(key, spot, reading);
    })
}

/// Reads a feature collection: zones, or the shared set of that name.
pub(crate) fn zones(source: Source, set: Option<&ZoneSetId>, meter: &Meter) -> Reading {
    read(source, meter, |spot, reading| match set {
        Some(id) => features::zone_set(id, spot, None, reading),
        None => features::zones(spot, None, reading),
    })
}

fn read(source: Source, meter: &Meter, each: impl FnOnce(&Spot<'_>, &mut Reading)) -> Reading {
    let source = Arc::new(source);
    let mut reading = Reading {
        meter: meter.clone(),
        ..Reading::default()
    };
    if let Some(spot) = whole(&source, &mut reading) {
        each(&spot, &mut reading);
    }
    reading
}
