//! What a file is, and what it says.

use std::path::Path;

use anyhow::Context;
use model::ZoneSetId;
use registry::{Document, Meter};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::commands::output::say;
use crate::config::Config;
use crate::registrar::hmpps::in_words;
use crate::registrar::{self, Proposal};
use crate::store::Store;

/// A file that was read.
pub(super) enum Source {
    /// A registry document, or zones.
    Registry(Document),
    /// Orders of HMPPS: the text, which is translated with the registry in mind.
    Orders(String),
}

/// Reads a file; zones become the shared set `set`, where one is named. `meter` counts its bytes.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(path: &Path, set: Option<&ZoneSetId>, meter: &Meter) -> anyhow::Result<Source> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(match Form::of(&text) {
        Form::Zones => Source::Registry(registry::read_zones(path, text, set, meter)),
        Form::Registry => Source::Registry(registry::read_text(path, text, meter)),
        Form::Orders => {
            meter.advance(text.len());
            Source::Orders(text)
        }
    })
}

/// What a text looks like. What is no JSON is told by whoever reads it for good, with line and column.
enum Form {
    Registry,
    Zones,
    Orders,
}

impl Form {
    fn of(text: &str) -> Self {
        // A large document is not taken apart to find out that it is one.
        let head: Head = serde_json::from_str(text).unwrap_or_default();
        if head.kind.as_deref() == Some("FeatureCollection") {
            return Self::Zones;
        }
        if head.wearers.or(head.orders).or(head.activations).is_some() {
            return Self::Registry;
        }
        match serde_json::from_str(text) {
            Ok(value) if hmpps::is_order(&value) => Self::Orders,
            Ok(_) | Err(_) => Self::Registry,
        }
    }
}

#[derive(Default, Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: Option<String>,
    wearers: Option<IgnoredAny>,
    orders: Option<IgnoredAny>,
    activations: Option<IgnoredAny>,
}

/// What the files propose together, and where in them it stands.
///
/// # Errors
/// When orders cannot be translated, or the store fails.
pub(super) async fn together(
    sources: Vec<Source>,
    config: &Config,
    store: &dyn Store,
) -> anyhow::Result<(Proposal, Document)> {
    let mut documents = Document::default();
    let mut texts = Vec::new();
    for source in sources {
        match source {
            Source::Registry(document) => documents.join(document),
            Source::Orders(text) => texts.push(text),
        }
    }
    let mut together = Proposal {
        put: documents.changes().to_vec(),
        ..Proposal::default()
    };
    if texts.is_empty() {
        return Ok((together, documents));
    }
    let mut context = registrar::hmpps::context(store, config.hmpps.settings()).await?;
    registrar::hmpps::know_all(&mut context, &together.put);
    for text in texts {
        let orders = registrar::hmpps::translate(&text, &context)?;
        orders
            .notes
            .iter()
            .for_each(|note| say(&format!("note: {note}")));
        orders
            .missing
            .iter()
            .for_each(|missing| say(&in_words(missing)));
        registrar::hmpps::know_all(&mut context, &orders.proposal.put);
        together.build_on(orders.proposal);
    }
    Ok((together, documents))
}
