//! `simulator load`: a scenario's load, at the times planned.

use crate::load::Straps;
use crate::report::table;
use crate::run::{LoadPlan, Rig, load};
use anyhow::{Context as _, Result};
use clap::Args;
use model::DecisionKind;

use super::output::{conclude, print};
use super::scene::Scene;
use super::target::Target;

#[derive(Debug, Args)]
pub(crate) struct Load {
    #[command(flatten)]
    pub(super) scene: Scene,
    #[command(flatten)]
    pub(super) target: Target,
}

impl Load {
    /// What is to be run: with as many partitions as the installation has.
    pub(super) async fn plan(&self, rig: &Rig) -> Result<LoadPlan> {
        let scenario = self.scene.scenario()?;
        let mut scenario = scenario.context("a load needs a --scenario with a [load] section")?;
        if let Some(installation) = &rig.installation {
            scenario.partitions = installation.partitions().await?;
        }
        Ok(LoadPlan::of(&scenario)?)
    }
}

/// Runs a load, prints and keeps its report, and fails where its figures do not hold or something was
/// lost.
pub(crate) fn run(arguments: &Load) -> Result<()> {
    let rig = arguments.target.rig()?;
    let report = super::runtime()?.block_on(async {
        let plan = arguments.plan(&rig).await?;
        let mut straps = straps(&rig).await?;
        Ok::<_, anyhow::Error>(load(&plan, &mut straps, &rig).await?)
    })?;
    print(&table(&report))?;
    conclude(&report, arguments.target.report.as_deref())
}

/// Everybody's strap but of those who have an open alert of one.
pub(super) async fn straps(rig: &Rig) -> Result<Straps> {
    let open = match &rig.installation {
        Some(installation) => installation.with_open(DecisionKind::StrapTamper).await?,
        None => Vec::new(),
    };
    Ok(Straps::new(open))
}
