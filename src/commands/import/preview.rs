//! What an import would have changed, had it been made some days ago.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use chrono::TimeDelta;
use registry::Document;

use crate::commands::output::print;
use crate::config::{Config, Policies};
use crate::registrar::{Proposal, Registrar};
use crate::runtime::clock::Clock;
use crate::runtime::preview::{Episode, Question, WearerPreview, preview};
use crate::store::Store;

/// Judges the readings of the last `days` under the rules configured, as things are registered and as
/// they would be, and prints the difference.
///
/// # Errors
/// When the proposal says what cannot be, or the store fails.
pub(super) async fn show(
    proposal: &Proposal,
    documents: &Document,
    days: u16,
    config: &Config,
    store: &Arc<dyn Store>,
) -> anyhow::Result<ExitCode> {
    let registrar = Registrar::new(Arc::clone(store));
    let until = Clock::system().now();
    let rehearsed = registrar.rehearse_documents(documents, proposal.clone(), until);
    if let Err(refusal) = rehearsed.await {
        bail!("it would be refused:\n{refusal}");
    }
    let rules = Policies::load(&config.policies)?.rules.policy;
    let question = Question {
        proposal,
        rules: &rules,
        partitions: config.partitions,
        since: until.minus(TimeDelta::days(days.into())),
        until,
    };
    let preview = preview(&**store, &question).await?;
    for wearer in &preview.wearers {
        print_wearer(wearer)?;
    }
    let otherwise = preview.wearers.len();
    print(&format!(
        "{} wearers judged again over {days} days: otherwise for {otherwise}",
        preview.judged
    ))?;
    if preview.not_judged > 0 {
        print(&format!(
            "{} more are concerned, and were not judged",
            preview.not_judged
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn print_wearer(preview: &WearerPreview) -> anyhow::Result<()> {
    let WearerPreview {
        wearer,
        readings,
        raised,
        not_raised,
        same,
    } = preview;
    print(&format!(
        "{wearer}: {readings} readings, {same} episodes as they were"
    ))?;
    for episode in raised {
        print(&format!("  + {}", in_words(episode)))?;
    }
    for episode in not_raised {
        print(&format!("  - {}", in_words(episode)))?;
    }
    Ok(())
}

fn in_words(episode: &Episode) -> String {
    let Episode { opened, cleared } = episode;
    let condition = opened.condition.as_ref();
    let of = condition.map_or_else(String::new, |condition| format!(" of {condition}"));
    let until = cleared.map_or_else(
        || "not cleared".to_owned(),
        |cleared| format!("cleared {cleared}"),
    );
    format!(
        "{}{of}: from {}, decided {}, {until}",
        opened.kind, opened.onset, opened.decided
    )
}
