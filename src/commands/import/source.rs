//! What a file is, and what it says.

use std::path::Path;

use anyhow::{Context, bail};
use model::ZoneSetId;
use registry::{Document, Problem, Problems};
use serde_json::Value;

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

/// Reads a file; zones become the shared set `set`, where one is named.
///
/// # Errors
/// When it cannot be read, or says what cannot be.
pub(super) fn read(path: &Path, set: Option<&ZoneSetId>) -> anyhow::Result<Source> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    // What is no JSON is told by whoever reads it for good, with line and column.
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let document = if value
        .get("type")
        .is_some_and(|kind| kind == "FeatureCollection")
    {
        registry::read_zones(path, text, set)?
    } else if hmpps::is_order(&value) {
        return Ok(Source::Orders(text));
    } else {
        registry::read_text(path, text)?
    };
    Ok(Source::Registry(document))
}

/// What the files propose together, and where in them it stands.
///
/// # Errors
/// When the files contradict each other, orders cannot be translated, or the store fails.
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
    if documents.problems().iter().any(Problem::is_error) {
        let contradictions: Problems = documents.problems().iter().cloned().collect();
        bail!("nothing is registered:\n{contradictions}");
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
