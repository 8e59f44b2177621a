//! `tagwatch explain-route`: which route took a decision, and why the others did not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use model::registry::{Order, Wearer};
use model::{AlertId, Decision, PolicyChange};
use serde::Deserialize;

use super::audit;
use super::output::print;
use crate::config::{self, Config, Policies};
use crate::store::registry::RegistryQuery;
use crate::store::{Store, StoreAddress};

/// Arguments of `tagwatch explain-route`.
#[derive(Debug, Args)]
pub struct ExplainRoute {
    /// Configuration file (TOML) of the installation
    #[arg(long, required_unless_present = "case")]
    config: Option<PathBuf>,
    /// The alert
    #[arg(long, value_parser = AlertId::parse, required_unless_present = "case", conflicts_with = "case")]
    alert: Option<AlertId>,
    /// Which of its decisions; the newest if it is not said
    #[arg(long, requires = "alert")]
    revision: Option<u32>,
    /// Instead of an alert a file (JSON) with a `decision` and, as far as they matter, `wearer` and `order`
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,
    /// Another routing policy (TOML) than the installation's
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    /// Who looks at the alert, for the audit trail
    #[arg(long, default_value_t = audit::whoever_runs_this())]
    by: String,
    /// Why, for the audit trail
    #[arg(long)]
    reason: Option<String>,
}

/// What is routed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    decision: Decision,
    #[serde(default)]
    wearer: Option<Wearer>,
    #[serde(default)]
    order: Option<Order>,
}

/// Prints what each route makes of a decision, and what comes of it.
///
/// # Errors
/// When a file cannot be read, there is no such alert, or the store fails.
pub fn explain_route(arguments: &ExplainRoute) -> anyhow::Result<ExitCode> {
    let config = arguments.config.as_deref().map(config::load).transpose()?;
    let configured = config
        .as_ref()
        .and_then(|config| config.policies.routing.as_deref());
    let policy = Policies::routing(arguments.policy.as_deref().or(configured))?;
    let case = match (&arguments.case, &arguments.alert, &config) {
        (Some(path), _, _) => from_file(path)?,
        (None, Some(alert), Some(config)) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(from_store(arguments, *alert, config))?,
        (None, _, _) => bail!("give --alert with --config, or --case"),
    };
    let (wearer, order) = (case.wearer.as_ref(), case.order.as_ref());
    let explanation = policy.explain(&case.decision, wearer, order);
    print(&if arguments.json {
        serde_json::to_string_pretty(&explanation)?
    } else {
        explanation.to_string()
    })?;
    Ok(ExitCode::SUCCESS)
}

fn from_file(path: &Path) -> anyhow::Result<Case> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut json = serde_json::Deserializer::from_str(&text);
    serde_path_to_error::deserialize(&mut json)
        .with_context(|| format!("{} is no case", path.display()))
}

async fn from_store(
    arguments: &ExplainRoute,
    alert: AlertId,
    config: &Config,
) -> anyhow::Result<Case> {
    let store = StoreAddress::of(&config.store)?
        .open(&config.store.postgres)
        .await?;
    let (by, reason) = (&arguments.by, arguments.reason.clone());
    audit::note(&*store, by, "alert.explain", alert.to_string(), reason).await?;
    let case = read(&*store, alert, arguments.revision).await;
    store.close().await;
    case
}

/// A decision as it was made, with the profile and the order as they were registered then.
async fn read(store: &dyn Store, alert: AlertId, revision: Option<u32>) -> anyhow::Result<Case> {
    let decisions = store.decisions(alert).await?;
    let wanted = |decision: &Decision| revision.is_none_or(|wanted| decision.revision == wanted);
    let decision = decisions.into_iter().rfind(wanted);
    let decision = decision.with_context(|| match revision {
        Some(revision) => format!("there is no revision {revision} of alert {alert}"),
        None => format!("there is no alert {alert}"),
    })?;
    let as_of = match decision.registry {
        Some(revision) => revision,
        None => store.registry_revision().await?,
    };
    let mut parts = Vec::new();
    for kind in ["wearer", "order"] {
        let query = RegistryQuery {
            kind,
            wearer: Some(decision.wearer.clone()),
            share: None,
            after: None,
            visible_to: None,
            limit: PARTS_MAX,
        };
        parts.extend(store.registry_at(as_of, &query).await?);
    }
    let mut case = Case {
        decision,
        wearer: None,
        order: None,
    };
    for change in parts.into_iter().filter_map(|part| part.change) {
        if let PolicyChange::Wearer(wearer) = change {
            case.wearer = Some(wearer);
        } else if let PolicyChange::Order(order) = change
            && is_under(&order, &case.decision)
        {
            case.order = Some(order);
        }
    }
    Ok(case)
}

/// Orders of one wearer: a handful, over all the years.
const PARTS_MAX: usize = 1_000;

/// Whether a decision is under an order: the one it names or, where it is about a device, one that was in
/// force.
fn is_under(order: &Order, decision: &Decision) -> bool {
    match &decision.order {
        Some(id) => order.id == *id,
        None => {
            let at = decision.decided;
            order.from <= at && order.to.is_none_or(|to| at < to)
        }
    }
}
